package modeltest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/modeltest/internal/model"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
	"github.com/dynarepo/dynarepo/unique"
)

// A world is one table, with the repositories over it and the rules they declare.
type world struct {
	name  string
	rules model.Rules
	db    *repo.DB
	ports []port // that programs write through
	aside []port // the same without trouble
	keyed bool   // one query finds all items, in the order of their IDs
	makes bool   // IDs may be left to the model

	table string
	keys  []string
	read  func(map[string]types.AttributeValue) (model.Item, error)
	check func(repair bool) ([]unique.Fault, error)
}

// A choice is what a program draws of a world.
type choice struct {
	kind                           string
	lock, unique, hides, defaulted bool
	way                            way
}

// generated is the ID of an item that has none, in each step of a program.
var generated = ids[len(ids)-1]

func (c choice) rules() model.Rules {
	r := model.Rules{Lock: c.lock, Hides: c.hides}
	if c.hides {
		r.After = time.Hour
	}
	if c.defaulted {
		r.Default = "new"
	}
	if c.unique {
		r.Uniques = []model.Unique{
			{Name: "email", Fields: []string{"email"}, Of: func(it model.Item) string { return it.Email }},
			{Name: "place", Fields: []string{"room", "seat"}, Of: func(it model.Item) string {
				if it.Room == "" || it.Lacks&model.LacksSeat != 0 {
					return ""
				}
				return fmt.Sprint(it.Room, it.Seat)
			}},
		}
	}
	return r
}

// declare declares a model of T by a choice.
func declare[T any](c choice, name string, k key.Spec, of func(*T) *core) repo.Spec {
	text := func(f func(*core) *string) cond.Attr[T, string] {
		return cond.Field(func(it *T) *string { return f(of(it)) })
	}
	email, room := text(func(c *core) *string { return &c.Email }), text(func(c *core) *string { return &c.Room })
	seat := cond.Field(func(it *T) *int64 { return &of(it).Seat })
	s := repo.Spec{
		Table: name, Key: k, Timestamps: repo.Timestamps{Created: "created", Updated: "updated"},
	}
	if c.lock {
		s.Lock = lock.Version("version")
	}
	if c.hides {
		s.TTL = repo.TTL{Attr: "end", After: time.Hour, Hide: true}
	}
	if c.defaulted {
		s.Defaults = []repo.Default{repo.DefaultTo(text(func(c *core) *string { return &c.Note }), "new")}
	}
	if c.unique {
		s.Unique = []repo.Unique{repo.UniqueOn(email), repo.UniqueOn(room, seat).Named("place")}
	}
	return s
}

// made returns a repository over a table that need not be there. The table does
// not remove what has expired: the program does.
func made[T any](t require.TestingT, db *repo.DB, spec repo.Spec) *repo.Repo[T] {
	bare := spec
	bare.TTL, bare.ID = repo.TTL{}, nil
	r, err := repo.New[T](db, bare)
	require.NoError(t, err)
	_, err = table.Create(ctx, r, nil)
	require.NoError(t, err)
	r, err = repo.New[T](db, spec)
	require.NoError(t, err)
	return r
}

// items completes a world of items of one struct.
func items[T any](l *lab, w *world, of *repo.Repo[T], out func(*T) model.Item) {
	w.table = of.Table()
	w.read = func(av map[string]types.AttributeValue) (model.Item, error) {
		var it T
		if err := attributevalue.UnmarshalMap(av, &it); err != nil {
			return model.Item{}, err
		}
		return lacking(out(&it), av), nil
	}
	w.check = func(repair bool) ([]unique.Fault, error) { return faultsOf(of, repair) }
}

func faultsOf[T any](r *repo.Repo[T], repair bool) (all []unique.Fault, err error) {
	for page, err := range unique.Check(ctx, r, unique.Options{Repair: repair}) {
		if err != nil {
			return all, err
		}
		all = append(all, page.Items...)
	}
	return all, nil
}

// lacking tells of an item what it was never written with.
func lacking(it model.Item, av map[string]types.AttributeValue) model.Item {
	for name, lacks := range map[string]model.Fields{"n": model.LacksN, "note": model.LacksNote, "seat": model.LacksSeat} {
		if av[name] == nil {
			it.Lacks |= lacks
		}
	}
	return it
}

// everything is the view of those that see all there is.
var everything = &model.View{Name: "all", Project: func(it model.Item) model.Item { return it }}

// world returns the world of a choice, with empty tables.
func (l *lab) world(t require.TestingT, c choice) *world {
	name := fmt.Sprintf("%+v", c)
	w := l.worlds[name]
	if w == nil {
		w = worlds[c.kind](t, l, c)
		w.name = name
		l.worlds[name] = w
	}
	l.empty(t, w.table, w.keys...)
	return w
}

// worlds make the worlds of each kind.
var worlds = map[string]func(t require.TestingT, l *lab, c choice) *world{
	"notes": func(t require.TestingT, l *lab, c choice) *world {
		w := &world{rules: c.rules(), makes: true, keys: []string{"id"}}
		w.rules.NewID = func() string { return generated }
		spec := declare(c, "notes", key.Spec{Hash: key.String("id")}, func(n *note) *core { return &n.core })
		spec.ID = w.rules.NewID
		open := func(how way) *portOf[note] {
			r := made[note](t, l.dbs[how], spec)
			return &portOf[note]{
				seen: everything, r: r, in: noteOf, out: (*note).model, all: r.Scan,
				key: func(id string) key.Value { return key.Of(id) },
				n:   cond.Field(func(n *note) *int64 { return &n.N }), at: cond.Field(func(n *note) *time.Time { return &n.Seen }),
			}
		}
		return simple(l, w, c, open, (*note).model)
	},
	"lines": func(t require.TestingT, l *lab, c choice) *world {
		w := &world{rules: c.rules(), keyed: true, keys: []string{"part", "id"}}
		spec := declare(c, "lines", key.Spec{Hash: key.String("part"), Range: key.String("id")}, func(n *line) *core { return &n.core })
		open := func(how way) *portOf[line] {
			r := made[line](t, l.dbs[how], spec)
			return &portOf[line]{
				seen: everything, r: r, in: lineOf, out: (*line).model,
				all: func() repo.Query[line] { return r.Query(key.Of(part)) },
				key: func(id string) key.Value { return key.Of(part).Range(id) },
				n:   cond.Field(func(n *line) *int64 { return &n.N }), at: cond.Field(func(n *line) *time.Time { return &n.Seen }),
			}
		}
		return simple(l, w, c, open, (*line).model)
	},
	"desks": func(t require.TestingT, l *lab, c choice) *world {
		w := &world{rules: c.rules(), keyed: true, keys: []string{"pk", "sk"}}
		spec := declare(c, "desks", key.Spec{
			Hash:  key.Composite("pk", key.Literal("DESK"), key.String("city")),
			Range: key.Composite("sk", key.String("team"), key.Int("num").Sortable()),
		}, func(d *desk) *core { return &d.core })
		open := func(how way) *portOf[desk] {
			r := made[desk](t, l.dbs[how], spec)
			return &portOf[desk]{
				seen: everything, r: r, in: deskOf, out: (*desk).model,
				all: func() repo.Query[desk] { return r.Query(key.Of(part)) },
				key: func(id string) key.Value { return key.Of(part).Range(id[:1], number(id[1:])) },
				n:   cond.Field(func(n *desk) *int64 { return &n.N }), at: cond.Field(func(n *desk) *time.Time { return &n.Seen }),
			}
		}
		return simple(l, w, c, open, (*desk).model)
	},
}

// simple completes a world of one repository.
func simple[T any](l *lab, w *world, c choice, open func(way) *portOf[T], out func(*T) model.Item) *world {
	w.db = l.dbs[c.way]
	p := open(c.way)
	w.ports, w.aside = []port{p}, []port{open(way{aside: true})}
	items(l, w, open(way{aside: true}).r, out)
	return w
}

// look returns what is stored.
func (w *world) look(t require.TestingT, l *lab) (stored map[string]model.Item, markers int) {
	all, markers := l.scan(t, w.table, w.keys[0])
	stored = map[string]model.Item{}
	for _, av := range all {
		it, err := w.read(av)
		require.NoError(t, err)
		stored[it.ID] = it
	}
	return stored, markers
}

// agree fails where what is stored is not what the model has.
func (w *world) agree(t require.TestingT, l *lab, s model.State) {
	stored, markers := w.look(t, l)
	require.Empty(t, difference(s.Items, stored), "what is stored is not what it is meant to be")
	if len(w.rules.Uniques) == 0 {
		return
	}
	require.Equal(t, len(s.Taken), markers, "markers, of %v", s.Taken)
	for _, repair := range []bool{false, true} {
		if repair && *careful {
			return
		}
		found, err := w.check(repair)
		require.NoError(t, err)
		for _, f := range found {
			require.Equal(t, unique.Orphaned, f.Kind, "of %s", f.Name)
		}
		require.Len(t, found, len(w.rules.Orphans(s)), "orphans %v of %v", w.rules.Orphans(s), s.Taken)
	}
	found, err := w.check(false)
	require.NoError(t, err)
	require.Empty(t, found, "what was mended")
}

// difference tells how what is stored differs from what is meant to be; "" if it
// does not.
func difference(want, got map[string]model.Item) string {
	var b strings.Builder
	for _, id := range ids {
		a, wanted := want[id]
		c, there := got[id]
		a, c = exact(a), exact(c)
		if wanted != there || !a.Equal(c) || a.Lacks != c.Lacks {
			fmt.Fprintf(&b, "%s: want %v %+v\n    got  %v %+v\n", id, wanted, a, there, c)
		}
	}
	return b.String()
}

func exact(it model.Item) model.Item {
	slices.Sort(it.Tags)
	return it
}
