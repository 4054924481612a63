package write

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// An action is what a write does: a put, an update, a remove or a check.
type action interface {
	// send sends the write in a request of its own and returns the item as an
	// update leaves it.
	send(ctx context.Context, c *send.Conn, w *Write) (values.Item, error)
	// transact is the write as part of a transaction, e its condition and update.
	transact(w *Write, e expression.Expression) types.TransactWriteItem
	// batch is the write as part of a batch, which updates and checks can't be.
	batch(w *Write) types.WriteRequest
}

// A put stores an item whatever was there.
type put struct {
	attrs values.Item   // what is sent, or what stands for json in the request
	json  []byte        // the item in DynamoDB's JSON; nil on the standard path
	item  *model.Item   // nil of a marker
	value reflect.Value // of which json was made
}

// An update changes attributes of an item.
type update struct {
	builder expression.UpdateBuilder
	conds   []expression.ConditionBuilder // on which it does what edits say
	edits   []*expr.Edit                  // of which builder is made, but for the version
	raises  bool                          // it raises the version without checking it
	dated   bool                          // it sets the time of the update, which no other has
	asked   *update                       // that this one stands for; nil if it is as it was asked for
	returns types.ReturnValue
	sink    *wire.Sink // takes what is returned; nil for the standard path
}

// A remove deletes an item.
type remove struct{}

// A check changes nothing: of a transaction, the condition alone.
type check struct{}

// errAlone is of a check, which is nothing to send by itself.
var errAlone = errors.New("a check is part of a transaction")

// unsent reports whether a request failed before it was sent, for a reason that
// the standard path does not know.
func unsent(err error) bool { return errors.Is(err, wire.ErrBody) }

// standard makes the item that is sent on the standard path.
func (p *put) standard() (err error) {
	if p.json = nil; p.item != nil {
		p.attrs, err = p.item.Encode(p.value)
	}
	return err
}

// stand puts what stands for the item's JSON in its place.
func (p *put) stand(b *wire.Body) {
	if p.json != nil {
		p.attrs = b.Item(p.json)
	}
}

func (p *put) send(ctx context.Context, c *send.Conn, w *Write) (values.Item, error) {
	err := p.once(ctx, c, w)
	if unsent(err) {
		if err = p.standard(); err == nil {
			err = p.once(ctx, c, w)
		}
	}
	return nil, err
}

func (p *put) once(ctx context.Context, c *send.Conn, w *Write) error {
	body := wire.NewBody()
	defer body.Release()
	var opts []func(*dynamodb.Options)
	if p.json != nil {
		opts = body.Options()
	}
	p.stand(body)
	in, err := p.input(w)
	if err != nil {
		return w.table.Refuse(w.verb.String(), err)
	}
	_, err = w.ask(ctx, c, func(watch func(*dynamodb.Options)) (values.Item, error) {
		_, err := c.PutItem(ctx, in, append(opts[:len(opts):len(opts)], watch)...)
		return nil, err
	})
	return err
}

func (u *update) once(ctx context.Context, c *send.Conn, w *Write) (values.Item, error) {
	in, err := u.input(w)
	if err != nil {
		return nil, w.table.Refuse(w.verb.String(), err)
	}
	var opts []func(*dynamodb.Options)
	if u.sink != nil {
		opts = u.sink.Options()
	}
	return w.ask(ctx, c, func(watch func(*dynamodb.Options)) (values.Item, error) {
		out, err := c.UpdateItem(ctx, in, append(opts[:len(opts):len(opts)], watch)...)
		if err != nil {
			return nil, err
		}
		return out.Attributes, nil
	})
}

func (r remove) send(ctx context.Context, c *send.Conn, w *Write) (values.Item, error) {
	in, err := r.input(w)
	if err != nil {
		return nil, w.table.Refuse(w.verb.String(), err)
	}
	return w.ask(ctx, c, func(watch func(*dynamodb.Options)) (values.Item, error) {
		_, err := c.DeleteItem(ctx, in, watch)
		return nil, err
	})
}

func (check) send(context.Context, *send.Conn, *Write) (values.Item, error) { return nil, errAlone }

// returns is what an update is to return.
func (w *Write) returns() types.ReturnValue {
	if u, updates := w.does.(*update); updates {
		return u.returns
	}
	return ""
}
