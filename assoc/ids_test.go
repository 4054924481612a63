package assoc_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// A trip has a composite hash key and a sort key; a guide keeps trips in a set
// of strings.
type trip struct {
	Country string `dynamodbav:"country"`
	Town    string `dynamodbav:"town"`
	Day     int    `dynamodbav:"day"`
	Guide   int64  `dynamodbav:"guide,omitempty"`
}

type tripID string

type guide struct {
	Number int64    `dynamodbav:"number"`
	Trips  []tripID `dynamodbav:"trips,stringset,omitempty"`
	Boss   *int64   `dynamodbav:"boss,omitempty"`
	Team   []int64  `dynamodbav:"team,numberset,omitempty"`
}

type guides struct {
	trips   *repo.Repo[trip]
	guides  *repo.Repo[guide]
	tripsOf *assoc.Relation[guide, trip]
	teamOf  *assoc.Relation[guide, guide]
}

func newGuides(t *testing.T) *guides {
	t.Helper()
	db, _ := open(t)
	g := &guides{
		trips: create[trip](t, db, repo.Spec{Table: "trips", Key: key.Spec{
			Hash: key.Composite("id", key.String("country"), key.String("town")), Range: key.Int("day"),
		}}),
		guides: create[guide](t, db, repo.Spec{Table: "guides", Key: key.Spec{Hash: key.Int("number")}}),
	}
	var err error
	g.tripsOf, err = assoc.HasMany(
		assoc.Keep(g.guides, cond.Field(func(g *guide) *[]tripID { return &g.Trips })),
		assoc.Keep(g.trips, cond.Field(func(t *trip) *int64 { return &t.Guide })))
	require.NoError(t, err)
	// A relation of a type to itself.
	g.teamOf, err = assoc.HasMany(
		assoc.Keep(g.guides, cond.Field(func(g *guide) *[]int64 { return &g.Team })),
		assoc.Keep(g.guides, cond.Field(func(g *guide) **int64 { return &g.Boss })))
	require.NoError(t, err)
	return g
}

// TestIDs: of keys of several values, escaped as composites are, and of
// numbers (rules M1, K1).
func TestIDs(t *testing.T) {
	t.Parallel()
	g, ctx := newGuides(t), t.Context()
	ann := guide{Number: 7}
	put(t, g.guides, ann)
	trips := []trip{{"fr", "a|b", -3, 0}, {"", "x", 20261122, 0}}
	put(t, g.trips, trips...)
	require.NoError(t, g.tripsOf.Add(ctx, &ann, pointers(trips)...))
	assert.Equal(t, []tripID{"fr|a%7Cb|-3", "|x|20261122"}, ann.Trips)
	assert.Equal(t, int64(7), trips[0].Guide)
	loaded, err := g.guides.Get(ctx, key.Of(7))
	require.NoError(t, err)
	assert.ElementsMatch(t, ann.Trips, loaded.Trips)
	got, err := g.tripsOf.Of(&loaded).Collect(ctx)
	require.NoError(t, err)
	assert.ElementsMatch(t, trips, got)
	require.NoError(t, g.tripsOf.Clear(ctx, &loaded))
	assert.Nil(t, loaded.Trips)

	// An id that can't be a key leads nowhere; unlinking and forgetting take it.
	loaded.Trips = []tripID{"fr|a", "fr|a%7Cb|-3"}
	put(t, g.guides, loaded)
	var lost []key.Value
	got, err = g.tripsOf.Of(&loaded).Missing(&lost).Collect(ctx)
	require.NoError(t, err)
	assert.Len(t, got, 1)
	require.Len(t, lost, 1)
	assert.Equal(t, []any{"fr|a"}, lost[0].HashParts())
	many, err := g.tripsOf.Load(ctx, []guide{loaded})
	require.NoError(t, err)
	assert.Len(t, many[0].Items, 1)
	require.Len(t, many[0].Missing, 1)
	require.NoError(t, g.tripsOf.Forget(ctx, &loaded, lost...))
	assert.Equal(t, []tripID{"fr|a%7Cb|-3"}, loaded.Trips)
	require.NoError(t, g.tripsOf.Forget(ctx, &loaded, key.Of("fr", "a|b").Range(-3)))
	assert.Nil(t, loaded.Trips)
	require.ErrorIs(t, g.tripsOf.Forget(ctx, &loaded, key.Of("fr", "a"), key.Of("fr", "a").Range("x"), key.Value{}), key.ErrKey)
	require.NoError(t, assoc.Destroy(ctx, g.guides, &loaded, g.tripsOf))
}

// TestSelf: a relation of a type to itself, by a number set and a nullable
// foreign key, for which 0 is an id.
func TestSelf(t *testing.T) {
	t.Parallel()
	g, ctx := newGuides(t), t.Context()
	all := []guide{{Number: 0}, {Number: 1}, {Number: 2}}
	put(t, g.guides, all...)
	require.NoError(t, g.teamOf.Add(ctx, &all[0], &all[1], &all[2]))
	require.NoError(t, g.teamOf.Add(ctx, &all[1], &all[2], &all[1]), "to itself")
	for i, want := range []guide{{Number: 0}, {Number: 1, Boss: new(int64(1)), Team: []int64{1, 2}}, {Number: 2, Boss: new(int64(1))}} {
		got, err := g.guides.Get(ctx, key.Of(i))
		require.NoError(t, err)
		assert.ElementsMatch(t, want.Team, got.Team)
		got.Team = want.Team
		assert.Equal(t, want, got)
	}
	bossOf, err := g.teamOf.Inverse()
	require.NoError(t, err)
	require.NoError(t, bossOf.Replace(ctx, &all[2], &all[0]))
	assert.Equal(t, int64(0), *all[2].Boss)
	boss, err := bossOf.Of(&all[2]).First(ctx)
	require.NoError(t, err)
	assert.Equal(t, guide{Number: 0, Team: []int64{2}}, boss)
	require.NoError(t, bossOf.Clear(ctx, &all[2]))
	out, err := g.guides.Get(ctx, key.Of(2))
	require.NoError(t, err)
	assert.Nil(t, out.Boss)
}

// TestDynamoidForm: the attributes as Dynamoid stores them: sets of strings,
// and of one for belongs to.
func TestDynamoidForm(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, _ := s.customer(t, "c", 2)
	k := card{ID: "k"}
	put(t, s.cards, k)
	require.NoError(t, s.cardOf.Add(ctx, &c, &k))
	assert.Equal(t, &types.AttributeValueMemberSS{Value: []string{"c-0", "c-1"}}, stored(t, s.customers, "c")["order_ids"])
	assert.Equal(t, &types.AttributeValueMemberS{Value: "k"}, stored(t, s.customers, "c")["card_id"])
	assert.Equal(t, &types.AttributeValueMemberSS{Value: []string{"c"}}, stored(t, s.cards, "k")["customer_ids"])
	assert.Equal(t, &types.AttributeValueMemberS{Value: "c"}, stored(t, s.orders, "c-0")["customer_id"])
}
