// Package model holds the types of items that the benchmarks work on, each
// with its encoding and decoding written by hand.
package model

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Table is the table of every model, with Hash and Range, both strings, for its
// key. All models have Score, a number, beside them.
const (
	Table = "items"
	Hash  = "pk"
	Range = "sk"
	Score = "score"
)

// Attrs is an item as the SDK has it.
type Attrs = map[string]types.AttributeValue

// A Model is a type of items.
type Model[T any] struct {
	Name string
	// PageSize is how many items the model's pages have.
	PageSize int
	// At returns the i-th item, whose key is KeyAt(i).
	At func(i int) T
	// Score selects the field of that name.
	Score func(*T) *float64
	// Encode and Decode are written by hand.
	Encode func(*T) Attrs
	Decode func(Attrs, *T) error
}

// Items returns the first n items.
func (m *Model[T]) Items(n int) []T {
	items := make([]T, n)
	for i := range items {
		items[i] = m.At(i)
	}
	return items
}

// A Key is the key of an item.
type Key struct{ PK, SK string }

// KeyAt returns the key of the i-th item. All have the same hash key, and the
// order of their sort keys is theirs.
func KeyAt(i int) Key {
	return Key{PK: "customer#000042", SK: fmt.Sprintf("order#%08d", i)}
}

// Keys returns the keys of the first n items.
func Keys(n int) []Key {
	keys := make([]Key, n)
	for i := range keys {
		keys[i] = KeyAt(i)
	}
	return keys
}

// ErrAttr says that an attribute is missing or of the wrong type.
var ErrAttr = errors.New("model: an attribute is missing or of the wrong type")

// A reader takes fields out of attributes and keeps the first error.
type reader struct {
	attrs Attrs
	err   error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) text(name string) string {
	v, ok := r.attrs[name].(*types.AttributeValueMemberS)
	if !ok {
		r.fail(ErrAttr)
		return ""
	}
	return v.Value
}

func (r *reader) number(name string) string {
	v, ok := r.attrs[name].(*types.AttributeValueMemberN)
	if !ok {
		r.fail(ErrAttr)
		return "0"
	}
	return v.Value
}

func (r *reader) integer(name string) int64 {
	n, err := strconv.ParseInt(r.number(name), 10, 64)
	if err != nil {
		r.fail(err)
	}
	return n
}

func (r *reader) float(name string) float64 {
	f, err := strconv.ParseFloat(r.number(name), 64)
	if err != nil {
		r.fail(err)
	}
	return f
}

func (r *reader) boolean(name string) bool {
	v, ok := r.attrs[name].(*types.AttributeValueMemberBOOL)
	if !ok {
		r.fail(ErrAttr)
		return false
	}
	return v.Value
}

func (r *reader) list(name string) []types.AttributeValue {
	v, ok := r.attrs[name].(*types.AttributeValueMemberL)
	if !ok {
		r.fail(ErrAttr)
		return nil
	}
	return v.Value
}

func (r *reader) nested(v types.AttributeValue) reader {
	m, ok := v.(*types.AttributeValueMemberM)
	if !ok {
		r.fail(ErrAttr)
		return reader{}
	}
	return reader{attrs: m.Value}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func integer(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func float(f float64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatFloat(f, 'f', -1, 64)}
}

func boolean(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }
