package codec

import (
	"maps"
	"reflect"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fields"
)

// Options are what a codec does beyond the plan.
type Options struct {
	// Zone is where decoded times are (rule J3). Defaults to UTC.
	Zone *time.Location

	// Watch names top-level attributes whose scalars Check sees. They need
	// not have a field.
	Watch []string

	// Exact names top-level attributes, those of keys, whose floats are loaded
	// without loss or not at all: one that was rounded is another key.
	Exact []string

	// Check is called with each decoded item, an addressable struct of the
	// plan's type, and what was seen in it. Its error is the decoder's.
	Check func(item reflect.Value, seen Seen) error

	// Misfit is called with the scalars of Watch of an item that can't be decoded,
	// nil where that is for no field's sake. Its error, that the item is none of
	// the type's, is told in the place of the fault of a field.
	Misfit func(seen []Scalar) error

	// PlainAlloc gives every string memory of its own. By default short
	// strings that are decoded from JSON share chunks of 1 KiB, so that
	// keeping one keeps no more than its chunk.
	PlainAlloc bool
}

// A Codec encodes and decodes items of one struct type, or decodes those of an
// interface type ([NewCases]). It is safe for concurrent use.
type Codec struct {
	typ  reflect.Type
	root *node
	ids  int
	opts Options
	pool sync.Pool // of *decoder

	cases *cases // of an interface type; nil for a struct type
}

// New returns the codec of a plan, compiled for it.
func New(p *fields.Struct, opts ...func(*Options)) *Codec {
	c := &Codec{typ: p.Type, opts: Options{Zone: time.UTC}}
	for _, f := range opts {
		f(&c.opts)
	}
	if c.opts.Zone == nil {
		c.opts.Zone = time.UTC
	}
	b := compiler{nodes: make(map[nodeKey]*node)}
	c.root = b.root(p, c.opts.Watch, c.opts.Exact)
	b.finish(c.root)
	c.ids = b.ids
	return c
}

// Encode returns the attributes of v, a struct of the plan's type; never nil
// without an error. The map is the caller's; what custom marshalers returned
// and raw attribute values are not copied. Errors are [*Error].
func (c *Codec) Encode(v reflect.Value) (map[string]types.AttributeValue, error) {
	var e encoder
	v = addressable(v)
	if c.root.marshal != 0 {
		item, err := e.marshaledItem(c.root, v)
		if err != nil {
			return nil, in(c.typ, err)
		}
		return item, nil
	}
	item, err := e.attributes(c.root, v)
	if err != nil {
		return nil, in(c.typ, err)
	}
	return item, nil
}

// An Attribute is a name and a value in place of a field's, or besides the
// fields. A nil Value leaves the attribute out.
type Attribute struct {
	Name  string
	Value types.AttributeValue
}

// AppendAttributes appends attributes, whose names differ and whose values are
// not nil, as an item in DynamoDB's JSON. On an error, an [*Error], dst is
// returned as it came.
func AppendAttributes(dst []byte, attrs ...Attribute) ([]byte, error) {
	var e encoder
	out, err := e.appendAttributes(append(dst, '{'), attrs)
	if err != nil {
		return dst, errorOf(err)
	}
	return append(out, '}'), nil
}

// AppendItem appends v, a struct of the plan's type, to dst as an item in
// DynamoDB's JSON, such as {"id":{"S":"1"}}; edits have different names and
// take precedence over fields. On an error, an [*Error], dst is returned as it
// came.
func (c *Codec) AppendItem(dst []byte, v reflect.Value, edits ...Attribute) ([]byte, error) {
	var e encoder
	v = addressable(v)
	start := len(dst)
	var err error
	if c.root.marshal != 0 {
		var item map[string]types.AttributeValue
		if item, err = e.marshaledItem(c.root, v); err == nil {
			dst, err = e.appendMembers(dst, edited(item, edits))
		}
	} else {
		dst, err = e.edited(dst, c.root, v, edits)
	}
	if err != nil {
		return dst[:start], in(c.typ, err)
	}
	return dst, nil
}

func edited(item map[string]types.AttributeValue, edits []Attribute) map[string]types.AttributeValue {
	if len(edits) > 0 {
		item = maps.Clone(item) // which is the marshaler's
	}
	for _, a := range edits {
		if a.Value == nil {
			delete(item, a.Name)
		} else {
			item[a.Name] = a.Value
		}
	}
	return item
}

// Decode sets v, an addressable value of the codec's type, to item. Attributes
// that the type does not have are ignored; NULL is the zero value (rule E3).
// v shares strings and raw attribute values with item. On an error, an [*Error]
// or what Options.Check returned, v is zero.
func (c *Codec) Decode(item map[string]types.AttributeValue, v reflect.Value) error {
	d := c.decoder()
	defer c.release(d)
	v.SetZero()
	if err := d.item(item, v); err != nil {
		v.SetZero()
		return in(c.typ, err)
	}
	return nil
}

// DecodeItem sets v, an addressable value of the codec's type, to the item
// that data holds in DynamoDB's JSON and nothing else. v shares no memory with
// data. On an error, an [*Error] or what Options.Check returned, v is zero.
func (c *Codec) DecodeItem(data []byte, v reflect.Value) error {
	d := c.decoder()
	defer c.release(d)
	v.SetZero()
	d.load(data)
	err := d.jsonItem(v)
	if err == nil {
		if d.space(); d.pos != len(data) {
			err = ErrSyntax
		}
	}
	if err != nil {
		v.SetZero()
		return in(c.typ, err)
	}
	return nil
}

// addressable returns v, or a copy of it that has an address, so that
// marshalers on the pointer are found.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	p := reflect.New(v.Type()).Elem()
	p.Set(v)
	return p
}
