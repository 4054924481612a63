package table

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// A Description tells how a table stands.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
type Description struct {
	Name       string // with its namespace
	Status     types.TableStatus
	Items      int64 // as of the last count, which is made about every six hours
	Bytes      int64 // likewise
	Key        Keys
	Types      map[string]types.ScalarAttributeType // of the key attributes of the table and its indexes
	Indexes    []Index                              // local ones, then global ones; nil if there is none
	OnDemand   bool
	Throughput index.Throughput     // provisioned units; zero if on demand
	Stream     types.StreamViewType // "" if there is no stream
	StreamARN  string               // of the latest stream, which may have ended; "" if there never was one
	Protected  bool                 // against deletion

	// What Inspect adds.
	TTL      TTL
	Recovery types.PointInTimeRecoveryStatus // "" if it was not asked for
	Tags     map[string]string               // nil if they were not asked for

	SDK *types.TableDescription // all that DynamoDB told
}

// TTL tells which attribute holds the time after which items are removed.
type TTL struct {
	Attr   string                 // "" if there is none
	Status types.TimeToLiveStatus // "" if it was not asked for
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
	// Backfilling tells that a global index that is CREATING is being filled
	// with the items that are there.
	Backfilling bool
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
	o, err := newOp("Describe", m.DB(), m.Table(), nil)
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
	out, err := o.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(o.table)}, wire.Guard)
	if err != nil {
		o.last = nil
		return told(err)
	}
	o.saw(out.Table)
	return nil
}

// saw keeps how the table was seen last, and what a description of it does not
// tell.
func (o *op) saw(t *types.TableDescription) {
	d := newDescription(t)
	if before := o.last; before != nil {
		d.TTL, d.Recovery, d.Tags = before.TTL, before.Recovery, before.Tags
	}
	o.last = d
}

func newDescription(t *types.TableDescription) *Description {
	t = cmp.Or(t, &types.TableDescription{})
	d := &Description{
		Name:      aws.ToString(t.TableName),
		Status:    t.TableStatus,
		Items:     aws.ToInt64(t.ItemCount),
		Bytes:     aws.ToInt64(t.TableSizeBytes),
		Key:       newKeys(t.KeySchema),
		Stream:    streamOf(t.StreamSpecification),
		StreamARN: aws.ToString(t.LatestStreamArn),
		Protected: aws.ToBool(t.DeletionProtectionEnabled),
		SDK:       t,
	}
	if b := t.BillingModeSummary; b != nil {
		d.OnDemand = b.BillingMode == types.BillingModePayPerRequest
	}
	d.Throughput = newThroughput(t.ProvisionedThroughput)
	d.Types = make(map[string]types.ScalarAttributeType, len(t.AttributeDefinitions))
	for _, def := range t.AttributeDefinitions {
		d.Types[aws.ToString(def.AttributeName)] = def.AttributeType
	}
	for _, x := range t.LocalSecondaryIndexes {
		idx := Index{Local: true, Name: aws.ToString(x.IndexName), Key: newKeys(x.KeySchema), Items: aws.ToInt64(x.ItemCount), Bytes: aws.ToInt64(x.IndexSizeBytes)}
		d.Indexes = append(d.Indexes, idx.projecting(x.Projection))
	}
	for _, x := range t.GlobalSecondaryIndexes {
		idx := Index{Status: x.IndexStatus, Name: aws.ToString(x.IndexName), Key: newKeys(x.KeySchema), Items: aws.ToInt64(x.ItemCount), Bytes: aws.ToInt64(x.IndexSizeBytes)}
		idx.Throughput, idx.Backfilling = newThroughput(x.ProvisionedThroughput), aws.ToBool(x.Backfilling)
		d.Indexes = append(d.Indexes, idx.projecting(x.Projection))
	}
	return d
}

func streamOf(s *types.StreamSpecification) types.StreamViewType {
	if s == nil || !aws.ToBool(s.StreamEnabled) {
		return ""
	}
	return s.StreamViewType
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

// index returns the index of that name, or nil.
func (d *Description) index(name string) *Index {
	if i := slices.IndexFunc(d.Indexes, func(x Index) bool { return x.Name == name }); i >= 0 {
		return &d.Indexes[i]
	}
	return nil
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
