package repo_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// freight has fields of every kind that an equality compares, and a composite
// key.
type freight struct {
	Depot   string            `dynamodbav:"depot"`
	Number  int               `dynamodbav:"number"`
	At      int               `dynamodbav:"at"`
	Weight  float64           `dynamodbav:"weight"`
	Tags    []string          `dynamodbav:"tags,stringset"`
	Lines   []string          `dynamodbav:"lines"`
	Notes   map[string]string `dynamodbav:"notes"`
	Seal    []byte            `dynamodbav:"seal"`
	Route   *string           `dynamodbav:"route,omitempty"`
	Version int64             `dynamodbav:"version,omitempty"`
}

func freightSpec() repo.Spec {
	return repo.Spec{Table: "freights", Key: key.Spec{
		Hash:  key.Composite("id", key.Literal("PARCEL"), key.String("depot"), key.Int("number")),
		Range: key.Int("at"),
	}}
}

var (
	freightWeight = cond.Field(func(p *freight) *float64 { return &p.Weight })
	freightLines  = cond.Field(func(p *freight) *[]string { return &p.Lines })
)

// TestKey: the key of an item finds it.
func TestKey(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[freight](t, db, freightSpec())
	p := freight{Depot: "d|1", Number: 7, At: 3}
	require.NoError(t, r.Create(t.Context(), &p))
	tr.Reset()
	k, err := r.Key(&p)
	require.NoError(t, err)
	assert.Zero(t, tr.Total())
	assert.Equal(t, []any{"d|1", 7}, k.HashParts())
	assert.Equal(t, []any{3}, k.RangeParts())
	got, err := r.Get(t.Context(), k)
	require.NoError(t, err)
	assert.Equal(t, 7, got.Number)

	_, err = r.Key(nil)
	require.ErrorIs(t, err, repo.ErrInvalid)
	e := create[entry](t, db, entrySpec())
	_, err = e.Key(&entry{At: 1})
	require.ErrorIs(t, err, repo.ErrInvalid)
	require.ErrorIs(t, err, key.ErrKey, "the hash key is empty")
}

// TestIfUnchanged: a write goes through if the item is as it was loaded, and
// fails if anything of it is not.
func TestIfUnchanged(t *testing.T) {
	t.Parallel()
	route := "north"
	for name, locked := range map[string]bool{"by every attribute": false, "by the version": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, tr := open(t)
			spec := freightSpec()
			if locked {
				spec.Lock = lock.Version("version")
			}
			r := create[freight](t, db, spec)
			full := freight{
				Depot: "d", Number: 1, At: 1, Weight: 0.1, Tags: []string{"a", "b"}, Lines: []string{"x"},
				Notes: map[string]string{"k": "v"}, Seal: []byte{1}, Route: &route,
			}
			bare := freight{Depot: "d", Number: 1, At: 2}
			for _, p := range []freight{full, bare} {
				require.NoError(t, r.Create(t.Context(), &p))
				k, err := r.Key(&p)
				require.NoError(t, err)
				loaded, err := r.Get(t.Context(), k)
				require.NoError(t, err)
				tr.Reset()
				next, err := r.IfUnchanged(&loaded).Update(t.Context(), k, freightWeight.Set(2))
				require.NoError(t, err)
				assert.Equal(t, map[string]int{"UpdateItem": 1}, tr.Counts())
				assert.InDelta(t, 2, next.Weight, 0)

				_, err = r.Update(t.Context(), k, freightLines.Set([]string{"y"}))
				require.NoError(t, err)
				_, err = r.IfUnchanged(&next).Update(t.Context(), k, freightWeight.Set(3))
				require.ErrorIs(t, err, repo.ErrConditionFailed)
				require.ErrorIs(t, r.IfUnchanged(&next).Delete(t.Context(), k), repo.ErrConditionFailed)
				require.Error(t, r.IfUnchanged(&next).Save(t.Context(), &next))

				last, err := r.Get(t.Context(), k)
				require.NoError(t, err)
				assert.InDelta(t, 2, last.Weight, 0)
				require.NoError(t, r.IfUnchanged(&last).Save(t.Context(), &last))
				require.NoError(t, r.IfUnchanged(&last).Destroy(t.Context(), &last))
				_, err = r.IfUnchanged(&last).Update(t.Context(), k, freightWeight.Set(3))
				require.ErrorIs(t, err, repo.ErrNotFound)
			}
		})
	}
}

// TestIfUnchangedZero: a zero field is also one that is missing, or NULL.
func TestIfUnchangedZero(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[freight](t, db, freightSpec())
	null := &types.AttributeValueMemberNULL{Value: true}
	for i, m := range []av{{}, {"weight": null, "tags": null, "notes": null, "seal": null, "lines": null, "route": null}, {"weight": num("0")}} {
		m["id"], m["at"], m["depot"], m["number"] = str("PARCEL|d|1"), num("1"), str("d"), num("1")
		store(t, r, m)
		loaded, err := r.Get(t.Context(), key.Of("d", 1).Range(1))
		require.NoError(t, err)
		_, err = r.IfUnchanged(&loaded).Update(t.Context(), key.Of("d", 1).Range(1), freightWeight.Set(1))
		require.NoError(t, err, i)
		_, err = r.IfUnchanged(&loaded).Update(t.Context(), key.Of("d", 1).Range(1), freightWeight.Set(1))
		require.ErrorIs(t, err, repo.ErrConditionFailed, i)
	}
}

// TestIfUnchangedInexact: what a field can't hold does not compare as equal.
func TestIfUnchangedInexact(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[freight](t, db, freightSpec())
	store(t, r, av{"id": str("PARCEL|d|1"), "at": num("1"), "depot": str("d"), "number": num("1"), "weight": num("0.12345678901234567890123456789")})
	loaded, err := r.Get(t.Context(), key.Of("d", 1).Range(1))
	require.NoError(t, err)
	_, err = r.IfUnchanged(&loaded).Update(t.Context(), key.Of("d", 1).Range(1), freightWeight.Set(1))
	require.ErrorIs(t, err, repo.ErrConditionFailed)
}

// TestConsumed: what single writes take is added up, and asked for only then.
func TestConsumed(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[freight](t, db, freightSpec())
	ctx, meter := repo.WithMeter(t.Context())
	p := freight{Depot: "d", Number: 1, At: 1, Seal: make([]byte, 1500)}
	require.NoError(t, r.Put(ctx, &p))
	assert.InDelta(t, 2, meter.Stats().Consumed, 0)
	k, err := r.Key(&p)
	require.NoError(t, err)
	_, err = r.Update(ctx, k, freightWeight.Set(1))
	require.NoError(t, err)
	assert.InDelta(t, 4, meter.Stats().Consumed, 0)
	require.NoError(t, r.Delete(ctx, k))
	assert.InDelta(t, 6, meter.Stats().Consumed, 0)
	assert.Equal(t, 3, meter.Stats().Requests)
	tr.Reset()
	require.NoError(t, r.Put(t.Context(), &p))
	assert.NotContains(t, tr.Requests("PutItem")[0].JSON(), "ReturnConsumedCapacity")
}
