package write

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/key"
)

// A Writer makes writes of orders as it is told to. It never changes: its
// methods return another.
type Writer struct {
	conn      *send.Conn
	table     *model.Table
	conds     []*cond.Node
	loaded    reflect.Value // what the stored item must be as, a *T; the zero Value for whatever it is
	returns   Returns
	overwrite bool
	unchecked bool // without validation
	told      told // which options were given
}

// NewWriter returns a writer without conditions.
func NewWriter(c *send.Conn, t *model.Table) *Writer { return &Writer{conn: c, table: t} }

// Table returns what the writer writes to; nil of the zero Writer.
func (w *Writer) Table() *model.Table {
	if w == nil {
		return nil
	}
	return w.table
}

// with returns a changed copy.
//
//go:noinline // or every option holds a copy of it
func (w *Writer) with(change func(*Writer)) *Writer {
	if w == nil { // of the zero Writer
		return &Writer{}
	}
	c := *w
	change(&c)
	return &c
}

// Under adds conditions.
func (w *Writer) Under(conds []*cond.Node) *Writer {
	return w.with(func(w *Writer) {
		w.conds = append(slices.Clip(w.conds), conds...)
	})
}

// Overwriting overrides the lock.
func (w *Writer) Overwriting() *Writer {
	return w.with(func(w *Writer) { w.overwrite, w.told.overwrite = true, true })
}

// Unchecking skips the validation.
func (w *Writer) Unchecking() *Writer {
	return w.with(func(w *Writer) { w.unchecked, w.told.unchecked = true, true })
}

// Returning chooses what an update returns.
func (w *Writer) Returning(what Returns) *Writer {
	return w.with(func(w *Writer) { w.returns, w.told.returns = what, true })
}

// Unchanged adds the condition that what is stored is as item, a *T.
func (w *Writer) Unchanged(item reflect.Value) *Writer {
	return w.with(func(w *Writer) { w.loaded = item })
}

// Returns is what an update returns, in the order of package repo's.
type Returns uint8

// Nothing is the choice of no item.
const Nothing Returns = 2

var returnValues = [...]types.ReturnValue{types.ReturnValueAllNew, types.ReturnValueAllOld, types.ReturnValueNone}

// An Order is a write that is asked for: of an item, or of the item with a key.
type Order struct {
	Verb   life.Verb
	Item   reflect.Value // a *T
	Before reflect.Value // of SaveChanges, a *T
	Key    key.Value
	Edits  []*cond.Edit
	Times  func(now time.Time) []*cond.Edit // of Touch
}

// builders make the write of each verb. bulk says that it is part of a batch,
// which runs no callbacks.
var builders = [life.Verbs]func(w *Writer, ctx context.Context, o *Order, bulk bool) (*Write, error){
	life.Create:      (*Writer).put,
	life.Put:         (*Writer).put,
	life.Save:        (*Writer).put,
	life.SaveChanges: (*Writer).saveChanges,
	life.Destroy:     (*Writer).destroy,
	life.Delete:      (*Writer).remove,
	life.DeleteAll:   (*Writer).remove,
	life.Update:      (*Writer).update,
	life.Upsert:      (*Writer).upsert,
	life.Touch:       (*Writer).touch,
	life.Increment:   (*Writer).update,
	life.Check:       (*Writer).check,
}

// Build makes the write of an order.
func (w *Writer) Build(ctx context.Context, o *Order, bulk bool) (*Write, error) {
	if err := w.table.Refuse(o.Verb.String(), w.told.honoured(o.Verb)); err != nil {
		return nil, err
	}
	return builders[o.Verb](w, ctx, o, bulk)
}

// Do makes the write of an order and sends it.
func (w *Writer) Do(ctx context.Context, o Order) error {
	one, err := w.Build(ctx, &o, false)
	if err != nil || !one.changes() { // a check alone is nothing to send
		return err
	}
	_, err = one.Send(ctx, w.conn)
	return err
}

// Change makes the update of an order, sends it and sets into, a T, to what the
// writer chose.
func (w *Writer) Change(ctx context.Context, o Order, into reflect.Value) error {
	one, err := w.Build(ctx, &o, false)
	switch {
	case err != nil:
		return err
	case int(w.returns) >= len(returnValues):
		return w.table.Refuse(o.Verb.String(), errReturns)
	}
	u := one.does.(*update)
	u.returns = returnValues[w.returns]
	if w.returns != Nothing && !w.conn.Standard {
		u.sink = w.table.Sink()
		defer w.table.Release(u.sink)
	}
	attrs, err := one.Send(ctx, w.conn)
	if err == nil {
		_, err = w.table.Take(u.sink, attrs, into)
	}
	return w.table.Fail(o.Verb.String(), "", w.table.Keys.Names, err)
}

var errReturns = errors.New("no such choice of what an update returns")

// guarded adds the writer's conditions to a write.
func (w *Writer) guarded(one *Write) error {
	conds, err := w.conditions()
	one.guard.also(conds)
	return err
}

// conditions compiles the writer's conditions.
func (w *Writer) conditions() ([]expression.ConditionBuilder, error) {
	conds, err := conditions(w.table, w.conds)
	if err != nil || !w.loaded.IsValid() || w.loaded.IsNil() {
		return conds, err
	}
	unchanged, err := unchanged(w.table, w.loaded.Elem())
	return append(conds, unchanged...), err
}

// conditions compiles conditions and checks that the model has what they name.
func conditions(t *model.Table, nodes []*cond.Node) ([]expression.ConditionBuilder, error) {
	if len(nodes) == 0 {
		return nil, nil
	}
	var errs []error
	all := make([]expression.ConditionBuilder, len(nodes))
	for i, n := range nodes {
		var err error
		if all[i], err = n.Compile(); err != nil {
			errs = append(errs, err)
			continue
		}
		for _, name := range n.Attributes() {
			if !t.Known(name) {
				errs = append(errs, &cond.AttrError{Type: t.Fields.Type, Attr: name, Rule: "the model has no such attribute"})
			}
		}
	}
	return all, errors.Join(errs...)
}
