package codec

import (
	"errors"
	"reflect"
)

// minItem is the least that an item takes in JSON: {"k":{"S":"v"}} and a comma.
const minItem = 16

// A Page collects items that are decoded from JSON. It is for one goroutine
// at a time.
type Page struct {
	c     *Codec
	d     *decoder
	items reflect.Value // []T, addressable
	told  int           // items read since the last Reset, those left out included
}

// NewPage returns an empty page. [Page.Release] gives its working memory back.
func (c *Codec) NewPage() *Page {
	return &Page{c: c, d: c.decoder(), items: reflect.New(reflect.SliceOf(c.typ)).Elem()}
}

// Array adds the items of the JSON array that data begins with, but those of
// which Check says ErrSkip, and returns the length of the array's text. hint is
// how many items are expected, and only sizes memory; 0 if it is not known. On
// an error the page is as before.
func (p *Page) Array(data []byte, hint int) (int, error) {
	d, before := p.d, p.items.Len()
	d.load(data)
	defer func() { d.data = nil }()
	p.reserve(min(hint, len(data)/minItem))
	err := d.elements(func(i int) error {
		start := d.pos
		switch err := p.one(); {
		case errors.Is(err, ErrSkip):
			p.cut(p.items.Len() - 1)
		case err != nil:
			return err
		}
		if i == 0 && hint <= 0 {
			rest := len(data) - d.pos
			p.reserve(min(rest/(d.pos-start)+1, rest/minItem))
		}
		return nil
	})
	if err != nil {
		p.cut(before)
		return 0, in(p.c.typ, err)
	}
	return d.pos, nil
}

// Object adds the item that data begins with and returns the length of its
// text. On an error the page is as before.
func (p *Page) Object(data []byte) (int, error) {
	d, before := p.d, p.items.Len()
	d.load(data)
	defer func() { d.data = nil }()
	p.reserve(1)
	if err := p.one(); err != nil {
		p.cut(before)
		return 0, in(p.c.typ, err)
	}
	return d.pos, nil
}

func (p *Page) one() error {
	grow(p.items)
	p.told++
	return p.d.jsonItem(p.items.Index(p.items.Len() - 1))
}

func (p *Page) reserve(n int) {
	p.d.batch = n
	if n > p.items.Cap()-p.items.Len() {
		p.items.Grow(n)
	}
}

// cut drops the items from n on; memory beyond the length is always zero.
func (p *Page) cut(n int) {
	if n == 0 {
		p.items.Clear() // Slice would allocate
	} else {
		p.items.Slice(n, p.items.Len()).Clear()
	}
	p.items.SetLen(n)
}

// Len returns how many items the page holds.
func (p *Page) Len() int { return p.items.Len() }

// Told returns how many items were read since the last Reset.
func (p *Page) Told() int { return p.told }

// Slice returns the items, a []T that is valid until the next call of any
// other method.
func (p *Page) Slice() reflect.Value { return p.items.Slice(0, p.items.Len()) }

// Take returns the items, an addressable []T that is the caller's from now on,
// nil if there are none, and leaves the page empty.
func (p *Page) Take() reflect.Value {
	items := p.items
	p.items = reflect.New(items.Type()).Elem()
	return items
}

// Reuse gives the page memory that [Page.Take] gave out and nobody reads any
// more. The page must be empty.
func (p *Page) Reuse(items reflect.Value) {
	p.items = items
	p.Reset()
}

// Reset drops the items and keeps their memory for the next ones.
func (p *Page) Reset() { p.cut(0); p.told = 0 }

// Release gives the page's working memory back. The page must not be used any
// more; what was taken from it stays good.
func (p *Page) Release() {
	p.c.release(p.d)
	p.d = nil
}
