package repo_test

import (
	"context"
	"strings"
	"testing"
	"time"

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

// parchment is stored in forms that loading it does not tell apart.
type parchment struct {
	ID   string         `dynamodbav:"id"`
	At   time.Time      `dynamodbav:"at"`
	Note string         `dynamodbav:"note,omitempty"`
	Code string         `dynamodbav:"code"`
	N    int            `dynamodbav:"n"`
	In   map[string]any `dynamodbav:"in"`
}

// TestIfUnchangedOtherForms: what is stored is as what was loaded, whatever form
// of it is stored: by every verb and in a transaction, until it is another item
// (rule G7).
func TestIfUnchangedOtherForms(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := create[parchment](t, db, spec("parchments", func(s *repo.Spec) {
		s.Callbacks = []repo.Callback{repo.On(repo.AfterFind, func(_ context.Context, p *parchment) error {
			p.Code = strings.TrimPrefix(p.Code, "secret:")
			p.N++
			return nil
		})}
	}))
	note, n := cond.Field(func(p *parchment) *string { return &p.Note }), cond.Field(func(p *parchment) *int { return &p.N })
	null := &types.AttributeValueMemberNULL{Value: true}
	k := key.Of("1")
	for form, item := range map[string]av{
		"of a zone":        {"at": str("2026-03-14T17:09:26.5+02:00")},
		"trimmed zeros":    {"at": str("2026-03-14T15:09:26.5Z")},
		"an omitted empty": {"note": str("")},
		"NULL":             {"note": null, "code": null, "n": null, "in": null},
		"a callback's":     {"code": str("secret:x"), "n": num("5")},
		"other numbers":    {"n": num("5.0"), "in": &types.AttributeValueMemberM{Value: av{"a": num("1e1")}}},
	} {
		for verb, do := range map[string]func(w repo.Writer[parchment], p *parchment) error{
			"Update": func(w repo.Writer[parchment], _ *parchment) error {
				_, err := w.Update(t.Context(), k, n.Set(9))
				return err
			},
			"Upsert": func(w repo.Writer[parchment], _ *parchment) error {
				_, err := w.Upsert(t.Context(), k, n.Set(9))
				return err
			},
			"Delete":  func(w repo.Writer[parchment], _ *parchment) error { return w.Delete(t.Context(), k) },
			"Put":     func(w repo.Writer[parchment], p *parchment) error { return w.Put(t.Context(), p) },
			"Destroy": func(w repo.Writer[parchment], p *parchment) error { return w.Destroy(t.Context(), p) },
			"Transact": func(w repo.Writer[parchment], _ *parchment) error {
				return db.Transact(t.Context(), w.Ops().Update(k, n.Set(9)))
			},
			"Transact Put": func(w repo.Writer[parchment], p *parchment) error { return db.Transact(t.Context(), w.Ops().Put(p)) },
		} {
			item["id"] = str("1")
			store(t, r, item)
			p, err := r.Get(t.Context(), k)
			require.NoError(t, err)
			own := p
			require.NoError(t, do(r.IfUnchanged(&p), &own), form+", "+verb)

			store(t, r, item)
			_, err = r.Update(t.Context(), k, note.Set("changed"))
			require.NoError(t, err)
			own = p
			err = do(r.IfUnchanged(&p), &own)
			require.Error(t, err, form+", "+verb)
			if !strings.HasPrefix(verb, "Transact") {
				require.ErrorIs(t, err, repo.ErrConditionFailed, form+", "+verb)
			}
		}
	}
}
