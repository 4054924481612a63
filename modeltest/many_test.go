package modeltest

import (
	"errors"
	"reflect"
	"slices"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dynarepo/dynarepo/modeltest/internal/model"
	"github.com/dynarepo/dynarepo/repo"
)

// parts draws the orders of a transaction or a batch, on items of their own, mostly.
func (p *program) parts(verbs ...model.Verb) (ports []int, orders []*model.Order) {
	on := rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 1, 3, rapid.ID).Draw(p.T, "ids")
	if p.once(20, "twice on one") {
		on = append(on, on[0])
	}
	made := false
	for _, id := range on {
		port := rapid.IntRange(0, len(p.world.ports)-1).Draw(p.T, "port")
		o := p.order(port, some(p.T, "verb", verbs...), id)
		o.Returns = model.Stored
		if o.Verb.TakesItem() && o.Item.ID == "" {
			if made || slices.Contains(on, generated) {
				o.Item.ID = id // one step makes one ID
			}
			made = true
		}
		ports, orders = append(ports, port), append(orders, o)
	}
	return ports, orders
}

// ops makes the orders of ports, and what the callers' items are afterwards.
func (p *program) ops(ports []int, orders []*model.Order) (ops []repo.Op, memory []func() *model.Item) {
	for i, o := range orders {
		op, after := p.world.ports[ports[i]].op(o)
		ops, memory = append(ops, op), append(memory, after)
	}
	return ops, memory
}

var togetherVerbs = []model.Verb{
	model.Create, model.Put, model.Save, model.SaveChanges, model.Destroy, model.Delete, model.Update, model.Upsert, model.Touch, model.Check,
}

// together is a transaction, sent once more under its token half the time.
func (p *program) together() func() {
	ports, orders := p.parts(togetherVerbs...)
	due := drawTrouble(p.T)
	token, again := "", rapid.Bool().Draw(p.T, "token")
	if again {
		token = p.lab.token()
	}
	return func() {
		ops, memory := p.ops(ports, orders)
		send := func() error {
			if again {
				return failure(call(p.world.db, "TransactOnce", append([]any{ctx, token}, anys(ops)...)...))
			}
			return failure(call(p.world.db, "Transact", append([]any{ctx}, anys(ops)...)...))
		}
		var err error
		struck := p.lab.under(due, func() { err = send() })
		p.Logf("Transact %v: %v", orders, err)
		p.cleared(orders...)
		next, want := p.world.rules.Transact(p.state, orders, p.now())
		if struck {
			p.judgeTogether(due, want, next, err)
		} else {
			p.toldTogether(want, err)
			p.state = next
		}
		if again && (err == nil || errors.Is(err, repo.ErrUnknown)) {
			// Under its token it is done once, whatever became of the first.
			err = send()
			p.toldTogether(want, err)
			p.state = next
			p.cleared(orders...)
		}
		for i, o := range orders {
			if o.Item == nil {
				continue
			}
			mine := *o.Item
			if err == nil {
				mine = *want[i].Memory
			}
			got := *memory[i]()
			if mine.ID == "" {
				got.ID = ""
			}
			requireItem(p.T, mine, got, "the caller's item")
			if err == nil && o.Verb != model.Destroy {
				p.hold(ports[i], got)
			}
		}
	}
}

// toldTogether compares the error of a transaction with what the model says.
func (p *program) toldTogether(want []model.Result, err error) {
	var wrong []int
	invalid := false
	for i, r := range want {
		if !r.OK() {
			wrong = append(wrong, i)
			invalid = invalid || slices.Contains(r.Faults, model.Invalid) || slices.Contains(r.Faults, model.WrongOne)
		}
	}
	failed, ok := errors.AsType[*repo.TransactError](err)
	switch {
	case len(wrong) == 0:
		require.NoError(p.T, err)
	case err == nil:
		p.Fatalf("want the transaction to fail: %+v", want)
	case invalid:
		require.True(p.T, errors.Is(err, repo.ErrInvalid) || slices.Contains(meaning(err), model.WrongOne), "want it to be invalid: %v", err)
	case !ok: // two that want one value are told before anything is sent
		require.ErrorIs(p.T, err, repo.ErrUnique)
		require.ErrorIs(p.T, err, repo.ErrInvalid)
		require.Greater(p.T, len(want), 1)
	default:
		require.NotEmpty(p.T, failed.Failed, "%v", err)
		for _, f := range failed.Failed {
			r := want[f.Position]
			r.Faults = append(r.Faults, r.Maybe...)
			require.NotEmpty(p.T, r.Faults, "it can be done: %v", err)
			require.Empty(p.T, told(r, f.Err), "operation %d", f.Position)
		}
	}
}

// judgeTogether is judge of a transaction, which is done once or not.
func (p *program) judgeTogether(due *trouble, want []model.Result, next model.State, err error) {
	stored, _ := p.world.look(p.T, p.lab)
	was, is := difference(p.state.Items, stored) == "", difference(next.Items, stored) == ""
	ok := !slices.ContainsFunc(want, func(r model.Result) bool { return !r.OK() })
	require.True(p.T, was || ok && is, "%s: %v\n%s\n%s", due.name, err, difference(p.state.Items, stored), difference(next.Items, stored))
	told := meaning(err)
	switch {
	case err == nil:
		require.True(p.T, ok && is, "done, but not so")
		p.state = next
	case errors.Is(err, repo.ErrUnknown):
		require.True(p.T, due.unknown, "the outcome is known: %v", err)
		if is && !was {
			p.state = next
		}
	case len(told) > 0:
		require.False(p.T, ok, "it can be done, and is told to be %v: %v", told, err)
		p.toldTogether(want, err)
	default:
		require.True(p.T, was, "told to be not done, and was: %v", err)
		require.False(p.T, p.way.retries && due.name != "conflict" && due.name != "answer in part", "the SDK would have tried again: %v", err)
	}
}

// batch is a batch of puts and deletes, and of what no batch holds.
func (p *program) batch() func() {
	ports, orders := p.parts(model.Put, model.Put, model.Put, model.Delete, model.Delete, model.Save, model.Destroy, model.Update)
	if !p.once(6, "with options") {
		for _, o := range orders {
			o.If, o.Unchanged, o.Unchecked = nil, nil, false
			o.Overwrite = o.Verb != model.Delete && o.Verb != model.Update
		}
	}
	due := drawTrouble(p.T)
	hows := some(p.T, "how", nil, []string{"Progress"}, []string{"Rate", "Progress"}, []string{"Progress", "Rate"})
	return func() {
		ops, memory := p.ops(ports, orders)
		var by any = p.world.db
		var progress []repo.Progress
		for _, how := range hows {
			with := any(func(now repo.Progress) { progress = append(progress, now) })
			if how == "Rate" {
				with = 1e6
			}
			by = call(by, how, with)[0].Interface()
		}
		var err error
		struck := p.lab.under(due, func() { err = failure(call(by, "Batch", append([]any{ctx}, anys(ops)...)...)) })
		p.Logf("Batch %v: %v", orders, err)
		next, want := p.world.rules.Batch(p.state, orders, p.now())
		var left []int
		failed, some := errors.AsType[*repo.BatchError](err)
		if some {
			left = failed.Left
		}
		done := func(i int) bool { return want[i].OK() && !slices.Contains(left, i) }
		switch {
		case struck && some:
			want = p.judgeBatch(due, orders, failed)
		case struck && err != nil:
			p.Fatalf("want no other error of a batch: %v", err)
		default:
			p.toldBatch(want, err)
			p.state = next
		}
		for i, o := range orders {
			if o.Item == nil {
				continue
			}
			mine := *o.Item
			if done(i) && (err == nil || some) {
				mine = *want[i].Memory
			}
			got := *memory[i]()
			if mine.ID == "" {
				got.ID = ""
			}
			requireItem(p.T, mine, got, "the caller's item")
			if done(i) && o.Verb != model.Destroy {
				p.hold(ports[i], got)
			}
		}
		if len(progress) > 0 {
			last := progress[len(progress)-1]
			assert.Equal(p.T, len(orders)-len(left), last.Done, "told of as done")
			assert.Equal(p.T, len(left), last.Left, "told of as left")
		}
	}
}

// toldBatch compares the error of a batch without trouble with what the model says.
func (p *program) toldBatch(want []model.Result, err error) {
	failed, some := errors.AsType[*repo.BatchError](err)
	wrong := 0
	for i, r := range want {
		if r.OK() {
			continue
		}
		wrong++
		if !some { // refused as a whole
			require.ErrorIs(p.T, err, repo.ErrInvalid)
			continue
		}
		at := slices.Index(failed.Left, i)
		require.GreaterOrEqual(p.T, at, 0, "operation %d is not left: %v", i, err)
		require.Empty(p.T, told(r, failed.Errs[at]), "operation %d", i)
	}
	if wrong == 0 {
		require.NoError(p.T, err)
	} else if some {
		require.Len(p.T, failed.Left, wrong, "%v", err)
	}
}

// judgeBatch is judge of a batch: each operation is done for itself, and those that
// are left may have been. It returns what came of each, as it was told.
func (p *program) judgeBatch(due *trouble, orders []*model.Order, failed *repo.BatchError) []model.Result {
	stored, _ := p.world.look(p.T, p.lab)
	var close string
	for set := range 1 << len(failed.Left) {
		var done []*model.Order
		possible := true
		for i, o := range orders {
			at := slices.Index(failed.Left, i)
			if at < 0 || set>>at&1 == 1 {
				done = append(done, o)
			}
			if at >= 0 && set>>at&1 == 1 {
				possible = possible && errors.Is(failed.Errs[at], repo.ErrUnknown)
			}
		}
		next, results := p.world.rules.Batch(p.state, done, p.now())
		possible = possible && !slices.ContainsFunc(results, func(r model.Result) bool { return !r.OK() })
		if close = difference(next.Items, stored); possible && close == "" {
			p.state = next
			all := make([]model.Result, len(orders))
			for i, o := range orders {
				all[i].Memory = o.Item
				if at := slices.Index(done, o); at >= 0 {
					all[i] = results[at]
				}
			}
			return all
		}
	}
	p.Fatalf("%s: no set of what is left explains what is stored: %v: %v\n%s", due.name, failed.Left, failed, close)
	return nil
}

func anys[V any](of []V) []any {
	all := make([]any, len(of))
	for i, v := range of {
		all[i] = v
	}
	return all
}

// failure is the error that a call returned last.
func failure(results []reflect.Value) error {
	err, _ := results[len(results)-1].Interface().(error)
	return err
}
