package repo

import (
	"errors"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fault"
)

// A Unique is a constraint: no two items have the same value of a field, or the
// same values of a group of fields (rule F8). It is made by [UniqueOn].
//
// Each value has a marker, an item of the table that holds the key of the item
// whose value it is and is written with it in one transaction. No read of the
// model returns a marker: a Scan leaves them out by a filter, which limits take
// account of, and a key that is reserved for them is refused. A model of the
// same table that declares no constraint meets them, unless its keys have
// literals.
//
// A constraint on fields of one kind (Spec.Kinds) is on those of the kinds under
// it too. A repository of several kinds does not know the kind of what it writes
// by key: its Delete by key, and an Update of the fields, are [ErrInvalid]. So are
// DeleteAll and Destroy of a struct type that reads those under it as its own.
//
// A missing attribute, NULL, an empty string and empty bytes are no values: any
// number of items may have them, and so it is with a group that has one of them.
// The number 0 is a value. Numbers are compared as numbers, text and bytes byte
// by byte.
//
// A write that changes no unique value costs no request more. Create, SaveChanges
// and Destroy are one TransactWriteItems then, Put and Save one more than they are
// without, Update, Upsert and Delete a consistent GetItem and one
// TransactWriteItems. An update that returns the item as stored reads it back, and
// one that returns it as it was before returns what it read. What others change
// meanwhile is seen, and the write sent again up to 10 times: then it is
// [ErrConflict]. A batch sends such writes one by one. In a transaction the
// markers count among the 100 operations, and a value that one operation loses
// another may get.
//
// Items that were written before the constraint was declared, or past the
// repository, have no markers; an item that DynamoDB's TTL or another client
// removes leaves its own, and the value taken: package unique mends both. A
// Put, Save or Update of the owner's key with the value takes an own marker over.
type Unique struct {
	typ   reflect.Type // of the items
	name  string       // "" for the default
	attrs []string
	errs  []error
}

// A UniqueField is an attribute of T: a cond.Attr.
type UniqueField[T any] interface {
	Err() error
	At(door.Key) expr.Path
	Exists() cond.Cond[T]
}

// UniqueOn returns the constraint that no two items share the values of fields:
// attributes of the item itself, stored as strings, numbers or binaries. What is
// wrong with one is told by [New].
func UniqueOn[T any](fields ...UniqueField[T]) Unique {
	u := Unique{typ: reflect.TypeFor[T]()}
	for _, f := range fields {
		if f == nil {
			u.errs = append(u.errs, errOwnAttr)
			continue
		}
		p := f.At(door.Key{})
		if f.Err() != nil || len(p) != 1 {
			u.errs = append(u.errs, fault.Because(errOwnAttr, f.Err()))
			continue
		}
		u.attrs = append(u.attrs, p[0].Name)
	}
	return u
}

var errOwnAttr = errors.New("no attribute of the item itself")

// Named names the constraint. The name is in the keys of the markers and must
// stay as it is as long as they do; constraints of one name in one table share
// their values, also those of two models. The default is made of the literals of
// the model's keys and the names of the attributes, with "+" between.
func (u Unique) Named(name string) Unique {
	u.name = name
	return u
}
