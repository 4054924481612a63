package assoc_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestOf: by batches of 100 ids, as they are needed; no ids, no request;
// dangling ids are skipped and told (rule M2).
func TestOf(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	var c customer
	var all []order
	for i := range 150 {
		o := order{ID: fmt.Sprint(i), Total: i}
		c.OrderIDs = append(c.OrderIDs, o.ID)
		if i%50 != 7 {
			all = append(all, o)
		}
	}
	c.ID = "c"
	batchPut(t, s.orders, all)
	s.tr.Reset()

	items := s.ordersOf.Of(&c)
	assert.Zero(t, s.tr.Total(), "nothing is sent before it is ranged over")
	var lost []key.Value
	got, err := items.Missing(&lost).Collect(ctx)
	require.NoError(t, err)
	assert.Equal(t, all, got, "in the order of the ids")
	assert.Equal(t, map[string]int{"BatchGetItem": 2}, s.tr.Counts())
	assert.Equal(t, [][]any{{"7"}, {"57"}, {"107"}}, [][]any{lost[0].HashParts(), lost[1].HashParts(), lost[2].HashParts()})

	s.tr.Reset()
	for _, err := range items.All(ctx) {
		require.NoError(t, err)
		break
	}
	assert.Equal(t, 1, s.tr.Total())

	even := items.Where(func(o *order) bool { return o.Total%2 == 0 })
	tens := even.Where(func(o *order) bool { return o.Total%10 == 0 })
	few, err := tens.Collect(ctx)
	require.NoError(t, err)
	assert.Len(t, few, 15)
	n, err := items.Count(ctx)
	require.NoError(t, err)
	assert.Equal(t, 147, n, "a filter does not change what it is on (rule M3)")

	s.tr.Reset()
	got, err = s.ordersOf.Of(&customer{ID: "none"}).Collect(ctx)
	require.NoError(t, err)
	assert.Nil(t, got)
	assert.Zero(t, s.tr.Total())
}

// TestOfFails: an error comes last, behind what was read.
func TestOfFails(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c := customer{ID: "c"}
	var all []order
	for i := range 101 {
		all = append(all, order{ID: fmt.Sprint(i)})
		c.OrderIDs = append(c.OrderIDs, all[i].ID)
	}
	batchPut(t, s.orders, all)
	s.tr.On("BatchGetItem").Nth(2).Do(faults.Error(400, "ValidationException"))
	got, err := s.ordersOf.Of(&c).Collect(ctx)
	require.Error(t, err)
	assert.Len(t, got, 100)

	_, err = s.ordersOf.Of(nil).Collect(ctx)
	require.ErrorIs(t, err, repo.ErrInvalid)
	_, err = s.ordersOf.Of(&customer{}).Count(ctx)
	require.ErrorIs(t, err, key.ErrKey)
	_, err = assoc.Items[order]{}.First(ctx)
	require.ErrorIs(t, err, repo.ErrInvalid)
}

// TestLoad: of 100 owners at once, by as many requests as the distinct ids
// take (rule M2).
func TestLoad(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	var all []order
	for i := range 250 {
		all = append(all, order{ID: fmt.Sprint(i), Total: i})
	}
	batchPut(t, s.orders, all)
	owners := make([]customer, 100)
	for i := range owners {
		owners[i].ID = fmt.Sprint("c", i)
		for j := range 5 {
			owners[i].OrderIDs = append(owners[i].OrderIDs, fmt.Sprint((3*i+j)%260))
		}
	}
	owners[99].OrderIDs = nil
	s.tr.Reset()
	loaded, err := s.ordersOf.Load(ctx, owners)
	require.NoError(t, err)
	require.Len(t, loaded, len(owners))
	assert.Equal(t, map[string]int{"BatchGetItem": 3}, s.tr.Counts(), "260 distinct ids")
	missing := 0
	for i, c := range owners {
		var want []string
		for _, id := range c.OrderIDs {
			if slices.ContainsFunc(all, func(o order) bool { return o.ID == id }) {
				want = append(want, id)
			}
		}
		var got []string
		for _, o := range loaded[i].Items {
			got = append(got, o.ID)
		}
		require.Equal(t, want, got, c.ID)
		missing += len(loaded[i].Missing)
		require.Len(t, loaded[i].Missing, len(c.OrderIDs)-len(want))
	}
	assert.Equal(t, 17, missing)

	s.tr.Reset()
	loaded, err = s.ordersOf.Load(ctx, []customer{{ID: "a"}, {ID: "b"}})
	require.NoError(t, err)
	assert.Equal(t, []repo.Many[order]{{}, {}}, loaded)
	assert.Zero(t, s.tr.Total(), "no ids, no request")

	_, err = s.ordersOf.Load(ctx, []customer{{ID: "a", OrderIDs: []string{"1"}}, {}, {}})
	require.ErrorIs(t, err, key.ErrKey)
	assert.Equal(t, 2, strings.Count(err.Error(), "\n")+1, "every fault at once")
	assert.Zero(t, s.tr.Total())
}

// TestLoadFails: what was read is returned beside the error, and what was not
// is not called missing.
func TestLoadFails(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	var all []order
	c := customer{ID: "c"}
	for i := range 150 {
		all = append(all, order{ID: fmt.Sprint(i)})
		c.OrderIDs = append(c.OrderIDs, all[i].ID)
	}
	batchPut(t, s.orders, all)
	s.tr.On("BatchGetItem").Times(1).Do(faults.Error(400, "ValidationException"))
	loaded, err := s.ordersOf.Load(ctx, []customer{c})
	require.ErrorIs(t, err, repo.ErrUnprocessed)
	assert.Empty(t, loaded[0].Missing)
	assert.Contains(t, []int{50, 100}, len(loaded[0].Items))
}

// TestIndexed: a foreign key alone, which an index serves: lazily, by pages,
// and one query an owner (rule M2).
func TestIndexed(t *testing.T) {
	t.Parallel()
	r, posts, comments, tr := blog(t)
	ctx := t.Context()
	owners := []post{{"a"}, {"b"}, {"c"}}
	put(t, posts, owners...)
	var all []comment
	for i := range 10 {
		all = append(all, comment{ID: fmt.Sprint(i), PostID: owners[i%2].ID, At: 10 - i})
	}
	put(t, comments, all...)
	tr.Reset()

	got, err := r.Of(&owners[0]).Collect(ctx)
	require.NoError(t, err)
	assert.Equal(t, []comment{all[8], all[6], all[4], all[2], all[0]}, got, "in the order of the index")
	assert.Equal(t, map[string]int{"Query": 1}, tr.Counts())

	q, err := r.Query(&owners[0])
	require.NoError(t, err)
	got, err = q.Descending().RecordLimit(2).Collect(ctx)
	require.NoError(t, err)
	assert.Equal(t, []comment{all[0], all[2]}, got)

	tr.Reset()
	loaded, err := r.Load(ctx, owners)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"Query": 3}, tr.Counts())
	assert.Equal(t, []int{5, 5, 0}, []int{len(loaded[0].Items), len(loaded[1].Items), len(loaded[2].Items)})

	tr.Reset()
	require.NoError(t, r.Add(ctx, &owners[2], &all[0]))
	assert.Equal(t, map[string]int{"UpdateItem": 1}, tr.Counts(), "one item keeps all of it")
	assert.Equal(t, "c", all[0].PostID)
	require.NoError(t, r.Remove(ctx, &owners[0], &all[0]), "it is another's")
	fresh := comment{ID: "new", At: 1}
	require.NoError(t, r.Create(ctx, &owners[2], &fresh))
	require.NoError(t, r.Replace(ctx, &owners[2], &fresh, &all[1]))
	got, err = r.Of(&owners[2]).Collect(ctx)
	require.NoError(t, err)
	assert.ElementsMatch(t, []comment{{"new", "c", 1}, {"1", "c", 9}}, got)
	assert.NotContains(t, stored(t, comments, "0"), "post_id", "out of the index")

	postOf, err := r.Inverse()
	require.NoError(t, err)
	owner, err := postOf.Of(&fresh).First(ctx)
	require.NoError(t, err)
	assert.Equal(t, owners[2], owner)
	_, err = postOf.Query(&fresh)
	require.ErrorIs(t, err, repo.ErrInvalid)

	require.NoError(t, assoc.Destroy(ctx, posts, &owners[2], r))
	n, err := r.Of(&owners[2]).Count(ctx)
	require.NoError(t, err)
	assert.Zero(t, n)
}

// TestLoadBounded: no more queries are under way at once than Concurrency, and
// none is begun behind an error.
func TestLoadBounded(t *testing.T) {
	t.Parallel()
	r, _, _, tr := blog(t)
	var now, most atomic.Int32
	tr.On("Query").Do(counting(&now, &most))
	owners := make([]post, 40)
	for i := range owners {
		owners[i].ID = fmt.Sprint(i)
	}
	_, err := r.Load(t.Context(), owners)
	require.NoError(t, err)
	assert.Equal(t, 40, tr.Count("Query"))
	assert.LessOrEqual(t, most.Load(), int32(4))

	tr.On("Query").Do(faults.Error(400, "ValidationException"))
	tr.Reset()
	_, err = r.Load(t.Context(), owners)
	require.Error(t, err)
	assert.Less(t, tr.Count("Query"), 12)
}
