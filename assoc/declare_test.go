package assoc_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// declared is a type with an attribute of every kind that can and can't keep
// ids.
type declared struct {
	ID     string   `dynamodbav:"id"`
	Bin    []byte   `dynamodbav:"bin"`
	Text   string   `dynamodbav:"text"`
	Number int      `dynamodbav:"number"`
	Texts  []string `dynamodbav:"texts,stringset"`
	List   []string `dynamodbav:"list"`
	Blobs  [][]byte `dynamodbav:"blobs,binaryset"`
	Part   string   `dynamodbav:"part"`
	Nested struct {
		Text string `dynamodbav:"text"`
	} `dynamodbav:"nested"`
}

// TestDeclare: every fault at once, naming the model and the field, before any
// request.
func TestDeclare(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	other, _ := open(t)
	model := func(db *repo.DB, hash key.Part, indexes ...index.Spec) *repo.Repo[declared] {
		r, err := repo.New[declared](db, repo.Spec{Table: "things", Key: key.Spec{Hash: hash}, Indexes: indexes})
		require.NoError(t, err)
		return r
	}
	plain := model(db, key.String("id"))
	indexed := model(db, key.String("id"), index.Global("by_text", key.String("text")))
	partial := model(db, key.String("id"), index.Global("by_text", key.String("text")).KeysOnly())
	binary, elsewhere := model(db, key.Binary("bin")), model(other, key.String("id"))
	var (
		text   = assoc.Keep(plain, cond.Field(func(d *declared) *string { return &d.Text }))
		texts  = assoc.Keep(plain, cond.Field(func(d *declared) *[]string { return &d.Texts }))
		number = assoc.Keep(plain, cond.Field(func(d *declared) *int { return &d.Number }))
		list   = assoc.Keep(plain, cond.Field(func(d *declared) *[]string { return &d.List }))
		blobs  = assoc.Keep(plain, cond.Field(func(d *declared) *[][]byte { return &d.Blobs }))
		nested = assoc.Keep(plain, cond.Field(func(d *declared) *string { return &d.Nested.Text }))
		bad    = assoc.Keep(plain, cond.Name[declared]("a..b"))
		loose  = assoc.Keep(plain, cond.Name[declared]("none"))
		bare   = assoc.Bare(plain)
	)
	type made = *assoc.Relation[declared, declared]
	textOf := func(r *repo.Repo[declared]) assoc.End[declared] {
		return assoc.Keep(r, cond.Name[declared]("text"))
	}
	for name, c := range map[string]struct {
		make func() (made, error)
		want []string
	}{
		"no repositories": {
			func() (made, error) { return assoc.HasMany(assoc.Bare[declared](nil), assoc.Bare[declared](nil)) },
			[]string{"assoc_test.declared: want a repository", "assoc_test.declared: want a repository"},
		},
		"the zero end": {
			func() (made, error) { return assoc.HasOne(assoc.End[declared]{}, text) },
			[]string{"want a repository"},
		},
		"no ids": {
			func() (made, error) { return assoc.HasMany(bare, bare) },
			[]string{"things: no end keeps ids"},
		},
		"one for many": {
			func() (made, error) { return assoc.HasMany(text, bare) },
			[]string{"attribute text: many ids take a set"},
		},
		"a set that is queried": {
			func() (made, error) { return assoc.HasMany(bare, texts) },
			[]string{"attribute texts: a set can't be queried"},
		},
		"no index": {
			func() (made, error) { return assoc.HasMany(bare, text) },
			[]string{"attribute text: it is the hash key of no table or index"},
		},
		"a partial index": {
			func() (made, error) { return assoc.HasMany(bare, textOf(partial)) },
			[]string{"attribute text: it is the hash key of no table or index"},
		},
		"an index": {
			func() (made, error) { return assoc.HasMany(bare, textOf(indexed)) },
			nil,
		},
		"the wrong type, twice": {
			func() (made, error) { return assoc.HasOne(number, number) },
			[]string{"attribute number: it is stored as N, and ids of", "attribute number: it is stored as N, and ids of"},
		},
		"no such types": {
			func() (made, error) { return assoc.ManyToMany(list, blobs) },
			[]string{"attribute list: ids are kept as", "attribute blobs: ids are kept as"},
		},
		"no such attributes": {
			func() (made, error) { return assoc.ManyToMany(bad, loose) },
			[]string{"the attribute is not right: cond:", "want an attribute of the item itself"},
		},
		"a nested attribute": {
			func() (made, error) { return assoc.BelongsTo(nested, bare) },
			[]string{"want an attribute of the item itself"},
		},
		"an owner that keeps none": {
			func() (made, error) { return assoc.BelongsTo(bare, texts) },
			[]string{"the owner must keep ids"},
		},
		"many that keep none": {
			func() (made, error) { return assoc.ManyToMany(bare, texts) },
			[]string{"the owner must keep ids"},
		},
		"a binary key": {
			func() (made, error) { return assoc.HasMany(texts, assoc.Bare(binary)) },
			[]string{"attribute bin: an id is a string or a number"},
		},
		"two databases": {
			func() (made, error) { return assoc.HasMany(texts, assoc.Bare(elsewhere)) },
			[]string{"the ends are of different DBs"},
		},
		"a link that is no pair": {
			func() (made, error) {
				return assoc.Linked(plain, plain, plain, cond.Name[declared]("text"), cond.Name[declared]("texts"))
			},
			[]string{"attribute texts: a link keeps one id of each end", "the key must take the ids of both ends"},
		},
		"links without repositories": {
			func() (made, error) {
				return assoc.Linked[declared, declared, declared](nil, nil, nil, cond.Name[declared]("text"), cond.Name[declared]("part"))
			},
			[]string{"want a repository", "want a repository", "want a repository", "want a repository"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := c.make()
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, repo.ErrInvalid)
			assert.Nil(t, r)
			var e *assoc.Error
			require.ErrorAs(t, err, &e)
			assert.Contains(t, e.Relation, "assoc_test.declared")
			lines := strings.Split(err.Error(), "\n")
			require.Len(t, lines, len(c.want), err.Error())
			for i, want := range c.want {
				assert.Contains(t, lines[i], want)
				assert.True(t, strings.HasPrefix(lines[i], "assoc: assoc_test.declared "), lines[i])
			}
		})
	}
	t.Cleanup(func() { assert.Zero(t, tr.Total()) })

	inverseless, err := assoc.HasMany(texts, bare)
	require.NoError(t, err)
	_, err = inverseless.Inverse()
	require.ErrorIs(t, err, repo.ErrInvalid, "nothing leads back")
}

// TestLinkedUnserved: links that only a scan would find from one end.
func TestLinkedUnserved(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	courses, err := repo.New[course](db, repo.Spec{Table: "courses", Key: key.Spec{Hash: key.String("course_id")}})
	require.NoError(t, err)
	links, err := repo.New[enrolment](db, repo.Spec{
		Table: "enrolments", Key: key.Spec{Hash: key.String("student_id"), Range: key.String("course_id")},
	})
	require.NoError(t, err)
	_, err = assoc.Linked(courses, courses, links, studentID, courseID)
	require.ErrorContains(t, err, "attribute course_id: it is the hash key of no table or index")
	assert.NotContains(t, err.Error(), "attribute student_id")
}

// TestErrorText: no text of an error holds a key.
func TestErrorText(t *testing.T) {
	t.Parallel()
	s, ctx := newShop(t), t.Context()
	c, orders := s.customer(t, "vault", 2)
	stale := orders[0]
	require.NoError(t, s.ordersOf.Clear(ctx, &c))
	other, _ := s.customer(t, "vault2", 0)
	require.NoError(t, s.ordersOf.Add(ctx, &other, &orders[0]))
	for _, err := range []error{
		s.ordersOf.Add(ctx, &c, &stale), s.ordersOf.Add(ctx, &c, &order{ID: "vault"}), s.ordersOf.Add(ctx, &customer{}, &stale),
		s.ordersOf.Add(ctx, nil), s.ordersOf.Add(ctx, &c, nil), s.ordersOf.Create(ctx, &c, nil), s.cardOf.Add(ctx, &c, &card{ID: "vault"}),
	} {
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "vault")
	}
}
