package modeltest

import (
	"errors"
	"slices"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dynarepo/dynarepo/modeltest/internal/model"
	"github.com/dynarepo/dynarepo/repo"
)

// bulk changes or removes what a query finds.
func (p *program) bulk() func() {
	at := rapid.IntRange(0, len(p.world.ports)-1).Draw(p.T, "port")
	port := p.world.ports[at]
	var where *model.Cond
	if p.once(2, "where") {
		where = p.cond()
	}
	removes := p.once(3, "delete")
	o := model.Order{Verb: model.Update, View: port.view(), Changes: p.changes(at)}
	if !p.world.keyed { // a scan has no order, so nobody knows who gets a value first
		o.Changes = slices.DeleteFunc(o.Changes, func(c model.Change) bool {
			return slices.Contains([]string{"email", "room", "seat", "only"}, c.Field)
		})
	}
	due := drawTrouble(p.T)
	return func() {
		var n, want int
		var err error
		var next model.State
		var faults []model.Fault
		struck := p.lab.under(due, func() {
			if removes {
				n, err = port.deleteAll(ctx, where)
			} else {
				n, err = port.updateAll(ctx, &o, where)
			}
		})
		if removes {
			next, want, faults = p.world.rules.DeleteAll(p.state, port.view(), where, p.now())
			p.Logf("DeleteAll %v: %d, %v", where, n, err)
		} else {
			next, want, faults = p.world.rules.UpdateAll(p.state, o, where, p.now())
			p.Logf("Update all %v %v: %d, %v", where, &o, n, err)
		}
		if struck && err != nil {
			p.judgeBulk(due, &o, removes, where, n, err)
			return
		}
		if t := told(model.Result{Faults: faults}, err); t != "" {
			p.Fatalf("%s", t)
		}
		if struck && !removes && due.unknown { // an update may have been made twice
			p.judgeBulk(due, &o, removes, where, n, nil)
			return
		}
		require.Equal(p.T, want, n, "how many")
		p.state = next
	}
}

// judgeBulk takes what came of a bulk verb that trouble struck: each item is as
// it was, or changed, or changed twice where the SDK tried again.
func (p *program) judgeBulk(due *trouble, o *model.Order, removes bool, where *model.Cond, n int, err error) {
	stored, _ := p.world.look(p.T, p.lab)
	next, done := p.state, 0
	most := 1
	if p.way.retries && due.unknown {
		most = 2
	}
	for _, id := range p.state.IDs() {
		it, seen := p.world.rules.Sees(p.state, o.View, id, p.now())
		if !seen || !where.Holds(&it) {
			continue
		}
		for times := 0; ; times++ {
			have, there := stored[id]
			want, wanted := next.Items[id]
			if there == wanted && difference(map[string]model.Item{id: want}, map[string]model.Item{id: have}) == "" || !there && !wanted {
				done += min(times, 1)
				break
			}
			require.Less(p.T, times, most, "%s: %s is neither as it was nor as it was meant to be (%v)", due.name, id, err)
			if removes {
				next = p.world.rules.Remove(next, id)
				continue
			}
			one := *o
			one.ID, one.Returns = id, model.Nothing
			var result model.Result
			next, result = p.world.rules.Apply(next, &one, p.now())
			require.True(p.T, result.OK(), "%s was changed, which was meant to be %v", id, result.Faults)
		}
	}
	require.Empty(p.T, difference(next.Items, stored), "%s: %v", due.name, err)
	assert.LessOrEqual(p.T, n, done, "told of more than was done")
	if !errors.Is(err, repo.ErrUnknown) && !due.unknown {
		assert.Equal(p.T, done, n, "told of less than was done")
	}
	p.state = next
}

// look reads through a port in one of all ways.
func (p *program) look() func() {
	at := rapid.IntRange(0, len(p.world.ports)-1).Draw(p.T, "port")
	port := p.world.ports[at]
	if p.once(3, "list") {
		how := some(p.T, "how", "All", "Load", "Pages", "Collect", "Count")
		var where *model.Cond
		if p.once(2, "where") {
			where = p.cond()
		}
		return func() { p.lists(at, port, how, where) }
	}
	how, id := some(p.T, "how", readings...), some(p.T, "id", ids...)
	return func() {
		got, err := port.get(ctx, how, id)
		p.Logf("%s %s: %v", how, id, err)
		want, ok := p.world.rules.Sees(p.state, port.view(), id, p.now())
		if !ok {
			require.ErrorIs(p.T, err, repo.ErrNotFound)
			return
		}
		require.NoError(p.T, err)
		if how == "Exists" {
			return
		}
		requireItem(p.T, port.view().Project(want), got, "what is read")
		p.hold(at, got)
	}
}

func (p *program) lists(at int, port port, how string, where *model.Cond) {
	var want []string
	for _, id := range p.state.IDs() {
		if it, ok := p.world.rules.Sees(p.state, port.view(), id, p.now()); ok && where.Holds(&it) {
			want = append(want, id)
		}
	}
	if how == "Count" {
		n, err := port.count(ctx, where)
		require.NoError(p.T, err)
		require.Len(p.T, want, n)
		return
	}
	got, err := port.list(ctx, how, where)
	require.NoError(p.T, err)
	var found []string
	for _, it := range got {
		found = append(found, it.ID)
		requireItem(p.T, port.view().Project(p.state.Items[it.ID]), it, "what is read")
		p.hold(at, it)
	}
	if !p.world.keyed {
		slices.Sort(found)
	}
	require.Equal(p.T, want, found)
}
