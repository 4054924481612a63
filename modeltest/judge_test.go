package modeltest

import (
	"errors"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/modeltest/internal/model"
	"github.com/dynarepo/dynarepo/repo"
)

// judge takes what came of an order that trouble struck: what is stored is as if
// it was done or not, or done twice where that can be, and the error tells no
// other story (docs/errors.md, "Lost answers").
func (p *program) judge(o *model.Order, due *trouble, want model.Result, next model.State, got outcome) {
	before := p.state
	twice, again := p.world.rules.Apply(next, o, p.now())
	stored, _ := p.world.look(p.T, p.lab)
	is := func(s model.State) bool { return difference(s.Items, stored) == "" }
	told := meaning(got.err)
	unknown, unread := errors.Is(got.err, repo.ErrUnknown), errors.Is(got.err, repo.ErrUnread)
	p.Logf("struck: %s at %d: %v", due.name, due.nth, got.err)

	switch {
	case is(before) && (got.err != nil || !want.OK() || is(next)):
		p.state = before
		if is(next) && got.err == nil {
			p.state = next
		}
	case want.OK() && is(next):
		p.state = next
	case want.OK() && p.way.retries && due.unknown && is(twice):
		p.state, want = twice, again
	default:
		p.Fatalf("%s, %s: what is stored is neither what was nor what was meant to be (%v)\n%s\n%s", o.Verb, due.name, got.err, difference(before.Items, stored), difference(next.Items, stored))
	}

	_, left := stored[o.Of()]
	removes := o.Verb == model.Delete || o.Verb == model.Destroy
	switch {
	case got.err == nil && removes && !left && p.way.retries && due.unknown:
		// What a lost attempt may have removed is gone, whatever it was (rule O4).
	case got.err == nil:
		require.True(p.T, want.OK(), "%s was done, and is %v", o.Verb, want.Faults)
		require.False(p.T, is(before) && !is(next), "%s told to be done, and was not", o.Verb)
	case unknown:
		require.True(p.T, due.unknown, "%s: the outcome is known: %v", o.Verb, got.err)
	case unread:
		require.True(p.T, want.OK() && is(p.state) && (is(next) || is(twice)), "%s is told to be done", o.Verb)
	case len(told) > 0:
		require.False(p.T, want.OK(), "%s can be done, and is told to be %v: %v", o.Verb, told, got.err)
		require.True(p.T, slices.ContainsFunc(told, func(f model.Fault) bool { return slices.Contains(want.Faults, f) }), "%s is %v, and told to be %v", o.Verb, want.Faults, told)
	default:
		require.True(p.T, is(before), "%s is told to be not done, and was: %v", o.Verb, got.err)
		require.False(p.T, p.way.retries && due.name != "conflict" && due.name != "answer in part", "the SDK would have tried again: %v", got.err)
	}
	if o.Item == nil {
		return
	}
	memory := *o.Item
	if got.err == nil && want.OK() {
		memory = *want.Memory
	}
	if memory.ID == "" && unknown {
		memory.ID = got.memory.ID
	}
	requireItem(p.T, memory, *got.memory, "the caller's item")
}

// cleared takes out of the state what has expired and an upsert has removed, as it
// does also where it fails then: nobody but for unique values can tell.
func (p *program) cleared(orders ...*model.Order) {
	for _, o := range orders {
		it, there := p.state.Items[o.ID]
		if o.Verb != model.Upsert || !there || !p.world.rules.Ended(it, p.now()) {
			continue
		}
		if stored, _ := p.world.look(p.T, p.lab); stored[o.ID].ID == "" {
			p.state = p.world.rules.Clear(p.state, o.View, o.ID)
		}
	}
}
