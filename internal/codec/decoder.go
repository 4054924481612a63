package codec

import (
	"encoding"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

// A decoder is the working memory of decoding. It is pooled and learns in
// which order attributes come.
type decoder struct {
	scanner
	arena
	scratch
	c    *Codec
	zone *time.Location
	next [][]int32 // by node id: the field after each field, shifted by one

	chooser // of an interface type
}

func (c *Codec) decoder() *decoder {
	if d, ok := c.pool.Get().(*decoder); ok {
		return d
	}
	d := &decoder{
		arena:   arena{plain: c.opts.PlainAlloc},
		scratch: scratch{lists: make([]levels, c.ids), scalars: make([]Scalar, len(c.opts.Watch))},
		c:       c,
		zone:    c.opts.Zone,
		next:    make([][]int32, c.ids),
	}
	if c.cases != nil {
		names := len(c.cases.Names)
		d.chooser = chooser{inner: make([]*decoder, len(c.cases.Codecs)), hits: make([]int, names), seen: make([]Scalar, names), slabs: make([]slab, len(c.cases.Codecs))}
	}
	return d
}

// release gives d back. It keeps no item alive but through its last chunk.
func (c *Codec) release(d *decoder) {
	d.data = nil
	d.dismiss()
	if cap(d.text) > maxScratch {
		d.text = nil
	}
	if cap(d.raw) > maxScratch {
		d.raw = nil
	}
	d.trim()
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

// reach returns the field in v, a struct.
func (f *field) reach(v reflect.Value) reflect.Value {
	if f.index >= 0 {
		return v.Field(f.index)
	}
	return f.Alloc(v)
}

func valueOf(v reflect.Value) attributevalue.Unmarshaler {
	return v.Addr().Interface().(attributevalue.Unmarshaler)
}

func binaryOf(v reflect.Value) encoding.BinaryUnmarshaler {
	return v.Addr().Interface().(encoding.BinaryUnmarshaler)
}
