package iter

import (
	"errors"
	"slices"

	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/dynarepo/dynarepo/internal/place"
)

// ErrCursor is the sentinel of a cursor that can't be used: every
// [*CursorError] is it.
var ErrCursor = errors.New("iter: cursor refused")

// Why a cursor was refused.
const (
	malformed    = "malformed token"
	otherVersion = "unknown version of token"
	tooLong      = "token too long"
	foreign      = place.Foreign
	tampered     = "signature is by none of the keys"
	unsigned     = "not signed, though signing keys are configured"
	unverifiable = "signed, though no signing key is configured"
)

// CursorError tells why a cursor was refused, and nothing of what is in it.
// errors.Is finds [ErrCursor].
type CursorError struct {
	Reason string // in a few words, such as "made for another query"
}

// Error names the reason.
func (e *CursorError) Error() string { return "iter: cursor refused: " + e.Reason }

// Unwrap returns [ErrCursor].
func (e *CursorError) Unwrap() error { return ErrCursor }

// Cursor is an exact position in a query or a scan, opaque as text (rule B4).
// It is a small value that never changes and may be shared by goroutines. The
// zero Cursor is no position, which a page has after the last one.
//
// A token is signed if there is a key, but not encrypted: whoever holds it can
// read the key values of the item it stands after. The names of the table and
// of the index are not in it. Printing a Cursor prints its token.
type Cursor struct {
	// Two pointers, since fmt follows one of an unexported field under a verb that
	// does not fit it, and would show key values and the signing key.
	at **position
}

// position has the binding and the key if the cursor was made here, and the raw
// token if it came as text.
type position struct {
	places  []place.Place
	binding place.Binding
	key     []byte
	raw     []byte
}

// NewCursor is for the packages of this module: it returns the cursor at places in the query of b, one place for each
// segment that it reads, in order. The first of keys signs its token; without keys, or if it is
// empty, the token is not signed. The keys must not change afterwards. Without
// places it returns the zero Cursor.
func NewCursor(_ door.Key, b place.Binding, keys [][]byte, places ...place.Place) Cursor {
	if len(places) == 0 {
		return Cursor{}
	}
	at := &position{binding: b.Normal(), places: clonePlaces(places)}
	if len(keys) > 0 {
		at.key = keys[0]
	}
	return Cursor{&at}
}

// IsZero reports whether c is no position.
func (c Cursor) IsZero() bool { return c.at == nil }

// Places is for the packages of this module: it returns where each segment of the query of b goes on, as many as it
// reads, or nil for the zero Cursor. The slices are the caller's to keep.
//
// It refuses a cursor with a [*CursorError] (it is [ErrCursor]): a token whose
// signature is missing or by none of the keys, one that is signed while there
// are no keys, since nobody could tell who signed it, and a cursor made for
// another binding. One made in this process is trusted whatever the keys. An
// empty key verifies nothing.
func (c Cursor) Places(_ door.Key, b place.Binding, keys [][]byte) ([]place.Place, error) {
	if c.IsZero() {
		return nil, nil
	}
	at, b := *c.at, b.Normal()
	if err := at.check(b, keys); err != nil {
		return nil, err
	}
	if len(at.places) != b.Places() {
		return nil, &CursorError{malformed}
	}
	return clonePlaces(at.places), nil
}

// check refuses what was not made for b, and a token that the keys do not vouch
// for: that first, so that a forger learns nothing of the binding.
func (at *position) check(b place.Binding, keys [][]byte) error {
	if at.raw == nil {
		if at.binding != b {
			return &CursorError{foreign}
		}
		return nil
	}
	t := split(at.raw)
	switch {
	case t.mac == nil && len(keys) > 0:
		return &CursorError{unsigned}
	case t.mac != nil && len(keys) == 0:
		return &CursorError{unverifiable}
	case t.mac != nil && !slices.ContainsFunc(keys, t.signedBy):
		return &CursorError{tampered}
	case t.digest != digest(b):
		return &CursorError{foreign}
	}
	return nil
}

// clonePlaces returns a copy of places in the form that tokens keep: no Key on a
// Done place, nil for an empty one.
func clonePlaces(places []place.Place) []place.Place {
	cloned := make([]place.Place, len(places))
	for i, p := range places {
		cloned[i].Done = p.Done
		if !p.Done && len(p.Key) > 0 {
			cloned[i].Key = slices.Clone(p.Key)
		}
	}
	return cloned
}
