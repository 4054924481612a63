package write

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/send"
)

// An Op is an order with the write that was made of it for a token: what is
// sent again with it must not differ in an id or a timestamp.
type Op struct {
	order   Order
	w       *Writer
	mu      sync.Mutex
	kept    *Write
	keptFor string
}

// Ordered returns the Op of an order; nil, which is refused, of no repository.
func (w *Writer) Ordered(o Order) *Op {
	if w.Table() == nil {
		return nil
	}
	return &Op{order: o, w: w}
}

func (o *Op) make(ctx context.Context, bulk bool, token string) (*Write, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kept != nil && token != "" && token == o.keptFor {
		return o.kept, nil
	}
	w, err := o.w.Build(ctx, &o.order, bulk)
	o.kept, o.keptFor = w, token
	return w, err
}

// appendID appends the id of the item that an op is on, and returns its table;
// nil if that is not known before the write is made, since a callback or an id
// to be generated may yet set a part of the key.
func (o *Op) appendID(dst []byte) (table string, id []byte) {
	t := o.w.table
	if !o.order.Item.IsValid() {
		attrs, err := t.Keys.Of(o.order.Key)
		if err != nil {
			return "", nil
		}
		return t.Name, t.Keys.AppendID(dst, attrs)
	}
	it, v, err := t.ItemOf(o.order.Item)
	if err != nil || it.ZeroKey(v) {
		return "", nil
	}
	if id, err = it.AppendItemID(dst, v); err != nil {
		return "", nil
	}
	return t.Name, id
}

// makeWrites makes the writes of ops, nil for each that can't be made, which is
// bad. wrong is what no call may hold: what check finds, and two on one item.
func makeWrites(ctx context.Context, bulk bool, token string, ops []*Op, check func(*Write) error) (writes []*Write, bad, wrong fault.Undone) {
	writes = make([]*Write, len(ops))
	on := newItemSet(len(ops))
	var room [96]byte
	for i, o := range ops {
		if o == nil {
			wrong.Add(i, fault.Invalid(fault.ErrNoOp))
			continue
		}
		w, err := o.make(ctx, bulk, token)
		if err != nil {
			bad.Add(i, err)
			continue
		}
		id := room[:0]
		err = check(w)
		if _, puts := w.does.(*put); err == nil && puts {
			id, err = w.table.AppendItemID(id, w.memory.value)
		} else if err == nil {
			id = w.table.Keys.AppendID(id, w.key)
		}
		if err != nil {
			wrong.Add(i, fault.Invalid(err))
			continue
		}
		writes[i] = w
		if w.id, err = on.take(w.table.Name, id, i); err != nil {
			wrong.Add(i, err)
		}
	}
	return writes, bad, wrong
}

// refused tells what is wrong with the operations of a call, all at once; nil of
// nothing.
func refused(c *send.Conn, op string, wrong ...fault.Undone) error {
	all := slices.Concat(wrong...)
	if len(all) == 0 {
		return nil
	}
	all.Sort()
	return c.Make.Together(op, all.Join())
}

// An itemSet is the items that operations are on.
type itemSet struct {
	taken map[[2]string]int // position of the operation, by the table and the id of the key
	ids   strings.Builder   // memory of the ids
	many  int               // how many there will be
}

func newItemSet(many int) *itemSet { return &itemSet{taken: make(map[[2]string]int, many), many: many} }

var errSameItem = errors.New("is on the same item")

// take returns the id of an item, of which the operation at a position is the
// only one, else an error.
func (t *itemSet) take(table string, id []byte, at int) (kept string, err error) {
	start := t.ids.Len()
	if start == 0 {
		t.ids.Grow(t.many * len(id))
	}
	t.ids.Write(id)
	kept = t.ids.String()[start:]
	one := [2]string{table, kept}
	if other, twice := t.taken[one]; twice {
		err = fault.Invalid(fmt.Errorf("%w as operation %d", errSameItem, other))
	}
	t.taken[one] = at
	return kept, err
}

// batchOp is what errors of a batch name.
const batchOp = "Batch"
