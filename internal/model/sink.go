package model

import (
	"reflect"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// Sink returns what takes one item out of an answer. It goes back by
// [Table.Release].
func (t *Table) Sink() *wire.Sink { return t.sinks.pool.Get().(*wire.Sink) }

// Release takes a sink back; nil is none.
func (t *Table) Release(sink *wire.Sink) {
	if sink != nil {
		sink.Reset()
		t.sinks.pool.Put(sink)
	}
}

// Take sets into to the one item in sink if that has used the answer, else to
// what attrs are. found is false if there is none.
func (t *Table) Take(sink *wire.Sink, attrs values.Item, into reflect.Value) (found bool, err error) {
	switch {
	case sink == nil || !sink.Used():
		if len(attrs) == 0 {
			return false, nil
		}
		return true, t.Decode(attrs, into)
	case sink.Err() != nil:
		return false, fault.Decode(sink.Err())
	}
	items := sink.Items()
	if items.Len() == 0 {
		return false, nil
	}
	into.Set(items.Index(0))
	return true, nil
}
