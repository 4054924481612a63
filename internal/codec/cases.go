package codec

import (
	"bytes"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Cases are the struct types that the items of an interface type may be of.
type Cases struct {
	// Names are the attributes that tell. The codecs watch them too.
	Names []string
	// Pick returns which of Codecs an item is for that has these scalars, in
	// the order of Names and valid during the call, or why there is none.
	// [ErrSkip] in the error leaves the item out of a page.
	Pick func(seen []Scalar) (int, error)
	// Codecs are of struct types T whose *T is a value of the interface type.
	Codecs []*Codec
	// Set sets slot, of the interface type, to p, a *T. What knows the types does
	// it without asking each time whether one implements the other.
	Set func(slot, p reflect.Value)
}

// cases are compiled Cases.
type cases struct {
	Cases

	marks   [][]byte // of each name, as JSON without its first quote up to the text of its value
	watched [][]int  // by case and name: the place in Options.Watch
}

// NewCases returns a codec of t, an interface type, that decodes each item as
// the codec that is picked for it does. It encodes nothing: that is for the
// codecs of the cases.
func NewCases(t reflect.Type, c Cases) *Codec {
	all := &cases{Cases: c}
	for _, name := range c.Names {
		all.marks = append(all.marks, append(AppendText(nil, name), `:{"S":"`...)[1:])
	}
	for _, own := range c.Codecs {
		at := make([]int, len(c.Names))
		for i, name := range c.Names {
			at[i] = slices.Index(own.opts.Watch, name)
		}
		all.watched = append(all.watched, at)
	}
	return &Codec{typ: t, cases: all, opts: Options{Watch: c.Names}}
}

// A chooser is the working memory of a decoder of cases.
type chooser struct {
	inner []*decoder // by case; nil where none was needed
	hits  []int      // by name: where the next mark was found in data
	seen  []Scalar   // at a glance
	slabs []slab     // by case
	batch int        // how many items are expected
}

// A slab is memory of several items of one case.
type slab struct {
	items reflect.Value
	left  int
}

// maxSlab bounds the memory that is kept by who keeps one item, in bytes.
const maxSlab = 4 << 10

// jsonCase decodes the item at hand as what it is. The attributes that tell
// may stand behind the others. So as not to read the item twice, the next text
// that looks like them is believed until the item has been read; if it was not
// theirs, the item is read again.
func (d *decoder) jsonCase(v reflect.Value) error {
	start := d.pos
	if i, ok := d.glance(); ok {
		if d.jsonAs(i, v) == nil && d.glimpsed(i) {
			return nil
		}
		v.SetZero()
		d.pos = start
	}
	i, err := d.which()
	if err != nil {
		return err
	}
	d.pos = start
	return d.jsonAs(i, v)
}

// glance guesses the case of the item at hand.
func (d *decoder) glance() (int, bool) {
	c := d.c.cases
	for i, mark := range c.marks {
		at := d.hits[i]
		if at < d.pos {
			if at = bytes.Index(d.data[d.pos:], mark); at < 0 {
				d.hits[i] = len(d.data)
				return 0, false
			}
			at += d.pos - 1 // the quote, if it is one
			d.hits[i] = at
		}
		if at == len(d.data) {
			return 0, false
		}
		text := d.data[at+1+len(mark):]
		end := plainEnd(text, 0)
		if d.data[at] != '"' || end == len(text) || text[end] != '"' {
			return 0, false
		}
		d.seen[i] = Scalar{Kind: 'S', Data: text[:end]}
	}
	i, err := c.Pick(d.seen)
	return i, err == nil
}

// glimpsed reports whether an item that was decoded has what the guess was
// made of.
func (d *decoder) glimpsed(i int) bool {
	own := d.inner[i].scalars
	for n, at := range d.c.cases.watched[i] {
		if own[at].Kind != 'S' || !bytes.Equal(own[at].Data, d.seen[n].Data) {
			return false
		}
	}
	return true
}

// which reads the item at hand for the attributes that tell, and picks.
func (d *decoder) which() (int, error) {
	if err := d.look(d.c.cases.Names); err != nil {
		return 0, err
	}
	return d.picked()
}

// look reads the item at hand for the scalars of names alone.
func (d *decoder) look(names []string) error {
	d.begin()
	if !d.take('{') {
		return ErrSyntax
	}
	for more := !d.take('}'); more; {
		name, err := d.str()
		if err != nil {
			return err
		}
		at := slices.Index(names, string(name))
		if !d.take(':') {
			return ErrSyntax
		}
		if err := d.tell(at); err != nil {
			return err
		}
		if more, err = d.more('}'); err != nil {
			return err
		}
	}
	return nil
}

// tell notes the value at hand as the scalar at a place, or passes over it.
func (d *decoder) tell(at int) error {
	if at < 0 {
		return d.skip(maxBody)
	}
	tok, err := d.open()
	if err == nil {
		err = d.observe(at, tok)
	}
	if err == nil && !d.take('}') {
		err = ErrSyntax
	}
	return err
}

// picked ends the look at the attributes that tell.
func (d *decoder) picked() (int, error) {
	d.end()
	i, err := d.c.cases.Pick(d.scalars)
	if err != nil {
		return 0, &refusal{err}
	}
	return i, nil
}

// jsonAs decodes the item at hand as one case.
func (d *decoder) jsonAs(i int, v reflect.Value) error {
	own := d.c.cases.Codecs[i]
	in := d.inner[i]
	if in == nil {
		in = own.decoder()
		d.inner[i] = in
	}
	in.data, in.pos = d.data, d.pos
	s := &d.slabs[i]
	if s.left == 0 {
		s.left = max(1, min(d.batch, maxSlab/max(1, int(own.typ.Size()))))
		s.items = reflect.MakeSlice(reflect.SliceOf(own.typ), s.left, s.left)
	}
	one := s.items.Index(s.items.Len() - s.left)
	err := in.jsonItem(one)
	in.data, d.pos = nil, in.pos
	if err != nil {
		one.SetZero()
		return err
	}
	s.left--
	d.c.cases.Set(v, one.Addr())
	return nil
}

// itemCase decodes attributes as what they are.
func (d *decoder) itemCase(item map[string]types.AttributeValue, v reflect.Value) error {
	d.begin()
	for i, name := range d.c.cases.Names {
		if av, ok := item[name]; ok {
			d.observeValue(i, av)
		}
	}
	i, err := d.picked()
	if err != nil {
		return err
	}
	own := d.c.cases.Codecs[i]
	p := reflect.New(own.typ)
	if err := own.Decode(item, p.Elem()); err != nil {
		return err
	}
	d.c.cases.Set(v, p)
	return nil
}

// dismiss gives the decoders of the cases back.
func (d *decoder) dismiss() {
	for i, in := range d.inner {
		if in != nil {
			d.c.cases.Codecs[i].release(in)
			d.inner[i] = nil
		}
	}
	clear(d.seen)
	clear(d.slabs)
}
