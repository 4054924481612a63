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
	var zero, found T
	in, err := r.schema.getInput(k, newGetOptions(opts))
	if err != nil {
		return zero, r.schema.refuse(op, err)
	}
	err = r.get(ctx, in, &found)
	if err == nil && r.schema.expired(reflect.ValueOf(&found).Elem(), r.db.cfg.Now()) {
		err = ErrNotFound
	}
	if err == nil {
		err = r.schema.found(ctx, reflect.ValueOf(&found).Elem())
	}
	if err != nil {
		return zero, r.schema.fail(op, "", r.schema.keyNames, err)
	}
	return found, nil
}

// get sends the request and decodes the answer.
func (r *Repo[T]) get(ctx context.Context, in *dynamodb.GetItemInput, found *T) error {
	var opts []func(*dynamodb.Options)
	sink := r.schema.single(r.db)
	defer r.schema.release(sink)
	if sink != nil {
		opts = sink.Options()
	}
	out, err := r.db.client.GetItem(ctx, in, opts...)
	if err != nil {
		return err
	}
	switch ok, err := r.schema.take(sink, out.Item, reflect.ValueOf(found).Elem()); {
	case err != nil:
		return err
	case !ok:
		return ErrNotFound
	}
	return nil
}

// Exists reports whether there is an item with the key, in one GetItem request
// that asks for nothing but the key. Errors are those of [Repo.Get], but a
// missing item is no error.
func (r *Repo[T]) Exists(ctx context.Context, k key.Value, opts ...GetOption) (bool, error) {
	o := newGetOptions(opts)
	o.attrs = r.schema.identity()
	if r.schema.hides() {
		o.attrs = append(o.attrs, r.schema.ends.Name)
	}
	in, err := r.schema.getInput(k, o)
	if err != nil {
		return false, r.schema.refuse("Exists", err)
	}
	out, err := r.db.client.GetItem(ctx, in)
	if err != nil {
		return false, r.schema.fail("Exists", "", r.schema.keyNames, err)
	}
	return len(out.Item) > 0 && !r.schema.foreign(out.Item) && !r.schema.ended(out.Item, r.db.cfg.Now()), nil
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
