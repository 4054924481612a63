package repo_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// hollow has a field of each kind that can be nil.
type hollow struct {
	ID    string         `dynamodbav:"id"`
	List  []string       `dynamodbav:"l"`
	Num   *int           `dynamodbav:"p"`
	Map   map[string]int `dynamodbav:"m"`
	Inner *inner         `dynamodbav:"in"`
	Bytes []byte         `dynamodbav:"b"`
	Any   any            `dynamodbav:"any"`
	Set   []string       `dynamodbav:"set,stringset"`
	Told  *int           `dynamodbav:"told,nullempty"`
	V     int64          `dynamodbav:"v"`
}

type inner struct {
	X    int      `dynamodbav:"x"`
	Xs   []string `dynamodbav:"xs"`
	Deep *inner   `dynamodbav:"deep"`
}

var (
	hollowList = cond.Field(func(h *hollow) *[]string { return &h.List })
	hollowNum  = cond.Field(func(h *hollow) **int { return &h.Num })
	hollowMap  = cond.Field(func(h *hollow) *map[string]int { return &h.Map })
	hollowX    = cond.Field(func(h *hollow) *int { return &h.Inner.X })
	hollowXs   = cond.Field(func(h *hollow) *[]string { return &h.Inner.Xs })
	hollowDeep = cond.Name[hollow]("in.deep.x")
	hollowSet  = cond.Field(func(h *hollow) *[]string { return &h.Set })
)

// hollows returns a repository, with and without a lock, and how an item of
// nothing but nil comes into it: as we store it, and as other programs do.
func hollows(t *testing.T, locked bool) (r *repo.Repo[hollow], tr *faults.Transport, ways map[string]func()) {
	t.Helper()
	db, tr := open(t)
	r = create[hollow](t, db, spec("hollows", func(s *repo.Spec) {
		if locked {
			s.Lock = lock.Version("v")
		}
	}))
	null := &types.AttributeValueMemberNULL{Value: true}
	return r, tr, map[string]func(){
		"missing": func() { store(t, r, av{"id": str("1")}) },
		"NULL": func() {
			store(t, r, av{"id": str("1"), "l": null, "p": null, "m": null, "in": null, "b": null, "any": null, "set": null, "told": null, "v": null})
		},
		"NULL within": func() {
			store(t, r, av{"id": str("1"), "in": &types.AttributeValueMemberM{Value: av{"x": null, "xs": null, "deep": null}}, "v": num("0")})
		},
	}
}

// TestNilIsMissing: nil fields are not stored, and what other programs store of
// them is the same to every change and condition (rule J7).
func TestNilIsMissing(t *testing.T) {
	t.Parallel()
	one := 1
	for name, locked := range map[string]bool{"lock": true, "no lock": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, tr, ways := hollows(t, locked)
			for change, test := range map[string]struct {
				changes []cond.Change[hollow]
				want    hollow
			}{
				"append":              {[]cond.Change[hollow]{hollowList.Append([]string{"a"})}, hollow{List: []string{"a"}}},
				"prepend":             {[]cond.Change[hollow]{hollowList.Prepend([]string{"a"})}, hollow{List: []string{"a"}}},
				"set if missing":      {[]cond.Change[hollow]{hollowList.SetIfMissing([]string{"a"})}, hollow{List: []string{"a"}}},
				"add":                 {[]cond.Change[hollow]{hollowNum.Add(&one)}, hollow{Num: &one}},
				"add to a set":        {[]cond.Change[hollow]{hollowSet.Add([]string{"a"})}, hollow{Set: []string{"a"}}},
				"delete from a set":   {[]cond.Change[hollow]{hollowSet.DeleteFromSet([]string{"a"}), hollowNum.Set(&one)}, hollow{Num: &one}},
				"set in a map":        {[]cond.Change[hollow]{cond.Name[hollow]("m.k").Set(1), cond.Name[hollow]("m.j").Add(2)}, hollow{Map: map[string]int{"k": 1, "j": 2}}},
				"remove from a map":   {[]cond.Change[hollow]{cond.Name[hollow]("m.k").Remove(), hollowNum.Set(&one)}, hollow{Num: &one}},
				"set in a struct":     {[]cond.Change[hollow]{hollowX.Set(1)}, hollow{Inner: &inner{X: 1}}},
				"add in a struct":     {[]cond.Change[hollow]{hollowX.Add(1)}, hollow{Inner: &inner{X: 1}}},
				"append in a struct":  {[]cond.Change[hollow]{hollowXs.Append([]string{"a"})}, hollow{Inner: &inner{Xs: []string{"a"}}}},
				"set deep in structs": {[]cond.Change[hollow]{hollowDeep.Set(1), hollowX.SetIfMissing(2)}, hollow{Inner: &inner{X: 2, Deep: &inner{X: 1}}}},
				"several":             {[]cond.Change[hollow]{hollowList.Append([]string{"a"}), hollowNum.Add(&one), hollowX.Set(1)}, hollow{List: []string{"a"}, Num: &one, Inner: &inner{X: 1}}},
			} {
				for way, put := range ways {
					for verb, do := range map[string]func() (hollow, error){
						"Update": func() (hollow, error) { return r.Update(t.Context(), key.Of("1"), test.changes...) },
						"Upsert": func() (hollow, error) { return r.Upsert(t.Context(), key.Of("1"), test.changes...) },
						"Transact": func() (hollow, error) {
							if err := r.DB().Transact(t.Context(), r.Ops().Update(key.Of("1"), test.changes...)); err != nil {
								return hollow{}, err
							}
							return r.Get(t.Context(), key.Of("1"))
						},
						"Query.Update": func() (hollow, error) {
							if _, err := r.Query(key.Of("1")).Update(t.Context(), test.changes...); err != nil {
								return hollow{}, err
							}
							return r.Get(t.Context(), key.Of("1"))
						},
					} {
						name := change + ", " + way + ", " + verb
						put()
						got, err := do()
						require.NoError(t, err, name)
						want := test.want
						want.ID = "1"
						if locked {
							want.V = 1
						}
						if way == "NULL within" && want.Inner == nil {
							want.Inner = &inner{}
						}
						assert.Equal(t, want, got, name)
					}
				}
			}
			tr.Reset()
			require.NoError(t, r.Delete(t.Context(), key.Of("1")))
			got, err := r.Upsert(t.Context(), key.Of("1"), hollowX.Set(1))
			require.NoError(t, err, "an item that is not there has no map either")
			assert.Equal(t, 1, got.Inner.X)
			_, err = r.Update(t.Context(), key.Of("none"), hollowX.Set(1))
			require.ErrorIs(t, err, repo.ErrNotFound)
			_, err = r.Update(t.Context(), key.Of("1"), cond.Name[hollow]("any.x[0]").Set(1))
			require.ErrorContains(t, err, "any.x[0]", "no list is made")
		})
	}
}

// TestNilConditions: the conditions that ask for nil hold for both of its forms.
func TestNilConditions(t *testing.T) {
	t.Parallel()
	r, _, ways := hollows(t, false)
	one := 1
	for way, put := range ways {
		put()
		if way == "NULL within" {
			continue
		}
		for name, c := range map[string]struct {
			cond cond.Cond[hollow]
			want int
		}{
			"Eq nil pointer": {hollowNum.Eq(nil), 1}, "Eq nil slice": {hollowList.Eq(nil), 1}, "Eq nil map": {hollowMap.Eq(nil), 1},
			"Ne nil": {hollowNum.Ne(nil), 0}, "Null": {hollowNum.Null(), 1}, "NotNull": {hollowNum.NotNull(), 0},
			"In": {hollowNum.In(&one, nil), 1}, "In nil": {hollowNum.In(nil), 1}, "any": {cond.Name[hollow]("any").Eq(nil), 1},
			"raw": {hollowNum.Type(expression.Null), map[string]int{"NULL": 1}[way]},
		} {
			n, err := r.Query(key.Of("1")).Where(c.cond).Count(t.Context())
			require.NoError(t, err)
			assert.Equal(t, c.want, n, way+": "+name)
		}
	}
	_, err := r.Update(t.Context(), key.Of("1"), hollowNum.SetIfMissing(nil))
	require.ErrorIs(t, err, cond.ErrAttr)
}

// TestNilIsNotStored: what Put leaves out, Set and SaveChanges remove; the tag
// nullempty asks for NULL.
func TestNilIsNotStored(t *testing.T) {
	t.Parallel()
	r, _, _ := hollows(t, false)
	one := 1
	full := hollow{ID: "1", List: []string{"a"}, Num: &one, Map: map[string]int{"k": 1}, Inner: &inner{X: 1}, Bytes: []byte("b"), Any: "x", Set: []string{"s"}, Told: &one}
	empty := hollow{ID: "1"}
	want := av{"id": str("1"), "told": &types.AttributeValueMemberNULL{Value: true}, "v": num("0")}
	for name, do := range map[string]func() error{
		"Put":         func() error { return r.Put(t.Context(), &empty) },
		"Save":        func() error { return r.Save(t.Context(), &empty) },
		"SaveChanges": func() error { return r.SaveChanges(t.Context(), &full, &empty) },
		"Batch":       func() error { return r.DB().Batch(t.Context(), r.Ops().Put(&empty)) },
		"Transact":    func() error { return r.DB().Transact(t.Context(), r.Ops().Put(&empty)) },
		"Update": func() error {
			_, err := r.Update(t.Context(), key.Of("1"), hollowList.Set(nil), hollowNum.Set(nil), hollowMap.Set(nil),
				cond.Name[hollow]("in").Set(nil), cond.Name[hollow]("b").Set(nil), cond.Name[hollow]("any").Set(nil), hollowSet.Set(nil), cond.Name[hollow]("told").Set(nil))
			return err
		},
	} {
		require.NoError(t, r.Put(t.Context(), &full), name)
		require.NoError(t, do(), name)
		assert.Equal(t, want, stored(t, r, av{"id": str("1")}), name)
	}
}

// TestVersionOfNothing: a version of 0, NULL or none is one state, for every
// write that looks at it (rule G3).
func TestVersionOfNothing(t *testing.T) {
	t.Parallel()
	r, _, ways := hollows(t, true)
	db := r.DB()
	for way, put := range ways {
		for name, write := range map[string]func(ctx context.Context, h *hollow) error{
			"Save": func(ctx context.Context, h *hollow) error { return r.Save(ctx, h) },
			"SaveChanges": func(ctx context.Context, h *hollow) error {
				c := *h
				c.List = []string{"x"}
				return r.SaveChanges(ctx, h, &c)
			},
			"Destroy": func(ctx context.Context, h *hollow) error { return r.Destroy(ctx, h) },
			"Update": func(ctx context.Context, h *hollow) error {
				_, err := r.Update(ctx, key.Of("1"), hollowList.Set([]string{"x"}))
				return err
			},
			"IfUnchanged, Update": func(ctx context.Context, h *hollow) error {
				_, err := r.IfUnchanged(h).Update(ctx, key.Of("1"), hollowX.Set(1))
				return err
			},
			"IfUnchanged, Delete": func(ctx context.Context, h *hollow) error { return r.IfUnchanged(h).Delete(ctx, key.Of("1")) },
			"Transact Save":       func(ctx context.Context, h *hollow) error { return db.Transact(ctx, r.Ops().Save(h)) },
			"Transact SaveChanges": func(ctx context.Context, h *hollow) error {
				c := *h
				c.List = []string{"x"}
				return db.Transact(ctx, r.Ops().SaveChanges(h, &c))
			},
			"Transact Destroy": func(ctx context.Context, h *hollow) error { return db.Transact(ctx, r.Ops().Destroy(h)) },
		} {
			put()
			require.NoError(t, lock.Retry(t.Context(), 1, func(ctx context.Context) error {
				h, err := r.Get(ctx, key.Of("1"))
				require.NoError(t, err)
				return write(ctx, &h)
			}), way+": "+name)
			got, err := r.Get(t.Context(), key.Of("1"))
			if err == nil {
				assert.EqualValues(t, 1, got.V, way+": "+name)
			}
		}
	}
}
