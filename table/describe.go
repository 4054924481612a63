package table

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
)

// A Description tells how a table stands.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
type Description struct {
	Name       string // with its namespace
	Status     types.TableStatus
	Items      int64 // as of the last count, which is made about every six hours
	Bytes      int64 // likewise
	Key        Keys
	Indexes    []Index // local ones, then global ones; nil if there is none
	OnDemand   bool
	Throughput index.Throughput // provisioned units; zero if on demand

	SDK *types.TableDescription // all that DynamoDB told
}

// Keys names the key attributes of a table or an index.
type Keys struct {
	Hash  []string // more than one in a global index with a multi-attribute key
	Range []string // nil if there is no sort key
}

// An Index tells how a secondary index stands.
type Index struct {
	Name       string
	Local      bool
	Status     types.IndexStatus // "" for a local index, which is as its table is
	Key        Keys
	Projection types.ProjectionType
	Included   []string // attributes projected besides the keys; nil unless Projection is INCLUDE
	Items      int64    // as of the last count, which is made about every six hours
	Bytes      int64    // likewise
	Throughput index.Throughput
}

// Exists reports whether the table is there, in whatever status. It sends one
// DescribeTable.
func Exists(ctx context.Context, m Model) (bool, error) {
	_, err := Describe(ctx, m)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Describe returns how the table stands. It sends one DescribeTable. Errors:
// [ErrNotFound].
func Describe(ctx context.Context, m Model) (*Description, error) {
	o, err := newOp("Describe", m, nil)
	if err != nil {
		return nil, err
	}
	if err := o.describe(ctx); err != nil {
		return nil, o.fail(err)
	}
	return o.last, nil
}

// describe looks at the table; its absence is [ErrNotFound].
func (o *op) describe(ctx context.Context) error {
	out, err := o.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(o.model.Table())})
	if err != nil {
		o.last = nil
		return notFound(err)
	}
	o.last = newDescription(out.Table)
	return nil
}

// notFound joins [ErrNotFound] to the SDK's error that says so.
func notFound(err error) error {
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); ok {
		return &absent{err}
	}
	return err
}

// absent is [ErrNotFound] without the service's message in its text.
type absent struct{ cause error }

func (a *absent) Error() string   { return ErrNotFound.Error() }
func (a *absent) Unwrap() []error { return []error{ErrNotFound, a.cause} }

func newDescription(t *types.TableDescription) *Description {
	t = cmp.Or(t, &types.TableDescription{})
	d := &Description{
		Name:   aws.ToString(t.TableName),
		Status: t.TableStatus,
		Items:  aws.ToInt64(t.ItemCount),
		Bytes:  aws.ToInt64(t.TableSizeBytes),
		Key:    newKeys(t.KeySchema),
		SDK:    t,
	}
	if b := t.BillingModeSummary; b != nil {
		d.OnDemand = b.BillingMode == types.BillingModePayPerRequest
	}
	d.Throughput = newThroughput(t.ProvisionedThroughput)
	for _, x := range t.LocalSecondaryIndexes {
		idx := Index{Local: true, Name: aws.ToString(x.IndexName), Key: newKeys(x.KeySchema), Items: aws.ToInt64(x.ItemCount), Bytes: aws.ToInt64(x.IndexSizeBytes)}
		d.Indexes = append(d.Indexes, idx.projecting(x.Projection))
	}
	for _, x := range t.GlobalSecondaryIndexes {
		idx := Index{Status: x.IndexStatus, Name: aws.ToString(x.IndexName), Key: newKeys(x.KeySchema), Items: aws.ToInt64(x.ItemCount), Bytes: aws.ToInt64(x.IndexSizeBytes)}
		idx.Throughput = newThroughput(x.ProvisionedThroughput)
		d.Indexes = append(d.Indexes, idx.projecting(x.Projection))
	}
	return d
}

func (x Index) projecting(p *types.Projection) Index {
	if p != nil {
		x.Projection, x.Included = p.ProjectionType, p.NonKeyAttributes
	}
	return x
}

func newKeys(schema []types.KeySchemaElement) Keys {
	var k Keys
	for _, e := range schema {
		if e.KeyType == types.KeyTypeHash {
			k.Hash = append(k.Hash, aws.ToString(e.AttributeName))
		} else {
			k.Range = append(k.Range, aws.ToString(e.AttributeName))
		}
	}
	return k
}

func newThroughput(p *types.ProvisionedThroughputDescription) index.Throughput {
	if p == nil {
		return index.Throughput{}
	}
	return index.Throughput{Read: aws.ToInt64(p.ReadCapacityUnits), Write: aws.ToInt64(p.WriteCapacityUnits)}
}

// pending says what is not ACTIVE, "" if everything is.
func (d *Description) pending() string {
	var parts []string
	if d.Status != types.TableStatusActive {
		parts = append(parts, "the table is "+string(d.Status))
	}
	for _, x := range d.Indexes {
		if !x.Local && x.Status != types.IndexStatusActive {
			parts = append(parts, "index "+x.Name+" is "+string(x.Status))
		}
	}
	return strings.Join(parts, ", ")
}
