package repo

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/key"
)

// A GetOption changes how items are read by key.
type GetOption interface{ applyGet(*getOptions) }

type getOptions struct {
	consistent bool
	attrs      []string // asked for; nil for all
}

type getOptionFunc func(*getOptions)

func (f getOptionFunc) applyGet(o *getOptions) { f(o) }

// Consistent asks for a strongly consistent read, at twice the capacity. The
// default is eventually consistent.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
func Consistent() GetOption {
	return getOptionFunc(func(o *getOptions) { o.consistent = true })
}

func newGetOptions(opts []GetOption) getOptions {
	if len(opts) == 0 {
		return getOptions{}
	}
	var o getOptions
	for _, opt := range opts {
		opt.applyGet(&o)
	}
	return o
}

// Get returns the item with the key, in one GetItem request. There is none:
// [ErrNotFound], which names the table and the key attributes. Missing or
// surplus key parts and values of the wrong kind are [ErrInvalid] and
// key.ErrKey before any request (rule E1). An item whose composite key
// disagrees with its parts is [ErrMismatch], one of another model [ErrForeign].
// Attributes without a field are ignored, NULL is the zero value (rule E3).
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
func (r *Repo[T]) Get(ctx context.Context, k key.Value, opts ...GetOption) (T, error) {
	return r.read(ctx, "Get", k, opts)
}

// read is Get, named op in errors.
func (r *Repo[T]) read(ctx context.Context, op string, k key.Value, opts []GetOption) (T, error) {
	var found T
	err := r.schema.read(ctx, r.db, op, k, newGetOptions(opts), reflect.ValueOf(&found).Elem())
	return found, err
}

// read sets into, a zero value, to the item with the key.
func (s *schema) read(ctx context.Context, db *DB, op string, k key.Value, o getOptions, into reflect.Value) error {
	in, err := s.getInput(k, o)
	if err != nil {
		return s.refuse(op, err)
	}
	err = s.get(ctx, db, in, into)
	if err == nil && s.expired(into, db.cfg.Now()) {
		err = ErrNotFound
	}
	if err == nil {
		err = s.found(ctx, into)
	}
	if err != nil {
		into.SetZero()
	}
	return s.fail(op, "", s.keyNames, err)
}

// get sends the request and decodes the answer.
func (s *schema) get(ctx context.Context, db *DB, in *dynamodb.GetItemInput, into reflect.Value) error {
	var opts []func(*dynamodb.Options)
	sink := s.single(db)
	defer s.release(sink)
	if sink != nil {
		opts = sink.Options()
	}
	out, err := db.client.GetItem(ctx, in, opts...)
	if err != nil {
		return err
	}
	found, err := s.take(sink, out.Item, into)
	if err == nil && !found {
		err = ErrNotFound
	}
	return err
}

// Exists reports whether there is an item with the key, in one GetItem request
// that asks for nothing but the key. Errors are those of [Repo.Get], but a
// missing item is no error.
func (r *Repo[T]) Exists(ctx context.Context, k key.Value, opts ...GetOption) (bool, error) {
	return r.schema.has(ctx, r.db, k, newGetOptions(opts))
}

func (s *schema) has(ctx context.Context, db *DB, k key.Value, o getOptions) (bool, error) {
	o.attrs = s.identity()
	if s.hides() {
		o.attrs = append(o.attrs, s.ends.Name)
	}
	in, err := s.getInput(k, o)
	if err != nil {
		return false, s.refuse("Exists", err)
	}
	out, err := db.client.GetItem(ctx, in)
	if err != nil {
		return false, s.fail("Exists", "", s.keyNames, err)
	}
	return len(out.Item) > 0 && !s.foreign(out.Item) && !s.ended(out.Item, db.cfg.Now()), nil
}

// getInput builds the request of Get and Exists.
func (s *schema) getInput(k key.Value, o getOptions) (*dynamodb.GetItemInput, error) {
	attrs, err := s.keyOf(k)
	if err != nil {
		return nil, err
	}
	in := &dynamodb.GetItemInput{TableName: &s.table, Key: attrs}
	if o.consistent {
		in.ConsistentRead = aws.Bool(true)
	}
	if o.attrs != nil {
		e, err := project(o.attrs)
		if err != nil {
			return nil, err
		}
		in.ProjectionExpression, in.ExpressionAttributeNames = e.Projection(), e.Names()
	}
	return in, nil
}
