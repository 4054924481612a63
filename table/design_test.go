package table_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

type order struct {
	Customer string `dynamodbav:"customer"`
	ID       string `dynamodbav:"id"`
	Status   string `dynamodbav:"status"`
	Total    int    `dynamodbav:"total"`
	Ends     int64  `dynamodbav:"ends"`
}

type line struct {
	Customer string `dynamodbav:"customer"`
	Order    string `dynamodbav:"order"`
	Number   int    `dynamodbav:"number"`
	Product  string `dynamodbav:"product"`
	Total    string `dynamodbav:"total"`
}

func orderSpec() repo.Spec {
	return repo.Spec{
		Table:   "shop",
		Key:     key.Spec{Hash: key.Composite("pk", key.Literal("CUSTOMER"), key.String("customer")), Range: key.Composite("sk", key.Literal("ORDER"), key.String("id"))},
		Indexes: []index.Spec{index.Global("status_idx", key.String("status"), key.Int("total"))},
		TTL:     repo.TTL{Attr: "ends", Hide: true},
	}
}

func lineSpec() repo.Spec {
	return repo.Spec{
		Table: "shop",
		Key: key.Spec{
			Hash:  key.Composite("pk", key.Literal("CUSTOMER"), key.String("customer")),
			Range: key.Composite("sk", key.Literal("LINE"), key.String("order"), key.Int("number").Sortable()),
		},
		Indexes:    []index.Spec{index.Global("product_idx", key.String("product"))},
		Throughput: index.Throughput{Read: 5, Write: 5},
	}
}

func shop(t *testing.T, db *repo.DB, orders, lines func(*repo.Spec)) (*repo.Repo[order], *repo.Repo[line]) {
	t.Helper()
	o, l := orderSpec(), lineSpec()
	orders(&o)
	lines(&l)
	or, err := repo.New[order](db, o)
	require.NoError(t, err)
	lr, err := repo.New[line](db, l)
	require.NoError(t, err)
	return or, lr
}

func same(*repo.Spec) {}

// TestOf: models of one table are one design, with what each of them says.
func TestOf(t *testing.T) {
	t.Parallel()
	m, _ := model(t)
	orders, lines := shop(t, m.DB(), same, same)
	d, err := table.Of(table.Settings{Stream: types.StreamViewTypeKeysOnly, Tags: nil}, orders, lines, orders)
	require.NoError(t, err)
	assert.Same(t, m.DB(), d.DB())
	assert.Equal(t, orders.Table(), d.Table())
	assert.Equal(t, types.StreamViewTypeKeysOnly, d.Settings().Stream)
	spec := d.Spec()
	assert.Equal(t, repo.TTL{Attr: "ends"}, spec.TTL)
	assert.Equal(t, index.Throughput{Read: 5, Write: 5}, spec.Throughput)
	require.Len(t, spec.Indexes, 2)

	_, err = table.Create(t.Context(), d, quick(5))
	require.NoError(t, err)
	assert.True(t, diff(t, d).Empty())
	assert.False(t, diff(t, lines).Empty(), "one model alone is not the table")

	all, err := table.Designs(orders, m, lines)
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, []string{orders.Table(), m.Table()}, []string{all[0].Table(), all[1].Table()})
	assert.Len(t, all[0].Spec().Indexes, 2)
}

// TestConflicts: what models declare in two ways is named, all of it at once.
func TestConflicts(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	other, _ := model(t)
	tests := map[string]struct {
		orders, lines func(*repo.Spec)
		want          []string
	}{
		"none": {},
		"keys": {
			orders: func(s *repo.Spec) { s.Key.Range, s.Indexes = key.Part{}, nil },
			want:   []string{"the key"},
		},
		"indexes": {
			orders: func(s *repo.Spec) {
				s.Indexes = append(s.Indexes, index.Global("product_idx", key.String("id")), index.Local("own_idx", key.String("status")))
			},
			lines: func(s *repo.Spec) {
				s.Indexes = append(s.Indexes, index.Global("status_idx", key.String("product")).KeysOnly(), index.Global("own_idx", key.String("product")))
			},
			want: []string{"index product_idx", "index status_idx", "index own_idx"},
		},
		"types": {
			lines: func(s *repo.Spec) { s.Indexes = append(s.Indexes, index.Global("total_idx", key.String("total"))) },
			want:  []string{"the type of attribute total"},
		},
		"capacity": {
			orders: func(s *repo.Spec) {
				s.Throughput = index.Throughput{Read: 1}
				s.Indexes = []index.Spec{index.Global("status_idx", key.String("customer")).WithThroughput(1, 1)}
			},
			lines: func(s *repo.Spec) {
				s.Indexes = []index.Spec{index.Global("status_idx", key.String("customer")).WithThroughput(2, 1)}
			},
			want: []string{"the throughput of index status_idx", "the throughput"},
		},
		"billing": {
			orders: func(s *repo.Spec) { s.OnDemand = true },
			want:   []string{"the billing mode"},
		},
		"billing, nothing declared": {
			orders: func(s *repo.Spec) { s.OnDemand = true },
			lines:  func(s *repo.Spec) { s.Throughput = index.Throughput{} },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.orders == nil {
				tt.orders = same
			}
			if tt.lines == nil {
				tt.lines = same
			}
			orders, lines := shop(t, m.DB(), tt.orders, tt.lines)
			_, err := table.Of(table.Settings{}, orders, lines)
			_, other := table.Designs(orders, lines)
			assert.Equal(t, err == nil, other == nil)
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, table.ErrConflict)
			var outer *table.Error
			require.ErrorAs(t, err, &outer)
			joined, ok := outer.Unwrap().(interface{ Unwrap() []error })
			require.True(t, ok)
			var told, want []string
			for _, e := range joined.Unwrap() {
				told = append(told, e.Error())
			}
			for _, what := range tt.want {
				want = append(want, orders.Table()+": *repo.Repo[github.com/dynarepo/dynarepo/table_test.line] declares "+what+" otherwise than the models before it")
			}
			assert.ElementsMatch(t, want, told)
		})
	}
	orders, _ := shop(t, m.DB(), same, same)
	_, err := table.Of(table.Settings{}, orders, m)
	require.ErrorContains(t, err, "the table's name")
	elsewhere, _ := shop(t, other.DB(), same, same)
	_, err = table.Of(table.Settings{}, orders, elsewhere)
	require.ErrorIs(t, err, table.ErrConflict)
	_, err = table.Of(table.Settings{})
	require.ErrorIs(t, err, repo.ErrInvalid)
	_, err = table.Of(table.Settings{Stream: "ALL"}, orders)
	require.ErrorIs(t, err, repo.ErrInvalid)
	assert.Zero(t, tr.Total())
}

// TestTTLConflict: a table has one TTL attribute.
func TestTTLConflict(t *testing.T) {
	t.Parallel()
	m, _ := model(t, func(s *repo.Spec) { s.TTL.Attr = "account" })
	other := declare(t, m, func(s *repo.Spec) { s.TTL.Attr = "position" })
	_, err := table.Of(table.Settings{}, m, other)
	require.ErrorContains(t, err, "declares the TTL attribute otherwise")
}

// TestConfiguredCapacity: what no model declares comes of the configuration.
func TestConfiguredCapacity(t *testing.T) {
	t.Parallel()
	m, _ := model(t)
	for name, tt := range map[string]struct {
		cfg      repo.Config
		edit     func(*repo.Spec)
		onDemand bool
		want     index.Throughput
	}{
		"units":                  {cfg: repo.Config{Throughput: index.Throughput{Read: 3}}, edit: same, want: index.Throughput{Read: 3, Write: 20}},
		"on demand":              {cfg: repo.Config{OnDemand: true}, edit: same, onDemand: true},
		"on demand, but for one": {cfg: repo.Config{OnDemand: true}, edit: func(s *repo.Spec) { s.Throughput.Write = 2 }, want: index.Throughput{Read: 100, Write: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.Namespace = m.DB().Config().Namespace
			db, err := repo.NewDB(m.DB().Client(), &tt.cfg)
			require.NoError(t, err)
			s := spec()
			s.Table = "configured-" + string(rune('a'+len(name)%26))
			tt.edit(&s)
			r, err := repo.New[score](db, s)
			require.NoError(t, err)
			_, err = table.Create(t.Context(), r, quick(5))
			require.NoError(t, err)
			d, err := table.Describe(t.Context(), r)
			require.NoError(t, err)
			assert.Equal(t, tt.onDemand, d.OnDemand)
			assert.Equal(t, tt.want, d.Throughput)
			assert.True(t, diff(t, r).Empty())
		})
	}
}
