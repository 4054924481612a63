package assoc_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestHasOneIndexed: has one by a foreign key alone: the one that was there is
// found by a query, and put out of its place (rule M1).
func TestHasOneIndexed(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	posts := create[post](t, db, repo.Spec{Table: "posts", Key: key.Spec{Hash: key.String("id")}})
	comments := create[comment](t, db, repo.Spec{
		Table: "comments", Key: key.Spec{Hash: key.String("id")},
		Indexes: []index.Spec{index.Global("by_post", key.String("post_id"))},
	})
	first, err := assoc.HasOne(assoc.Bare(posts), assoc.Keep(comments, postID))
	require.NoError(t, err)
	ctx, p := t.Context(), post{"p"}
	all := []comment{{ID: "a"}, {ID: "b"}}
	put(t, comments, all...)
	require.NoError(t, first.Add(ctx, &p, &all[0]))
	tr.Reset()
	require.NoError(t, first.Add(ctx, &p, &all[1]))
	assert.Equal(t, map[string]int{"Query": 1, "TransactWriteItems": 1}, tr.Counts())
	got, err := first.Of(&p).Collect(ctx)
	require.NoError(t, err)
	assert.Equal(t, []comment{{ID: "b", PostID: "p"}}, got)

	postOf, err := first.Inverse()
	require.NoError(t, err)
	require.NoError(t, postOf.Add(ctx, &all[0], &post{"q"}), "an owner that keeps nothing is not written")
	require.NoError(t, postOf.Clear(ctx, &all[1]))
	assert.Empty(t, all[1].PostID)
	n, err := first.Of(&p).Count(ctx)
	require.NoError(t, err)
	assert.Zero(t, n)
}

// TestHasOneBoth: one to one, a foreign key at both ends, and its inverse.
func TestHasOneBoth(t *testing.T) {
	t.Parallel()
	type pilot struct {
		ID    string  `dynamodbav:"id"`
		Plane *string `dynamodbav:"plane,omitempty"`
	}
	type plane struct {
		ID    string  `dynamodbav:"id"`
		Pilot *string `dynamodbav:"pilot"`
	}
	db, _ := open(t)
	pilots := create[pilot](t, db, repo.Spec{Table: "pilots", Key: key.Spec{Hash: key.String("id")}})
	planes := create[plane](t, db, repo.Spec{Table: "planes", Key: key.Spec{Hash: key.String("id")}})
	flies, err := assoc.HasOne(assoc.Keep(pilots, cond.Field(func(p *pilot) **string { return &p.Plane })),
		assoc.Keep(planes, cond.Field(func(p *plane) **string { return &p.Pilot })))
	require.NoError(t, err)
	flown, err := flies.Inverse()
	require.NoError(t, err)
	back, err := flown.Inverse()
	require.NoError(t, err)
	assert.Equal(t, flies.String(), back.String())

	ctx, a, b, x, y := t.Context(), pilot{ID: "a"}, pilot{ID: "b"}, plane{ID: "x"}, plane{ID: "y"}
	put(t, pilots, a, b)
	put(t, planes, x, y)
	require.NoError(t, flies.Add(ctx, &a, &x))
	require.NoError(t, flies.Add(ctx, &b, &y))
	require.NoError(t, flown.Add(ctx, &x, &b), "x leaves a, and b leaves y")
	for id, want := range map[string]*string{"a": nil, "b": new("x")} {
		got, err := pilots.Get(ctx, key.Of(id))
		require.NoError(t, err)
		assert.Equal(t, want, got.Plane, id)
	}
	for id, want := range map[string]*string{"x": new("b"), "y": nil} {
		got, err := planes.Get(ctx, key.Of(id))
		require.NoError(t, err)
		assert.Equal(t, want, got.Pilot, id)
	}
}
