package write

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/life"
)

var returnValues = [...]types.ReturnValue{types.ReturnValueAllNew, types.ReturnValueAllOld, types.ReturnValueNone}

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
