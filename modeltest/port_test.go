package modeltest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/modeltest/internal/model"
	"github.com/dynarepo/dynarepo/repo"
)

// A port is a repository as programs use it.
type port interface {
	view() *model.View
	// do sends one order.
	do(ctx context.Context, o *model.Order) outcome
	// op makes one order part of a batch or a transaction, and returns what the
	// caller's item is behind it.
	op(o *model.Order) (repo.Op, func() *model.Item)
	get(ctx context.Context, how, id string) (model.Item, error)
	list(ctx context.Context, how string, where *model.Cond) ([]model.Item, error)
	count(ctx context.Context, where *model.Cond) (int, error)
	updateAll(ctx context.Context, o *model.Order, where *model.Cond) (int, error)
	deleteAll(ctx context.Context, where *model.Cond) (int, error)
}

// An outcome is what came of an order.
type outcome struct {
	err      error
	returned model.Item
	memory   *model.Item // the caller's item afterwards
}

// A portOf is a port to a repository of T.
type portOf[T any] struct {
	seen *model.View
	r    *repo.Repo[T]
	key  func(id string) key.Value
	in   func(model.Item) *T
	out  func(*T) model.Item
	all  func() repo.Query[T] // what is read as a whole
	n    cond.Attr[T, int64]
	at   cond.Attr[T, time.Time] // Seen
	tags cond.Attr[T, []string]  // of a type without fields, which does not say that it is a set
}

func (p *portOf[T]) view() *model.View { return p.seen }

// covered are the methods that programs have called.
var covered sync.Map

// call calls a method by its name.
func call(target any, name string, args ...any) []reflect.Value {
	v := reflect.ValueOf(target)
	covered.Store(bare(v.Type())+"."+name, true)
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.ValueOf(a)
	}
	return v.MethodByName(name).Call(in)
}

// args are the arguments of a verb, the same for a repository, a writer and its
// ops, and a way to see what became of the caller's item.
func (p *portOf[T]) args(o *model.Order) (args []any, memory func() *model.Item) {
	memory = func() *model.Item { return nil }
	if o.Verb.TakesItem() {
		item := p.in(*o.Item)
		if o.Verb == model.SaveChanges {
			args = append(args, p.in(*o.Before))
		}
		return append(args, item), func() *model.Item {
			it := p.out(item)
			return &it
		}
	}
	args = append(args, p.key(o.ID))
	if o.Verb == model.Touch && o.Named {
		args = append(args, p.at)
	}
	for _, c := range o.Changes {
		args = append(args, p.change(c))
	}
	return args, memory
}

// told returns what does the order: the repository, or a writer with options.
func (p *portOf[T]) told(o *model.Order) any {
	if o.Plain() {
		return p.r
	}
	var w any = p.r
	with := func(name string, args ...any) { w = call(w, name, args...)[0].Interface() }
	options := []struct {
		given bool
		name  string
		arg   func() any
	}{
		{o.If != nil, "If", func() any { return condition[T](o.If) }},
		{o.Unchanged != nil, "IfUnchanged", func() any { return p.in(*o.Unchanged) }},
		{o.Overwrite, "Overwrite", nil},
		{o.Unchecked, "SkipValidation", nil},
		{o.Returns == model.Before, "Returning", func() any { return repo.ReturnBefore }},
		{o.Returns == model.Nothing, "Returning", func() any { return repo.ReturnNothing }},
	}
	if o.Unchecked {
		slices.Reverse(options) // in whichever order
	}
	for _, option := range options {
		switch {
		case !option.given:
		case option.arg == nil:
			with(option.name)
		default:
			with(option.name, option.arg())
		}
	}
	return w
}

func (p *portOf[T]) do(ctx context.Context, o *model.Order) outcome {
	if o.Verb == model.Increment {
		covered.Store("repo.Increment", true)
		n, err := repo.Increment(ctx, p.r, p.key(o.ID), p.n, o.Changes[0].Int)
		return outcome{err: err, returned: model.Item{N: n}}
	}
	args, memory := p.args(o)
	results := call(p.told(o), string(o.Verb), append([]any{ctx}, args...)...)
	out := outcome{memory: memory()}
	out.err = failure(results)
	if len(results) == 2 {
		item, _ := results[0].Interface().(T)
		out.returned = p.read(&item)
	}
	return out
}

// read is out of an item that may be none.
func (p *portOf[T]) read(item *T) model.Item {
	if reflect.ValueOf(item).Elem().IsZero() {
		return model.Item{}
	}
	return p.out(item)
}

func (p *portOf[T]) op(o *model.Order) (repo.Op, func() *model.Item) {
	args, memory := p.args(o)
	ops := call(p.told(o), "Ops")[0].Interface()
	return call(ops, string(o.Verb), args...)[0].Interface().(repo.Op), memory
}

// The ways to read an item.
var readings = []string{"Get", "Load", "Consistent.Get", "Consistent.Load", "GetMany", "TransactGet", "Exists"}

func (p *portOf[T]) get(ctx context.Context, how, id string) (model.Item, error) {
	k := p.key(id)
	switch how {
	case "Get":
		it, err := p.r.Get(ctx, k)
		return p.found(&it, err)
	case "Load":
		return p.found(p.r.Load(ctx, k))
	case "Consistent.Get":
		it, err := p.r.Consistent().Get(ctx, k)
		return p.found(&it, err)
	case "Consistent.Load":
		return p.found(p.r.Consistent().Load(ctx, k))
	case "GetMany":
		many, err := p.r.Consistent().GetMany(ctx, []key.Value{k})
		if err == nil && len(many.Items) == 0 {
			err = repo.ErrNotFound
		}
		if err != nil {
			return model.Item{}, err
		}
		return p.found(&many.Items[0], nil)
	case "TransactGet":
		var it T
		err := p.r.DB().TransactGet(ctx, p.r.Into(k, &it))
		return p.found(&it, err)
	}
	there, err := p.r.Consistent().Exists(ctx, k)
	if err == nil && !there {
		err = repo.ErrNotFound
	}
	return model.Item{}, err
}

func (p *portOf[T]) found(it *T, err error) (model.Item, error) {
	if err != nil {
		return model.Item{}, err
	}
	return p.read(it), nil
}

func (p *portOf[T]) query(where *model.Cond) repo.Query[T] {
	q := p.all().Consistent()
	if where != nil {
		q = q.Where(condition[T](where))
	}
	return q
}

func (p *portOf[T]) list(ctx context.Context, how string, where *model.Cond) (all []model.Item, err error) {
	q := p.query(where)
	add := func(it *T, err error) error {
		if err == nil {
			all = append(all, p.read(it))
		}
		return err
	}
	switch how {
	case "All":
		for it, err := range q.All(ctx) {
			if err := add(&it, err); err != nil {
				return all, err
			}
		}
	case "Load":
		for it, err := range q.Load(ctx) {
			if err := add(it, err); err != nil {
				return all, err
			}
		}
	case "Pages":
		for page, err := range q.BatchSize(2).Pages(ctx) {
			if err != nil {
				return all, err
			}
			for i := range page.Items {
				_ = add(&page.Items[i], nil)
			}
		}
	default:
		items, err := q.Collect(ctx)
		for i := range items {
			_ = add(&items[i], nil)
		}
		return all, err
	}
	return all, nil
}

func (p *portOf[T]) count(ctx context.Context, where *model.Cond) (int, error) {
	return p.query(where).Count(ctx)
}

func (p *portOf[T]) updateAll(ctx context.Context, o *model.Order, where *model.Cond) (int, error) {
	args := []any{ctx}
	for _, c := range o.Changes {
		args = append(args, p.change(c))
	}
	out := call(p.query(where), "Update", args...)
	return int(out[0].Int()), failure(out)
}

func (p *portOf[T]) deleteAll(ctx context.Context, where *model.Cond) (int, error) {
	out := call(p.query(where), "DeleteAll", ctx)
	return int(out[0].Int()), failure(out)
}

// condition is a condition of the model.
func condition[T any](c *model.Cond) cond.Cond[T] {
	n := cond.Name[T]("n")
	if c.NoN {
		return n.NotExists()
	}
	return n.Lte(c.AtMost)
}

// change is a change of the model.
func (p *portOf[T]) change(c model.Change) cond.Change[T] {
	var a any = cond.Name[T](c.Field)
	if c.Field == "tags" && p.tags.Err() == nil {
		a = p.tags
	}
	if c.Op == model.Remove {
		return call(a, "Remove")[0].Interface().(cond.Change[T])
	}
	var value any
	switch c.Field {
	case "n", "seat", "end":
		value = c.Int
	case "tags", "list":
		value = c.Texts
	default:
		value = c.Text
	}
	return call(a, string(c.Op), value)[0].Interface().(cond.Change[T])
}

// sentinels are the faults of the model as errors.
var sentinels = map[model.Fault]error{
	model.Invalid: repo.ErrInvalid, model.NotFound: repo.ErrNotFound, model.Exists: repo.ErrExists, model.Failed: repo.ErrConditionFailed,
	model.Stale: lock.ErrStale, model.Taken: repo.ErrUnique, model.WrongOne: repo.ErrKind,
}

// meaning returns the faults that an error tells.
func meaning(err error) (all []model.Fault) {
	for f, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			all = append(all, f)
		}
	}
	return all
}

// bare returns the name of a type without its parameters.
func bare(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}
