package write

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fault"
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
	conds     []*expr.Node
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
func (w *Writer) Under(conds []*expr.Node) *Writer {
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

// An Order is a write that is asked for: of an item, or of the item with a key.
type Order struct {
	Verb   life.Verb
	Item   reflect.Value // a *T
	Before reflect.Value // of SaveChanges, a *T
	Key    key.Value
	Edits  []*expr.Edit
	Times  func(now time.Time) []*expr.Edit // of Touch
}

// guarded adds the writer's conditions to a write.
func (w *Writer) guarded(ctx context.Context, one *Write) error {
	conds, like, err := w.conditions()
	if _, removes := one.does.(remove); removes {
		conds = w.hiding(conds)
	}
	one.guard.also(conds)
	one.guard.alike(ctx, like)
	return err
}

// conditions compiles the writer's conditions; those that what is stored is as
// the loaded item come last.
func (w *Writer) conditions() ([]expression.ConditionBuilder, *model.Likeness, error) {
	conds, err := conditions(w.table, w.conds)
	switch {
	case err != nil || !w.loaded.IsValid():
		return conds, nil, err
	case w.loaded.IsNil():
		return nil, nil, fault.ErrNilItem
	}
	unchanged, like, err := w.table.Unchanged(w.loaded.Elem())
	return append(conds, unchanged...), like, err
}

// conditions compiles conditions and checks that the model has what they name.
func conditions(t *model.Table, nodes []*expr.Node) ([]expression.ConditionBuilder, error) {
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
				errs = append(errs, &cond.AttrError{Type: t.Fields.Type, Attr: name, Rule: "the model has no such attribute" + t.Fields.Near(name)})
			}
		}
	}
	return all, errors.Join(errs...)
}
