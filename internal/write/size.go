package write

import (
	"github.com/dynarepo/dynarepo/internal/values"
)

// itemBytes is the bytes of the item of a put as DynamoDB counts them, 0 for
// other writes; an upper bound of it unless it is to be exact.
func (w *Write) itemBytes(exact bool) int {
	p, puts := w.does.(*put)
	switch {
	case !puts:
		return 0
	case p.json != nil && !exact:
		return len(p.json)
	case p.json != nil:
		attrs, _ := p.item.Encode(p.value) // it was encoded as JSON before, so it can be
		return values.ItemSize(attrs)
	}
	return values.ItemSize(p.attrs)
}

// wireBytes bounds the bytes that the write takes in a request.
func (w *Write) wireBytes() int {
	p, puts := w.does.(*put)
	switch {
	case !puts:
		return values.WireSize(w.key)
	case p.json != nil:
		return len(p.json)
	}
	return values.WireSize(p.attrs)
}

// units is what the write is reckoned to take of the table: one for each KB.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
func (w *Write) units() int { return 1 + w.wireBytes()/1024 }
