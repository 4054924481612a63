package repo

import (
	"errors"
	"reflect"
	"time"

	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/google/uuid"

	"github.com/dynarepo/dynarepo/cond"
)

// UUIDv7 returns a UUID that sorts by the time it was made (RFC 9562,
// version 7).
func UUIDv7() string { return uuid.Must(uuid.NewV7()).String() }

// A Default is what a field gets on create if it is zero (rule I4). It is made
// by [DefaultTo] and [DefaultFunc].
type Default struct {
	typ   reflect.Type // of the items
	value reflect.Type
	attr  string
	err   error
	made  func() reflect.Value
}

var errNoFunc = errors.New("want a function")

// DefaultTo returns the default v of an attribute, one of the item's own, as
// cond.Field gives it: [New] refuses a value that is not of the field's type.
func DefaultTo[T, V any](a cond.Attr[T, V], v V) Default {
	return DefaultFunc(a, func() V { return v })
}

// DefaultFunc returns the default of an attribute that f computes anew for each
// item. It must be safe for concurrent use.
func DefaultFunc[T, V any](a cond.Attr[T, V], f func() V) Default {
	d := Default{typ: reflect.TypeFor[T](), value: reflect.TypeFor[V](), err: a.Err()}
	if p := a.At(door.Key{}); len(p) == 1 {
		d.attr = p[0].Name
	}
	if f == nil {
		d.err = errors.Join(d.err, errNoFunc)
	}
	d.made = func() reflect.Value { v := f(); return reflect.ValueOf(&v).Elem() }
	return d
}

// TTL is the attribute of Unix seconds after which DynamoDB removes an item in
// its own time (rule J4).
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
type TTL struct {
	// Attr is the attribute: an integer field, or a time.Time with the tag
	// option unixtime. "" for none.
	Attr string
	// After is how long an item lasts from a write that finds the field zero.
	// 0 sets nothing.
	After time.Duration
	// Hide keeps expired items out of every read, by Config.Now. Queries and
	// scans then have a filter, which limits take account of.
	// For every verb an expired item is not there (rule O3): Create makes one in its
	// place, Upsert removes it first, in two requests more, and begins anew. A
	// condition, and a lock, take it for none.
	Hide bool
}
