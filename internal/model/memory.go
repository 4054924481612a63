package model

import (
	"sync"
	"sync/atomic"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// maxRoom bounds the memory that an item's JSON starts with.
const maxRoom = 4 << 10

// room is how many bytes the next item's JSON is likely to take. It is a hint:
// what it says changes nothing but how often memory is grown.
type room struct{ bytes atomic.Int64 }

// took notes the size of an item, and some more, or every second one would not
// fit.
func (r *room) took(n int) { r.bytes.Store(int64(min(n+n/8, maxRoom))) }

// sinks is the memory of what takes single items out of answers. A sink is
// reset before it is kept and before each call.
type sinks struct{ pool sync.Pool }

func newSinks(c *codec.Codec) *sinks {
	return &sinks{sync.Pool{New: func() any { return wire.NewSink(c) }}}
}
