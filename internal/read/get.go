// Package read reads items by key: one, many in chunks, and several as they
// stood at one moment.
package read

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/internal/wire"
	"github.com/dynarepo/dynarepo/key"
)

// Options are how items are read by key.
type Options struct {
	Consistent bool
	Attrs      []string // asked for; nil for all
}

// Get sets into, a zero value, to the item with the key. op is what errors
// name.
func Get(ctx context.Context, c *send.Conn, t *model.Table, op string, k key.Value, o Options, into reflect.Value) error {
	in, err := getInput(t, k, o)
	if err != nil {
		return t.Refuse(op, err)
	}
	err = get(ctx, c, t, in, into)
	if err == nil && t.Expired(into, c.Clock()) {
		err = fault.ErrNotFound
	}
	if err == nil {
		err = t.Found(ctx, into)
	}
	if err != nil {
		into.SetZero()
	}
	return t.Fail(op, "", t.Keys.Names, err)
}

// get sends the request and decodes the answer.
func get(ctx context.Context, c *send.Conn, t *model.Table, in *dynamodb.GetItemInput, into reflect.Value) error {
	var opts []func(*dynamodb.Options)
	var sink *wire.Sink
	if !c.Standard {
		sink = t.Sink()
		defer t.Release(sink)
		opts = sink.Options()
	}
	out, err := c.GetItem(ctx, in, opts...)
	if err != nil {
		return err
	}
	found, err := t.Take(sink, out.Item, into)
	if err == nil && !found {
		err = fault.ErrNotFound
	}
	return err
}

// Has reports whether there is an item with the key, asking for nothing but
// what tells that.
func Has(ctx context.Context, c *send.Conn, t *model.Table, k key.Value, o Options) (bool, error) {
	const op = "Exists"
	o.Attrs = t.Identity()
	if t.Stamps.Hides() {
		o.Attrs = append(o.Attrs, t.Stamps.Ends.Name)
	}
	in, err := getInput(t, k, o)
	if err != nil {
		return false, t.Refuse(op, err)
	}
	out, err := c.GetItem(ctx, in)
	if err != nil {
		return false, t.Fail(op, "", t.Keys.Names, err)
	}
	return len(out.Item) > 0 && !t.Foreign(out.Item) && !t.Stamps.Ended(out.Item, c.Clock()), nil
}

// getInput builds the request of Get and Has.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
func getInput(t *model.Table, k key.Value, o Options) (*dynamodb.GetItemInput, error) {
	attrs, err := t.Keys.Of(k)
	if err != nil {
		return nil, err
	}
	return inputOf(t, attrs, o)
}

// inputOf builds the request for a stored key.
func inputOf(t *model.Table, k values.Item, o Options) (*dynamodb.GetItemInput, error) {
	in := &dynamodb.GetItemInput{TableName: &t.Name, Key: k}
	if o.Consistent {
		in.ConsistentRead = aws.Bool(true)
	}
	if o.Attrs != nil {
		e, err := Project(o.Attrs)
		if err != nil {
			return nil, err
		}
		in.ProjectionExpression, in.ExpressionAttributeNames = e.Projection(), e.Names()
	}
	return in, nil
}

// Names asks for attributes by name, whatever is in it.
func Names(attrs []string) expression.ProjectionBuilder {
	var all expression.ProjectionBuilder
	for _, n := range attrs {
		all = all.AddNames(expression.NameNoDotSplit(n))
	}
	return all
}

// Project builds the expression that asks for attrs alone.
func Project(attrs []string) (expression.Expression, error) {
	return expression.NewBuilder().WithProjection(Names(attrs)).Build()
}

// Stored reads attributes of the item with a key as they are stored by now, all if
// attrs is nil; none of no item.
func Stored(ctx context.Context, c *send.Conn, t *model.Table, k values.Item, attrs []string) (values.Item, error) {
	in, err := inputOf(t, k, Options{Consistent: true, Attrs: attrs})
	if err != nil {
		return nil, err
	}
	out, err := c.GetItem(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}
