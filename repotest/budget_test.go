package repotest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/repotest"
)

func TestBudget(t *testing.T) {
	t.Parallel()
	db := repotest.DB(t)
	notes := newRepo[note](t, db, noteSpec())
	repotest.Create(t, notes)
	get := func() {
		_, err := notes.Get(t.Context(), key.Of("me").Range(1))
		require.NoError(t, err)
	}
	find := func() {
		_, err := notes.Where(text.Eq("x")).Collect(t.Context())
		require.NoError(t, err)
	}
	scan := func() {
		_, err := notes.Scan().Collect(t.Context())
		require.NoError(t, err)
	}
	require.NoError(t, notes.Create(t.Context(), &note{User: "me", ID: 1}))
	for name, test := range map[string]struct {
		limits []repotest.Limit
		do     []func()
		want   []string
	}{
		"no limit":              {do: []func(){get, scan}},
		"within":                {limits: []repotest.Limit{repotest.Requests(2), repotest.NoScan()}, do: []func(){get, find}},
		"fewer":                 {limits: []repotest.Limit{repotest.Requests(2)}},
		"within of each":        {limits: []repotest.Limit{repotest.Requests(1, "GetItem"), repotest.Requests(1, "Query")}, do: []func(){get, find}},
		"within of two at once": {limits: []repotest.Limit{repotest.Requests(2, "GetItem", "Query")}, do: []func(){get, scan, find}},
		"the zero limit": {
			limits: []repotest.Limit{{}}, do: []func(){get},
			want: []string{"repotest: 1 request, the budget is 0:\n\t1 GetItem notes"},
		},
		"over": {
			limits: []repotest.Limit{repotest.Requests(2)}, do: []func(){get, find, scan},
			want: []string{"repotest: 3 requests, the budget is 2:\n\t1 GetItem notes\n\t2 Query notes, index by_text\n\t3 Scan notes"},
		},
		"a scan": {
			limits: []repotest.Limit{repotest.Requests(2), repotest.NoScan()}, do: []func(){get, scan},
			want: []string{"repotest: 1 request of Scan, the budget is 0:\n\t1 Scan notes"},
		},
		"over of two at once": {
			limits: []repotest.Limit{repotest.Requests(1, "GetItem", "Query")}, do: []func(){get, scan, find},
			want: []string{"repotest: 2 requests of GetItem, Query, the budget is 1:\n\t1 GetItem notes\n\t2 Query notes, index by_text"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ended := told(t, func(tb testing.TB) {
				end := repotest.Budget(tb, db, test.limits...)
				for _, do := range test.do {
					do()
				}
				end()
				scan()
			})
			assert.Equal(t, test.want, ended, "by end")
			atTheEnd := told(t, func(tb testing.TB) {
				repotest.Budget(tb, db, test.limits...)
				for _, do := range test.do {
					do()
				}
			})
			assert.Equal(t, test.want, atTheEnd, "by the end of the test")
		})
	}
	assert.Equal(t, "first attempts are the library's own, the rest is the SDK's", db.Path())
}

// TestBudgetTellsRepetitions: the SDK's are requests too.
func TestBudgetTellsRepetitions(t *testing.T) {
	t.Parallel()
	db := repotest.DB(t)
	notes := newRepo[note](t, db, noteSpec())
	repotest.Create(t, notes)
	assert.Equal(t, []string{"repotest: 2 requests, the budget is 1:\n\t1 PutItem notes\n\t2 PutItem notes, attempt 2"}, told(t, func(tb testing.TB) {
		repotest.Budget(tb, db, repotest.Requests(1))
		repotest.Inject(tb, db, "PutItem", "throttle")
		require.NoError(t, notes.Put(t.Context(), &note{User: "me"}))
	}))
}

// TestBudgetTellsTables: those of batches and transactions too.
func TestBudgetTellsTables(t *testing.T) {
	t.Parallel()
	db := repotest.DB(t)
	spec := noteSpec()
	spec.Table = "more"
	notes, more := newRepo[note](t, db, noteSpec()), newRepo[note](t, db, spec)
	repotest.Create(t, notes, more)
	ops := []repo.Op{notes.Ops().Put(&note{User: "me"}), more.Ops().Put(&note{User: "me"}), notes.Ops().Put(&note{User: "you"})}
	want := "repotest: 3 requests, the budget is 0:\n\t1 BatchWriteItem more, notes\n\t2 TransactWriteItems more, notes\n\t3 BatchGetItem notes"
	assert.Equal(t, []string{want}, told(t, func(tb testing.TB) {
		repotest.Budget(tb, db, repotest.Requests(0))
		require.NoError(t, db.Batch(t.Context(), ops...))
		require.NoError(t, db.Transact(t.Context(), ops...))
		_, err := notes.GetMany(t.Context(), []key.Value{key.Of("me").Range(0)})
		require.NoError(t, err)
	}))
}

// TestBudgetOfAWrappedClient: that of the database beneath counts.
func TestBudgetOfAWrappedClient(t *testing.T) {
	t.Parallel()
	beneath := repotest.DB(t)
	cfg := beneath.Config()
	db, err := repo.NewDB(struct{ repo.Client }{beneath.Client()}, &cfg)
	require.NoError(t, err)
	repotest.Create(t, newRepo[note](t, beneath, noteSpec()))
	assert.Equal(t, []string{"repotest: 1 request, the budget is 0:\n\t1 PutItem notes"}, told(t, func(tb testing.TB) {
		repotest.Budget(tb, beneath, repotest.Requests(0))
		require.NoError(t, newRepo[note](t, db, noteSpec()).Put(t.Context(), &note{User: "me"}))
	}))
	for _, other := range []*repo.DB{nil, {}, db} {
		want := []string{"repotest: want a database that repotest.DB made"}
		assert.Equal(t, want, told(t, func(tb testing.TB) { repotest.Budget(tb, other) }))
		assert.Equal(t, want, told(t, func(tb testing.TB) { repotest.Inject(tb, other, "*", "pass") }))
	}
}
