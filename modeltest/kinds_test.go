package modeltest

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/modeltest/internal/model"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
	"github.com/dynarepo/dynarepo/unique"
)

// A beast is a cat, a dog or a pup, which is a dog.
type beast interface{ model() model.Item }

// A barker is a dog or a pup.
type barker interface {
	beast
	bark()
}

type cat struct {
	core

	Zoo  string `dynamodbav:"zoo"`
	ID   string `dynamodbav:"id"`
	Only string `dynamodbav:"only,omitempty"`
}

type dog struct {
	core

	Zoo  string `dynamodbav:"zoo"`
	ID   string `dynamodbav:"id"`
	Kind string `dynamodbav:"type"`
}

type pup struct {
	dog

	Only string `dynamodbav:"only,omitempty"`
}

func (*dog) bark() {}

func (c *cat) model() model.Item {
	it := withID(c.item(), c.ID)
	it.Kind, it.Only = "cat", c.Only
	return it
}

func (d *dog) model() model.Item {
	it := withID(d.item(), d.ID)
	it.Kind = d.Kind
	return it
}

func (p *pup) model() model.Item {
	it := p.dog.model()
	it.Only = p.Only
	return it
}

func catOf(it model.Item) *cat { return &cat{core: coreOf(it), Zoo: part, ID: it.ID, Only: it.Only} }

func dogOf(it model.Item) *dog { return &dog{core: coreOf(it), Zoo: part, ID: it.ID, Kind: it.Kind} }
func pupOf(it model.Item) *pup { return &pup{dog: *dogOf(it), Only: it.Only} }

// beastOf returns an item as what it is.
func beastOf(it model.Item) beast {
	switch it.Kind {
	case "cat":
		return catOf(it)
	case "pup":
		return pupOf(it)
	}
	return dogOf(it)
}

// Views of the beasts.
var (
	allBeasts = &model.View{Name: "beasts", Many: true, Makes: []string{"cat", "dog", "pup"}, Project: whole}
	allCats   = &model.View{Name: "cats", Sees: []string{"cat"}, Own: "cat", Makes: []string{"cat"}, Project: whole}
	allDogs   = &model.View{Name: "dogs", Sees: []string{"dog", "pup"}, Own: "dog", Makes: []string{"dog"}, Project: asDog}
	allPups   = &model.View{Name: "pups", Sees: []string{"pup"}, Own: "pup", Makes: []string{"pup"}, Project: whole}
	barkers   = &model.View{Name: "barkers", Sees: []string{"dog", "pup"}, Many: true, Makes: []string{"dog", "pup"}, Project: whole}
	hounds    = &model.View{Name: "hounds", Own: "dog", Makes: []string{"dog"}, Project: asDog}
)

func whole(it model.Item) model.Item { return it }

// asDog is what is read of a pup as a dog.
func asDog(it model.Item) model.Item {
	it.Only = ""
	return it
}

// kept returns a view by which some fields can't be written by key.
func kept(v *model.View, constrained bool, fields ...string) *model.View {
	own := *v
	if constrained {
		own.Unkept = fields
	}
	return &own
}

// beasts declares the beasts of a choice.
func beasts(c choice, kinds ...sti.KindOf) repo.Spec {
	s := declare(c, "beasts", key.Spec{Hash: key.String("zoo"), Range: key.String("id")}, func(d *dog) *core { return &d.core })
	s.Kinds = sti.Kinds("", kinds...)
	s.Defaults = nil
	if c.unique {
		pupOnly := repo.UniqueOn(cond.Field(func(p *pup) *string { return &p.Only })).Named("puppy")
		catOnly := repo.UniqueOn(cond.Field(func(c *cat) *string { return &c.Only }))
		s.Unique = append(s.Unique[:0], pupOnly)
		if len(kinds) == 3 {
			s.Unique = append(s.Unique, catOnly, repo.UniqueOn(cond.Name[beast]("email")), repo.UniqueOn(cond.Name[beast]("room"), cond.Name[beast]("seat")).Named("place"))
		} else {
			s.Unique = append(s.Unique, repo.UniqueOn(cond.Name[dog]("email")), repo.UniqueOn(cond.Name[dog]("room"), cond.Name[dog]("seat")).Named("place"))
		}
	}
	return s
}

func beastRules(c choice) model.Rules {
	c.defaulted = false
	r := c.rules()
	if c.unique {
		only := func(it model.Item) string { return it.Only }
		r.Uniques = append(r.Uniques,
			model.Unique{Name: "only", Kinds: []string{"cat"}, Fields: []string{"only"}, Of: only},
			model.Unique{Name: "puppy", Kinds: []string{"pup"}, Fields: []string{"only"}, Of: only})
	}
	return r
}

// named returns a port of an interface with the attribute that is a set.
func named[T any](p *portOf[T]) *portOf[T] {
	p.tags = cond.As[T](cond.Field(func(d *dog) *[]string { return &d.Tags }))
	return p
}

// beastPort returns a port to a repository of beasts.
func beastPort[T any](r *repo.Repo[T], v *model.View, n cond.Attr[T, int64], at cond.Attr[T, time.Time], in func(model.Item) *T, out func(*T) model.Item) *portOf[T] {
	return &portOf[T]{
		seen: v, r: r, in: in, out: out, n: n, at: at,
		all: func() repo.Query[T] { return r.Query(key.Of(part)) },
		key: func(id string) key.Value { return key.Of(part).Range(id) },
	}
}

var (
	dogN  = cond.Field(func(d *dog) *int64 { return &d.N })
	dogAt = cond.Field(func(d *dog) *time.Time { return &d.Seen })
	catN  = cond.Field(func(c *cat) *int64 { return &c.N })
	catAt = cond.Field(func(c *cat) *time.Time { return &c.Seen })
	pupN  = cond.Field(func(p *pup) *int64 { return &p.N })
	pupAt = cond.Field(func(p *pup) *time.Time { return &p.Seen })
)

func readBeast(av map[string]types.AttributeValue) (model.Item, error) {
	var c struct{ cat }
	err := attributevalue.UnmarshalMap(av, &c.cat)
	it := c.model()
	if kind, ok := av["type"].(*types.AttributeValueMemberS); ok {
		it.Kind = kind.Value
	}
	return lacking(it, av), err
}

// viewed returns a view of a repository.
func viewed[V, T any](t require.TestingT, r *repo.Repo[T]) *repo.Repo[V] {
	v, err := sti.View[V](r)
	require.NoError(t, err)
	return v
}

func init() {
	worlds["beasts"] = func(t require.TestingT, l *lab, c choice) *world {
		w := &world{rules: beastRules(c), db: l.dbs[c.way], keyed: true, keys: []string{"zoo", "id"}, read: readBeast}
		open := func(how way) []port {
			of := made[beast](t, l.dbs[how], beasts(c, sti.Of[cat]("cat"), sti.Of[dog]("dog"), sti.Of[pup]("pup", sti.Under[dog]())))
			shared := []string{"email", "room", "seat", "only"}
			if w.table = of.Table(); how.aside {
				w.check = func(repair bool) ([]unique.Fault, error) { return faultsOf(of, repair) }
			}
			asBeast := func(it model.Item) *beast { b := beastOf(it); return &b }
			return []port{
				named(beastPort(of, kept(allBeasts, c.unique, "only"), cond.As[beast](dogN), cond.As[beast](dogAt), asBeast, func(b *beast) model.Item { return (*b).model() })),
				beastPort(viewed[cat](t, of), allCats, catN, catAt, catOf, (*cat).model),
				beastPort(viewed[dog](t, of), kept(allDogs, c.unique, "only"), dogN, dogAt, dogOf, (*dog).model),
				beastPort(viewed[pup](t, of), allPups, pupN, pupAt, pupOf, (*pup).model),
				named(beastPort(viewed[barker](t, of), kept(barkers, c.unique, shared...), cond.As[barker](dogN), cond.As[barker](dogAt),
					func(it model.Item) *barker { b := beastOf(it).(barker); return &b }, func(b *barker) model.Item { return (*b).model() })),
			}
		}
		w.ports, w.aside = open(c.way), open(way{aside: true})
		return w
	}
	worlds["hounds"] = func(t require.TestingT, l *lab, c choice) *world {
		w := &world{rules: beastRules(c), db: l.dbs[c.way], keyed: true, keys: []string{"zoo", "id"}, read: readBeast}
		open := func(how way) []port {
			of := made[dog](t, l.dbs[how], beasts(c, sti.Of[dog]("dog"), sti.Of[pup]("pup", sti.Under[dog]())))
			pups := viewed[pup](t, of)
			if w.table = of.Table(); how.aside {
				// One of all kinds knows whose marker is whose.
				all := made[barker](t, l.dbs[how], beasts(c, sti.Of[dog]("dog"), sti.Of[pup]("pup", sti.Under[dog]())))
				w.check = func(repair bool) ([]unique.Fault, error) { return faultsOf(all, repair) }
			}
			return []port{
				beastPort(of, kept(hounds, c.unique, "only"), dogN, dogAt, dogOf, (*dog).model),
				beastPort(pups, allPups, pupN, pupAt, pupOf, (*pup).model),
			}
		}
		w.ports, w.aside = open(c.way), open(way{aside: true})
		return w
	}
}
