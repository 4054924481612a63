package codec

import (
	"encoding"
	"math/bits"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

const (
	maxScratch = 64 << 10 // bytes of a buffer that is kept for the next page
	maxList    = 1 << 10  // elements of a scratch list that is kept
)

// A decoder is the working memory of decoding. It is pooled and learns in
// which order attributes come.
type decoder struct {
	scanner
	arena
	c     *Codec
	zone  *time.Location
	depth int

	next    [][]int32 // by node id: the field after each field, shifted by one
	lists   []levels  // by node id
	strs    []string  // stack of the elements of []string
	bits    []uint64  // stack of the fields met, the item's own at the bottom
	scalars []Scalar
	watched []byte // memory of the scalars

	chooser // of an interface type
}

// levels are the scratch lists of one list type, one for each level on which
// the type holds itself.
type levels struct {
	open  int
	lists []reflect.Value
}

func (c *Codec) decoder() *decoder {
	if d, ok := c.pool.Get().(*decoder); ok {
		return d
	}
	d := &decoder{
		arena:   arena{plain: c.opts.PlainAlloc},
		c:       c,
		zone:    c.opts.Zone,
		next:    make([][]int32, c.ids),
		lists:   make([]levels, c.ids),
		scalars: make([]Scalar, len(c.opts.Watch)),
	}
	if c.cases != nil {
		names := len(c.cases.Names)
		d.chooser = chooser{inner: make([]*decoder, len(c.cases.Codecs)), hits: make([]int, names), seen: make([]Scalar, names), slabs: make([]slab, len(c.cases.Codecs))}
	}
	return d
}

// release gives d back. It keeps no item alive but through its last chunk.
func (c *Codec) release(d *decoder) {
	d.data, d.depth = nil, 0
	d.dismiss()
	if cap(d.text) > maxScratch {
		d.text = nil
	}
	if cap(d.raw) > maxScratch {
		d.raw = nil
	}
	if cap(d.watched) > maxScratch {
		d.watched = nil
	}
	clear(d.scalars)
	d.bits = d.bits[:0]
	d.strs = d.strs[:cap(d.strs)]
	clear(d.strs)
	if d.strs = d.strs[:0]; cap(d.strs) > maxList {
		d.strs = nil
	}
	for i := range d.lists {
		l := &d.lists[i]
		l.open = 0
		for j, v := range l.lists {
			if v.Cap() > maxList {
				l.lists[j] = reflect.New(v.Type()).Elem()
				continue
			}
			v.SetLen(v.Cap())
			v.Clear() // an error may have left elements
			v.SetLen(0)
		}
	}
	c.pool.Put(d)
}

// load begins to read data.
func (d *decoder) load(data []byte) {
	d.data, d.pos = data, 0
	for i := range d.hits {
		d.hits[i] = -1
	}
	clear(d.slabs) // so that no two answers share memory
	d.batch = 0
}

func (d *decoder) enter() error {
	if d.depth++; d.depth > maxDepth {
		return ErrDepth
	}
	return nil
}

func (d *decoder) leave() { d.depth-- }

// mark notes that field i was met, in the words from base on, and reports
// whether it was met before.
func (d *decoder) mark(base, i int) bool {
	w := &d.bits[base+i/bits.UintSize]
	bit := uint64(1) << (i % bits.UintSize)
	was := *w&bit != 0
	*w |= bit
	return was
}

// push makes room for n marks and returns where they start.
func (d *decoder) push(n int) int {
	base := len(d.bits)
	for range (n + bits.UintSize - 1) / bits.UintSize {
		d.bits = append(d.bits, 0)
	}
	return base
}

// reach returns the field in v, a struct.
func (f *field) reach(v reflect.Value) reflect.Value {
	if f.index >= 0 {
		return v.Field(f.index)
	}
	return f.Alloc(v)
}

func (d *decoder) scratch(n *node) (*levels, reflect.Value) {
	l := &d.lists[n.id]
	if l.open == len(l.lists) {
		l.lists = append(l.lists, reflect.New(n.typ).Elem())
	}
	v := l.lists[l.open]
	l.open++
	return l, v
}

// grow makes v, a slice, one longer. The new element is zero if the memory
// beyond the length is.
func grow(v reflect.Value) {
	n := v.Len()
	if n == v.Cap() {
		v.Grow(max(n, 4))
	}
	v.SetLen(n + 1)
}

// settle moves the elements of scratch list from into v, in memory of its own.
func settle(v, from reflect.Value) {
	if n := from.Len(); n == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	} else {
		v.Grow(n)
		v.SetLen(n)
		reflect.Copy(v, from)
	}
	from.Clear()
	from.SetLen(0)
}

func valueOf(v reflect.Value) attributevalue.Unmarshaler {
	return v.Addr().Interface().(attributevalue.Unmarshaler)
}

func textOf(v reflect.Value) encoding.TextUnmarshaler {
	return v.Addr().Interface().(encoding.TextUnmarshaler)
}

func binaryOf(v reflect.Value) encoding.BinaryUnmarshaler {
	return v.Addr().Interface().(encoding.BinaryUnmarshaler)
}
