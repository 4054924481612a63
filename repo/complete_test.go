package repo_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// a stay may lack what its indexes are sorted by.
type stay struct {
	ID    string  `dynamodbav:"id"`
	User  string  `dynamodbav:"user"`
	Place string  `dynamodbav:"place"`
	City  string  `dynamodbav:"city"`
	N     int     `dynamodbav:"n"`
	Score float64 `dynamodbav:"score"`
	Rank  *int    `dynamodbav:"rank"`
	Stars int     `dynamodbav:"stars,omitempty"`

	Exact attributevalue.Number `dynamodbav:"exact"`
	Day   weekday               `dynamodbav:"day" dynarepo:"text"`
	Hash  hash                  `dynamodbav:"hash"`
}

// TestChosenIndexHasAllItems: a global index is chosen only if no item that the
// conditions hold for can be missing from it (rules C2, F7).
func TestChosenIndexHasAllItems(t *testing.T) {
	t.Parallel()
	var (
		user  = cond.Field(func(v *stay) *string { return &v.User })
		place = cond.Field(func(v *stay) *string { return &v.Place })
		n     = cond.Field(func(v *stay) *int { return &v.N })
		rank  = cond.Field(func(v *stay) **int { return &v.Rank })
		one   = 1
	)
	alone := func(sort ...key.Part) index.Spec { return index.Global("idx", key.String("user"), sort...) }
	mine := user.Eq("u")
	for name, c := range map[string]struct {
		idx   index.Spec
		where []cond.Cond[stay]
		takes bool   // the index is chosen
		lacks string // else, what items may lack
		found int    // of the four
	}{
		"no sort key":                 {alone(), []cond.Cond[stay]{mine}, true, "", 4},
		"a number":                    {alone(key.Number("score")), []cond.Cond[stay]{mine}, true, "", 4},
		"an integer":                  {alone(key.Int("n")), []cond.Cond[stay]{mine}, true, "", 4},
		"the key of the table":        {alone(key.String("id")), []cond.Cond[stay]{mine}, true, "", 4},
		"a string":                    {alone(key.String("place")), []cond.Cond[stay]{mine}, false, "place", 4},
		"a string, demanded":          {alone(key.String("place")), []cond.Cond[stay]{mine, place.Gte("a")}, true, "", 2},
		"a string, by intent":         {alone(key.String("place")).Sparse(), []cond.Cond[stay]{mine}, true, "", 2},
		"a pointer":                   {alone(key.Int("rank")), []cond.Cond[stay]{mine}, false, "rank", 4},
		"a pointer, demanded":         {alone(key.Int("rank")), []cond.Cond[stay]{mine, rank.Gte(&one)}, true, "", 2},
		"text that a type gives":      {alone(key.String("day")), []cond.Cond[stay]{mine}, false, "day", 4},
		"bytes of an array":           {alone(key.Binary("hash")), []cond.Cond[stay]{mine}, true, "", 4},
		"a number that is text":       {alone(key.Number("exact")), []cond.Cond[stay]{mine}, true, "", 4},
		"omitted":                     {alone(key.Int("stars")), []cond.Cond[stay]{mine}, false, "stars", 4},
		"composite of strings":        {alone(key.Composite("c", key.String("city"), key.String("place"))), []cond.Cond[stay]{mine}, false, "place", 4},
		"composite, one is told":      {alone(key.Composite("c", key.String("place"), key.String("city"))), []cond.Cond[stay]{mine, place.Eq("p")}, true, "", 2},
		"composite of numbers":        {alone(key.Composite("c", key.Int("n").Sortable())), []cond.Cond[stay]{mine, n.Gte(0)}, true, "", 4},
		"composite with a pointer":    {alone(key.Composite("c", key.Int("n"), key.Int("rank"))), []cond.Cond[stay]{mine, n.Eq(0)}, false, "rank", 4},
		"several, the rest may lack":  {alone(key.Multi(key.Int("n"), key.String("place"))), []cond.Cond[stay]{mine, n.Eq(0)}, false, "place", 4},
		"several, the rest is always": {alone(key.Multi(key.Int("n"), key.Number("score"))), []cond.Cond[stay]{mine, n.Eq(0)}, true, "", 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, _ := open(t, func(c *repo.Config) { c.ScanPolicy = repo.ScanAllow })
			r := create[stay](t, db, repo.Spec{Table: "stays", Key: key.Spec{Hash: key.String("id")}, Indexes: []index.Spec{c.idx}})
			for _, v := range []stay{
				{ID: "1", User: "u"},
				{ID: "2", User: "u", Place: "p", City: "c", Rank: &one, Stars: 1},
				{ID: "3", User: "u", Place: "p", Rank: &one},
				{ID: "4", User: "u", City: "c", Stars: 1},
			} {
				v.Exact = "1" // an empty one can't be stored
				require.NoError(t, r.Create(t.Context(), &v))
			}
			q := r.Where(c.where...)
			plan, err := q.Plan()
			require.NoError(t, err)
			assert.Equal(t, map[bool]string{true: "idx"}[c.takes], plan.Index)
			if c.lacks != "" {
				assert.Equal(t, `Index("idx"), which has no items without `+c.lacks, plan.Suggest)
			}
			got, err := q.Count(t.Context())
			require.NoError(t, err)
			assert.Equal(t, c.found, got)
			_, err = q.Index("idx").Count(t.Context())
			require.NoError(t, err, "it may be named")
		})
	}
}

// TestPlanTellsEscapedRanges: a range over the string at the end of a composite
// says where a delimiter sorts, unless the delimiter keeps the order (rule K4).
func TestPlanTellsEscapedRanges(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	for delim, told := range map[string]bool{"|": true, "#": true, "$": false, "&": false} {
		r := create[stay](t, db, repo.Spec{Table: "v" + map[string]string{"|": "1", "#": "2", "$": "3", "&": "4"}[delim], Key: key.Spec{
			Hash: key.String("user"), Range: key.Composite("sk", key.String("city"), key.String("place")).Delimiter(delim),
		}})
		city, place := cond.Field(func(v *stay) *string { return &v.City }), cond.Field(func(v *stay) *string { return &v.Place })
		texts := []string{"", " ", "!", "#", "$", "%", "&", "'", "a", "a#", "a$", "a%", "a&", "ab", "|", "~"}
		for _, text := range texts {
			require.NoError(t, r.Create(t.Context(), &stay{ID: text, User: "u", City: "c", Place: text, Exact: "1"}))
		}
		q := r.Query(key.Of("u")).Where(city.Eq("c"), place.Gte("a"))
		plan, err := q.Plan()
		require.NoError(t, err)
		assert.Equal(t, map[bool]string{
			true:  "a range of one partition of table " + r.Table() + "; of place, values that hold the delimiter are in the order of '%'",
			false: "a range of one partition of table " + r.Table(),
		}[told], plan.Cost)
		if told {
			continue
		}
		for _, from := range texts {
			want := 0
			for _, text := range texts {
				if text >= from {
					want++
				}
			}
			got, err := r.Query(key.Of("u")).Where(city.Eq("c"), place.Gte(from)).Count(t.Context())
			require.NoError(t, err)
			assert.Equal(t, want, got, "%s from %q", delim, from)
		}
	}
}
