package write

import (
	"context"
	"errors"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/upkeep"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// A request sends a write with an option of the SDK more.
type request func(watch func(*dynamodb.Options)) (values.Item, error)

// ask sends a request and, where an answer was lost on the way, finds out what
// came of it (rule O4): the condition of the attempt behind it fails over what the
// first one did.
func (w *Write) ask(ctx context.Context, c *send.Conn, do request) (values.Item, error) {
	var a wire.Attempts
	returned, err := do(a.Option())
	switch {
	case err == nil || unsent(err):
		return returned, err
	case a.Done:
		return w.unread(nil, err)
	case !a.Unknown(err):
		return nil, err
	}
	unknown := fault.Because(fault.ErrUnknown, err)
	failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	if !ok {
		return nil, unknown
	}
	stored := failed.Item
	if w.onFailure() == "" {
		if stored, err = read.Stored(ctx, c, w.table, w.keyOf(), nil); err != nil {
			return nil, unknown
		}
	}
	if !w.left(stored) {
		return nil, unknown
	}
	return w.unread(stored, err)
}

// unread is what a write that was done returns though its answer did not come;
// stored is nil if it was not looked at.
func (w *Write) unread(stored values.Item, err error) (values.Item, error) {
	returns := w.returns()
	switch {
	case returns == "" || returns == types.ReturnValueNone:
		return nil, nil
	case returns == types.ReturnValueAllNew && stored != nil:
		return stored, nil
	}
	return nil, fault.Because(fault.ErrUnread, err)
}

// keyOf is the key of the item, that of a put among them.
func (w *Write) keyOf() values.Item {
	p, puts := w.does.(*put)
	if !puts {
		return w.key
	}
	attrs := p.stored()
	k := make(values.Item, len(w.table.Keys.Names))
	for _, name := range w.table.Keys.Names {
		k[name] = attrs[name]
	}
	return k
}

// stored is the item as it is stored by the put.
func (p *put) stored() values.Item {
	if p.json == nil {
		return p.attrs
	}
	attrs, _ := p.item.Encode(p.value) // it was encoded as JSON before, so it can be
	return attrs
}

// left reports whether what is stored is what the write leaves: the item that is
// put, none behind a delete, what an update sets. An update tells its own work from
// another's by the version, or by a time with nanoseconds that the library set;
// without either, and of changes that add to what is there, nobody can tell.
func (w *Write) left(stored values.Item) bool {
	switch does := w.does.(type) {
	case *put:
		sent := does.stored()
		return maps.EqualFunc(sent, stored, values.Equal)
	case remove:
		return stored == nil
	case *update:
		return (w.guard.locked || does.dated) && stored != nil && upkeep.Holds(does.edits, stored)
	}
	return false
}

// keepID gives the caller's item the id that was generated for it, where it may
// have been stored: sent again, it is no second item.
func (w *Write) keepID(err error) {
	m := &w.memory
	if !errors.Is(err, fault.ErrUnknown) || !m.callers.IsValid() || !m.value.IsValid() {
		return
	}
	if id := m.item.Stamps.ID; id != nil {
		id.Alloc(m.callers).Set(id.Alloc(m.value))
	}
}
