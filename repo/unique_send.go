package repo

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
)

// maxRounds bounds how often a write is sent while others change the unique
// values of its item.
const maxRounds = 10

// settle sends a write of unique fields, alone where no marker changes, else as
// a transaction, until it took to be stored what is. A conflict with another
// write, of which only the markers may be the reason, is waited out.
func (w *write) settle(ctx context.Context, client Client) (returned item, err error) {
	if err := w.look(ctx, client); err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		var again bool
		if returned, again, err = w.round(ctx, client); err == nil {
			return returned, nil
		}
		conflict := errors.Is(err, ErrConflict)
		switch {
		case !again && !conflict:
			return nil, err
		case n == maxRounds:
			return nil, because(ErrConflict, err)
		case conflict:
			if err := backoff(ctx, n); err != nil {
				return nil, err
			}
		}
	}
}

// round sends the write once.
func (w *write) round(ctx context.Context, client Client) (returned item, again bool, err error) {
	b, err := newBundle([]*write{w})
	if err != nil {
		return nil, false, err
	}
	if len(b.units) == 1 {
		returned, err = w.single(ctx, client)
		if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
			if w.again(failed.Item) {
				return nil, true, err
			}
			err = w.refused(failed.Item, err)
		}
		return returned, false, err
	}
	again, err = b.cancelled(b.send(ctx, client, uuid.NewString()))
	if te, ok := errors.AsType[*TransactError](err); ok && len(te.Failed) > 0 {
		err = te.Failed[0].Err
	}
	switch {
	case err != nil:
		return nil, again, err
	case w.returns == types.ReturnValueAllOld:
		return w.marks.stored, false, nil
	case w.returns == types.ReturnValueAllNew:
		returned, err = w.readBack(ctx, client)
	}
	return returned, false, err
}

// readBack reads the item of an update, which a transaction does not return.
func (w *write) readBack(ctx context.Context, client Client) (item, error) {
	out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &w.schema.table, Key: w.key, ConsistentRead: aws.Bool(true)})
	switch {
	case err != nil:
		return nil, err
	case len(out.Item) == 0:
		return nil, ErrNotFound
	}
	return out.Item, nil
}

// looks reports whether the write has yet to read which values are stored.
func (w *write) looks() bool { return w.marks != nil && !w.marks.known }

// look reads the values that a write has to know and does not.
func (w *write) look(ctx context.Context, client Client) error {
	if !w.looks() {
		return nil
	}
	m := w.marks
	in := &dynamodb.GetItemInput{TableName: &m.schema.table, Key: m.owner, ConsistentRead: aws.Bool(true)}
	if w.returns != types.ReturnValueAllOld {
		e, err := project(m.attrs)
		if err != nil {
			return err
		}
		in.ProjectionExpression, in.ExpressionAttributeNames = e.Projection(), e.Names()
	}
	out, err := client.GetItem(ctx, in)
	if err == nil {
		m.assume(m.only(out.Item))
		m.stored = out.Item
	}
	return err
}

// look is look for the writes of a transaction, several at once.
func (db *DB) look(ctx context.Context, token string, writes []*write) error {
	if !slices.ContainsFunc(writes, (*write).looks) {
		return nil
	}
	asked := &bundle{writes: writes} // refused before any request, whatever the markers add
	for i, w := range writes {
		asked.add(w, i)
	}
	if _, err := asked.input(token); err != nil {
		return because(ErrInvalid, err)
	}
	errs := make([]error, len(writes))
	db.each(len(writes), func(i int) { errs[i] = writes[i].look(ctx, db.client) })
	return errors.Join(errs...)
}
