package trust_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A shelf is what tables are of.
type shelf struct {
	ID   string `dynamodbav:"id"`
	Kind string `dynamodbav:"kind"`
	Ends int64  `dynamodbav:"ends"`
}

// shelves is a model of shelves; full declares an index and an end of items.
func (w *world) shelves(db *repo.DB, full bool) *repo.Repo[shelf] {
	w.tb.Helper()
	spec := repo.Spec{Table: "shelves", Key: key.Spec{Hash: key.String("id")}}
	if full {
		spec.Indexes = []index.Spec{index.Global("kinds", key.String("kind"))}
		spec.TTL = repo.TTL{Attr: "ends"}
	}
	r, err := repo.New[shelf](db, spec)
	require.NoError(w.tb, err)
	return r
}

// described tells how all tables of the namespace stand, but for what is not of
// their declaration.
func (w *world) described() string {
	w.tb.Helper()
	ctx := context.Background()
	names, err := table.List(ctx, w.calm)
	require.NoError(w.tb, err)
	var lines []string
	for _, name := range names {
		if slices.Contains(w.tables, name) || strings.HasSuffix(name, "_migrations") {
			continue
		}
		out, err := w.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		require.NoError(w.tb, err)
		d := out.Table
		var line strings.Builder
		fmt.Fprint(&line, name, " ", d.TableStatus, " protected ", d.DeletionProtectionEnabled != nil && *d.DeletionProtectionEnabled)
		if p := d.ProvisionedThroughput; p != nil {
			fmt.Fprint(&line, " ", *p.ReadCapacityUnits, "/", *p.WriteCapacityUnits)
		}
		if d.StreamSpecification != nil {
			line.WriteString(" stream " + string(d.StreamSpecification.StreamViewType))
		}
		for _, x := range d.GlobalSecondaryIndexes {
			fmt.Fprint(&line, " index ", *x.IndexName, " ", x.IndexStatus)
		}
		ttl, err := w.client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
		require.NoError(w.tb, err)
		if t := ttl.TimeToLiveDescription; t != nil && t.AttributeName != nil {
			line.WriteString(" ends by " + *t.AttributeName)
		}
		lines = append(lines, line.String())
	}
	return strings.Join(lines, "\n")
}

// There are these tables before an operation on tables.
const (
	none = iota
	bare // without index and end of items
	whole
)

// onTables is an operation on tables. Of what the engine does not support it tells
// so, in whatever way the requests fail.
func onTables(before int, do func(ctx context.Context, w *world, bare, full *repo.Repo[shelf]) error) operation {
	return operation{tables: true, parts: true, begin: func(w *world) func(context.Context) error {
		if before != none {
			_, err := table.Create(context.Background(), w.shelves(w.calm, before == whole), quick)
			require.NoError(w.tb, err)
		}
		return func(ctx context.Context) error {
			err := do(ctx, w, w.shelves(w.db, false), w.shelves(w.db, true))
			if errors.Is(err, table.ErrUnsupported) {
				return nil
			}
			return err
		}
	}}
}

func init() {
	changes := func(_ bool, err error) error { return err }
	for name, op := range map[string]operation{
		"Create": onTables(none, func(ctx context.Context, _ *world, _, full *repo.Repo[shelf]) error {
			_, err := table.Create(ctx, full, brief)
			if e, ok := errors.AsType[*table.Error](err); ok && errors.Is(err, table.ErrDiffers) {
				return table.Apply(ctx, e.Lacks, quick) // as the documents say to go on
			}
			return err
		}),
		"Delete": onTables(whole, func(ctx context.Context, _ *world, _, full *repo.Repo[shelf]) error {
			return changes(table.Delete(ctx, full, quick))
		}),
		"Wait": onTables(whole, func(ctx context.Context, _ *world, _, full *repo.Repo[shelf]) error {
			return table.Wait(ctx, full, quick)
		}),
		"Exists": onTables(whole, func(ctx context.Context, _ *world, _, full *repo.Repo[shelf]) error {
			there, err := table.Exists(ctx, full)
			return right(there, err)
		}),
		"Describe": onTables(whole, func(ctx context.Context, _ *world, _, full *repo.Repo[shelf]) error {
			d, err := table.Describe(ctx, full)
			return right(err != nil || len(d.Indexes) == 1, err)
		}),
		"Inspect": onTables(whole, func(ctx context.Context, _ *world, _, full *repo.Repo[shelf]) error {
			d, err := table.Inspect(ctx, full)
			return right(err != nil || d.TTL.Attr == "ends", err)
		}),
		"List": onTables(whole, func(ctx context.Context, w *world, _, full *repo.Repo[shelf]) error {
			names, err := table.List(ctx, w.db)
			return right(slices.Contains(names, full.Table()), err)
		}),
		"Ping": onTables(none, func(ctx context.Context, w *world, _, _ *repo.Repo[shelf]) error { return table.Ping(ctx, w.db) }),
		"Reset": onTables(whole, func(ctx context.Context, w *world, _, _ *repo.Repo[shelf]) error {
			_, err := table.Reset(ctx, w.db, true, quick)
			return err
		}),
		"Apply": onTables(bare, func(ctx context.Context, w *world, _, full *repo.Repo[shelf]) error {
			live, err := table.Inspect(context.Background(), w.shelves(w.calm, true))
			require.NoError(w.tb, err)
			if err := table.Apply(ctx, table.Diff(full, live), quick); err != nil {
				return err
			}
			return table.Wait(context.Background(), w.shelves(w.calm, true), quick) // which a plan of nothing does not
		}),
		"CreateIndex": onTables(bare, func(ctx context.Context, _ *world, _, full *repo.Repo[shelf]) error {
			return changes(table.CreateIndex(ctx, full, "kinds", quick))
		}),
		"DropIndex": onTables(whole, func(ctx context.Context, _ *world, bare, _ *repo.Repo[shelf]) error {
			return changes(table.DropIndex(ctx, bare, "kinds", quick))
		}),
		"SetOnDemand": onTables(bare, func(ctx context.Context, _ *world, bare, _ *repo.Repo[shelf]) error {
			return changes(table.SetOnDemand(ctx, bare, true, quick))
		}),
		"SetThroughput": onTables(bare, func(ctx context.Context, _ *world, bare, _ *repo.Repo[shelf]) error {
			return changes(table.SetThroughput(ctx, bare, "", index.Throughput{Read: 7, Write: 8}, quick))
		}),
		"SetTTL": onTables(bare, func(ctx context.Context, _ *world, bare, _ *repo.Repo[shelf]) error {
			return changes(table.SetTTL(ctx, bare, "ends", quick))
		}),
		"SetStream": onTables(bare, func(ctx context.Context, _ *world, bare, _ *repo.Repo[shelf]) error {
			return changes(table.SetStream(ctx, bare, types.StreamViewTypeNewImage, quick))
		}),
		"SetProtection": onTables(bare, func(ctx context.Context, _ *world, bare, _ *repo.Repo[shelf]) error {
			return changes(table.SetProtection(ctx, bare, true, quick))
		}),
		"SetRecovery": onTables(bare, func(ctx context.Context, _ *world, bare, _ *repo.Repo[shelf]) error {
			return changes(table.SetRecovery(ctx, bare, true, quick))
		}),
		"SetTags": onTables(bare, func(ctx context.Context, _ *world, bare, _ *repo.Repo[shelf]) error {
			return changes(table.SetTags(ctx, bare, map[string]string{"a": "b"}, quick))
		}),
		"RemoveTags": onTables(bare, func(ctx context.Context, _ *world, bare, _ *repo.Repo[shelf]) error {
			return changes(table.RemoveTags(ctx, bare, []string{"a"}, quick))
		}),
	} {
		operations["table."+name] = op
	}
}
