package repo

import (
	"errors"
	"reflect"
	"slices"

	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/wire"
)

// A Repo reads and writes the items of T in one table. It is immutable and
// safe for concurrent use. It keeps no item.
type Repo[T any] struct {
	db     *DB
	schema *schema
	writer *writer // of writes without conditions
}

// New compiles spec for T, a struct type with dynamodbav tags as the SDK's
// attributevalue package reads them, or with [Spec.Kinds] an interface of such
// types, and returns its repository. It sends nothing. Every fault of the declaration is reported at once, joined, each a
// [*ConfigError] that is [ErrInvalid] and names the model and the field
// (rule L2).
func New[T any](db *DB, spec Spec) (*Repo[T], error) {
	t := reflect.TypeFor[T]()
	if db == nil {
		return nil, &ConfigError{Model: t.String(), Field: "db", Rule: "want a DB"}
	}
	s, err := spec.compileFor(db, t, assign[T])
	if err != nil {
		return nil, err
	}
	return &Repo[T]{db: db, schema: s, writer: &writer{db: db, schema: s}}, nil
}

// compileFor returns the schema of a repository of t, whose items set sets if it
// is an interface.
func (spec Spec) compileFor(db *DB, t reflect.Type, set func(slot, p reflect.Value)) (*schema, error) {
	if spec.Kinds != nil {
		return spec.compileKinds(db, t, set)
	}
	if t.Kind() != reflect.Struct {
		return nil, &ConfigError{Model: t.String(), Field: "T", Rule: "want a struct type, not a pointer to one; of an interface, Kinds"}
	}
	p, err := fields.Of(t)
	if err != nil {
		return nil, &ConfigError{Model: t.String(), Field: "T", Rule: "its fields or tags are not right", Err: err}
	}
	return spec.compile(db, p, nil)
}

// assign sets slot, a T that is an interface, to p, which implements it.
func assign[T any](slot, p reflect.Value) { *slot.Addr().Interface().(*T) = p.Interface().(T) }

// DB returns what the repository was made with.
func (r *Repo[T]) DB() *DB { return r.db }

// Spec returns a copy of the declaration. Its Table is the base name.
func (r *Repo[T]) Spec() Spec { return r.schema.declared }

// Table returns the name of the table, namespace included.
func (r *Repo[T]) Table() string { return r.schema.table }

// single returns what takes one item out of an answer, or nil for the standard
// path. It goes back by release.
func (s *schema) single(db *DB) *wire.Sink {
	if db.cfg.StandardCodec {
		return nil
	}
	return s.sinks.Get().(*wire.Sink)
}

func (s *schema) release(sink *wire.Sink) {
	if sink != nil {
		sink.Reset()
		s.sinks.Put(sink)
	}
}

// take sets into to the one item in sink if that has used the answer, else to
// what attrs are. found is false if there is none.
func (s *schema) take(sink *wire.Sink, attrs item, into reflect.Value) (found bool, err error) {
	switch {
	case sink == nil || !sink.Used():
		if len(attrs) == 0 {
			return false, nil
		}
		return true, s.decode(attrs, into)
	case sink.Err() != nil:
		return false, decodeError(sink.Err())
	}
	items := sink.Items()
	if items.Len() == 0 {
		return false, nil
	}
	into.Set(items.Index(0))
	return true, nil
}

// decode sets v to what an item is.
func (s *schema) decode(attrs item, v reflect.Value) error {
	return decodeError(s.codec.Decode(attrs, v))
}

// decodeError tells an item that does not fit from one whose keys or kind are
// not right.
func decodeError(err error) error {
	if err == nil || slices.ContainsFunc(told, func(one error) bool { return errors.Is(err, one) }) {
		return err
	}
	return because(ErrDecode, err)
}

var (
	told       = []error{ErrMismatch, ErrForeign, ErrUnknownKind}
	errNilItem = errors.New("want an item, not nil")
	int64Type  = reflect.TypeFor[int64]()
)
