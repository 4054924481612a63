package modeltest

import (
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/modeltest/internal/model"
	"github.com/dynarepo/dynarepo/repo"
)

// steps are those of all programs.
var steps atomic.Int64

// A program is one run of random steps over a world.
type program struct {
	*rapid.T

	lab   *lab
	world *world
	way   way
	state model.State
	held  []held // items that the caller has
	wrong string // what came of another's order; "" if it was right
}

// A held item is one that was loaded or written through a port.
type held struct {
	port int
	item model.Item
}

// now is the time of the step.
func (p *program) now() time.Time { return p.lab.clock() }

// hold keeps an item, among the last few.
func (p *program) hold(port int, it model.Item) {
	if it.ID == "" {
		return
	}
	if p.held = append(p.held, held{port, it.Read()}); len(p.held) > 6 {
		p.held = p.held[1:]
	}
}

// step runs one step: what it draws before it runs is all that it does.
func (p *program) step(draw func() func()) func(*rapid.T) {
	return func(t *rapid.T) {
		p.T = t
		p.lab.now.Add(int64(time.Millisecond))
		draw()()
		steps.Add(1)
		if *careful {
			p.world.agree(t, p.lab, p.state)
		}
	}
}

func some[V any](t *rapid.T, label string, of ...V) V { return rapid.SampledFrom(of).Draw(t, label) }

func (p *program) once(in int, label string) bool {
	return rapid.IntRange(1, in).Draw(p.T, label) == in
}

// fresh draws the fields of an item.
func (p *program) fresh(port int, it model.Item) model.Item {
	it.N = some[int64](p.T, "n", 0, 1, 2, 3, 3, 4, model.Bad)
	it.Note = some(p.T, "note", "", "x", "y")
	it.Email = some(p.T, "email", "", "e", "f", "g")
	it.Room = some(p.T, "room", "", "r")
	it.Seat = some[int64](p.T, "seat", 0, 1)
	if it.Only = ""; it.Kind == "cat" || it.Kind == "pup" {
		it.Only = some(p.T, "only", "", "o", "q")
	}
	it.Tags = some(p.T, "tags", nil, []string{"s"}, []string{"s", "t"})
	it.List = some(p.T, "list", nil, []string{"l"}, []string{"m", "l", "l"})
	if p.once(3, "ends") {
		it.End = p.end()
	}
	return p.world.ports[port].view().Project(it)
}

// end draws when an item ends.
func (p *program) end() int64 {
	return p.now().Add(some(p.T, "end", -time.Second, 30*time.Minute, 3*time.Hour)).Unix()
}

// item draws an item: one that is held, as it is or changed, or a new one.
func (p *program) item(port int, id string, old bool) model.Item {
	var own []model.Item
	for _, h := range p.held {
		if h.port == port && (id == "" || h.item.ID == id) {
			own = append(own, h.item)
		}
	}
	if len(own) > 0 && (old || p.once(2, "held")) {
		it := rapid.SampledFrom(own).Draw(p.T, "item").Clone()
		if p.once(2, "as it is") {
			return it
		}
		return p.fresh(port, it)
	}
	if id == "" {
		id = some(p.T, "id", ids...)
	}
	kind := ""
	if kinds := p.world.ports[port].view().Makes; kinds != nil {
		kind = some(p.T, "kind", kinds...)
	}
	it := p.fresh(port, model.Item{ID: id, Kind: kind, Version: some[int64](p.T, "version", 0, 0, 1, 2)})
	if p.once(4, "created") {
		it.Created = begin.Add(-time.Hour).UnixNano()
	}
	if p.world.makes && p.once(6, "without an ID") {
		it.ID = ""
	}
	return it
}

var verbs = []model.Verb{
	model.Create, model.Create, model.Put, model.Save, model.Save, model.SaveChanges, model.SaveChanges, model.Destroy, model.Delete,
	model.Update, model.Update, model.Upsert, model.Upsert, model.Touch, model.Increment,
}

// order draws an order through a port, of an item with an ID if one is given.
func (p *program) order(port int, verb model.Verb, id string) *model.Order {
	o := &model.Order{Verb: verb, View: p.world.ports[port].view()}
	if verb.TakesItem() {
		it := p.item(port, id, verb != model.Create && verb != model.Put)
		o.Item = &it
		if verb == model.SaveChanges {
			before := it.Clone()
			changed := p.fresh(port, it)
			if p.once(8, "unchanged") {
				changed = it.Clone()
			}
			o.Before, o.Item = &before, &changed
		}
	} else if o.ID = id; id == "" {
		o.ID = some(p.T, "id", ids...)
	}
	switch verb {
	case model.Increment:
		o.Changes = []model.Change{{Op: model.Add, Field: "n", Int: some[int64](p.T, "by", 1, 2, -1)}}
		return o
	case model.Update, model.Upsert:
		o.Changes = p.changes(port)
	case model.Touch:
		o.Named = p.once(2, "seen")
	default:
	}
	p.options(port, o)
	return o
}

// options draws the options of an order, most of which it honours.
func (p *program) options(port int, o *model.Order) {
	if p.once(4, "if") {
		o.If = p.cond()
	}
	if p.once(8, "if unchanged") {
		it := p.item(port, o.Of(), true)
		if it.ID != "" {
			o.Unchanged = &it
		}
	}
	o.Overwrite = p.once(8, "overwrite")
	o.Unchecked = p.once(8, "unchecked")
	if o.Returns = some(p.T, "returns", model.Stored, model.Stored, model.Before, model.Nothing); !o.Verb.Changing() && !p.once(10, "returning") {
		o.Returns = model.Stored
	}
}

func (p *program) cond() *model.Cond {
	return &model.Cond{AtMost: some[int64](p.T, "at most", -1, 1, 2, 3), NoN: p.once(4, "no n")}
}

// changes draws the changes of an update.
func (p *program) changes(port int) []model.Change {
	all := []model.Change{
		{Op: model.Set, Field: "n", Int: 2},
		{Op: model.SetIfMissing, Field: "n", Int: 3},
		{Op: model.Add, Field: "n", Int: 1},
		{Op: model.Remove, Field: "n"},
		{Op: model.Set, Field: "note", Text: "z"},
		{Op: model.SetIfMissing, Field: "note", Text: "w"},
		{Op: model.Remove, Field: "note"},
		{Op: model.Set, Field: "email", Text: "e"},
		{Op: model.Set, Field: "email", Text: "f"},
		{Op: model.Set, Field: "email", Text: ""},
		{Op: model.Remove, Field: "email"},
		{Op: model.Set, Field: "only", Text: "o"},
		{Op: model.Remove, Field: "only"},
		{Op: model.Set, Field: "room", Text: "r"},
		{Op: model.Set, Field: "seat", Int: 1},
		{Op: model.Add, Field: "seat", Int: 1},
		{Op: model.Remove, Field: "seat"},
		{Op: model.Set, Field: "tags", Texts: []string{"u"}},
		{Op: model.Add, Field: "tags", Texts: []string{"s", "t"}},
		{Op: model.Subtract, Field: "tags", Texts: []string{"s"}},
		{Op: model.Set, Field: "list", Texts: []string{"k"}},
		{Op: model.Append, Field: "list", Texts: []string{"y", "z"}},
		{Op: model.Prepend, Field: "list", Texts: []string{"a"}},
		{Op: model.Remove, Field: "list"},
		{Op: model.Set, Field: "end", Int: p.end()},
	}
	all = slices.DeleteFunc(all, func(c model.Change) bool { return c.Field == "only" && !has(p.world.ports[port].view()) })
	changes := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 3, func(c model.Change) string { return c.Field }).Draw(p.T, "changes")
	if p.once(20, "twice") {
		changes = append(changes, changes[0])
	}
	return changes
}

// has reports whether the items of a view have the field that not all have, or
// it refuses to change it.
func has(v *model.View) bool {
	return v.Own == "cat" || v.Own == "pup" || len(v.Unkept) > 0
}

// begun draws a world and begins a program in it.
func begun(t *rapid.T, l *lab, kinds ...string) *program {
	c := choice{kind: some(t, "kind", kinds...)}
	flip := func(label string) bool { return rapid.Bool().Draw(t, label) }
	c.lock, c.unique, c.hides, c.defaulted = flip("lock"), flip("unique"), flip("hides"), flip("default")
	c.way = way{retries: flip("retries"), standard: flip("standard")}
	l.now.Store(begin.UnixNano())
	return &program{
		T: t, lab: l, world: l.world(t, c), way: c.way,
		state: model.State{Items: map[string]model.Item{}, Taken: map[string]string{}},
	}
}

// between is the trouble that another writes before a request of an order is sent.
func (p *program) between() (*trouble, *model.Order) {
	port := rapid.IntRange(0, len(p.world.aside)-1).Draw(p.T, "other port")
	other := p.order(port, some(p.T, "other verb", model.Put, model.Create, model.Delete, model.Update, model.Upsert), "")
	other.Unchanged = nil
	return &trouble{
		name: "another writes between", operations: writing, nth: rapid.IntRange(1, 2).Draw(p.T, "nth"),
		fault: func(req *http.Request, send faults.Send) (*http.Response, error) {
			got := p.world.aside[port].do(ctx, other)
			p.cleared(other)
			next, want := p.world.rules.Apply(p.state, other, p.now())
			p.wrong = told(want, got.err)
			p.Logf("meanwhile %s: %v", other, got.err)
			p.state = next
			return send(req)
		},
	}, other
}

// told says how an error is not what a result of the model allows; "" if it is.
func told(want model.Result, err error) string {
	switch means := meaning(err); {
	case want.OK() && err != nil:
		return "want no error, got: " + err.Error()
	case want.OK():
		return ""
	case err == nil:
		return "want an error: " + string(want.Faults[0])
	case !slices.ContainsFunc(means, func(f model.Fault) bool { return slices.Contains(want.Faults, f) }):
		return "want the error " + string(want.Faults[0]) + ", got: " + err.Error()
	case errors.Is(err, repo.ErrUnknown) || errors.Is(err, repo.ErrUnread):
		return "want a known outcome, got: " + err.Error()
	}
	return ""
}

func (p *program) one() func() {
	port := rapid.IntRange(0, len(p.world.ports)-1).Draw(p.T, "port")
	o := p.order(port, some(p.T, "verb", verbs...), "")
	due := drawTrouble(p.T)
	if due == nil && p.once(4, "between") {
		due, _ = p.between()
	}
	return func() {
		var got outcome
		struck := p.lab.under(due, func() { got = p.world.ports[port].do(ctx, o) })
		p.Logf("%s: %v", o, got.err)
		require.Empty(p.T, p.wrong, "the other")
		p.cleared(o)
		next, want := p.world.rules.Apply(p.state, o, p.now())
		if struck && due.name != "another writes between" {
			p.judge(o, due, want, next, got)
			return
		}
		if t := told(want, got.err); t != "" {
			p.Fatalf("%s: %s", o.Verb, t)
		}
		p.state = next
		if struck && o.Returns == model.Before && len(p.world.rules.Uniques) > 0 {
			return // what was read before the other wrote: repo.Unique says so
		}
		p.remember(port, o, want, got)
	}
}

// remember compares what the caller has of an order that was done as the model
// says, and keeps it.
func (p *program) remember(port int, o *model.Order, want model.Result, got outcome) {
	if want.Memory != nil {
		requireItem(p.T, *want.Memory, *got.memory, "the caller's item")
		if want.OK() && o.Verb != model.Destroy {
			p.hold(port, *got.memory)
		}
	}
	switch {
	case o.Verb == model.Increment:
		require.Equal(p.T, want.Returned.N, got.returned.N, "the counter")
	case o.Verb.Changing():
		requireItem(p.T, o.View.Project(want.Returned), got.returned, "what is returned")
		p.hold(port, got.returned)
	}
}

func requireItem(t require.TestingT, want, got model.Item, what string) {
	if !want.Equal(got) {
		assert.Fail(t, what, "want %+v\ngot  %+v", want.Read(), got.Read())
		t.FailNow()
	}
}
