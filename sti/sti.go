// Package sti keeps items of several types in one table: single-table
// inheritance, and collections of unrelated types that are read together.
//
// An attribute of each item, the discriminator, names its kind (rule H1):
//
//	kinds := sti.Kinds("type",
//		sti.Of[Cat]("cat", sti.Alias("felis")),
//		sti.Of[Dog]("dog"),
//		sti.Of[Puppy]("puppy", sti.Under[Dog]()))
//	animals, err := repo.New[Animal](db, repo.Spec{..., Kinds: kinds})
//	cats, err := sti.View[Cat](animals)
//
// Animal is an interface that *Cat, *Dog and *Puppy implement. The repository
// of it returns each item as the pointer to its own type, by every read, and
// writes one as what it is. A view is a repository of one kind and those under
// it, or of the kinds that implement an interface; it filters, and nothing else
// in the table is there for it (rule H2).
//
// # Kinds on a write
//
// The discriminator is set on each write. It need not have a field in the
// struct; if there is one, a string, it is set there too, and an item whose
// field names another kind is refused as [repo.ErrKind]. Callbacks, validation,
// timestamps, versions and indexes are those of the item's own type: a callback
// made by repo.On[Cat] runs for cats alone, one by repo.On[Animal] for all. An
// index on an attribute that a kind has no field for is without that kind.
//
// # Conditions
//
// Attributes of an interface go by name, cond.Name[Animal]("lives"), or are
// those of a struct: cond.As[Animal](lives), whose values are then checked.
// A view that is one exact kind, without aliases, asks an index whose hash key
// is the discriminator; others filter by it.
//
// The guide is https://github.com/dynarepo/dynarepo/blob/main/docs/modelling.md.
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package sti

import (
	"reflect"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/repo"
)

// defaultAttribute is the discriminator where none is named.
const defaultAttribute = "type"

// A KindOf declares one kind of items. It is made by [Of].
type KindOf struct{ kind model.KindDecl }

// An Option declares more of a kind.
type Option func(*model.KindDecl)

// Of declares that items of struct type V are stored under a name, which must
// not change as the name of the Go type may (rule H1).
func Of[V any](name string, opts ...Option) KindOf {
	k := model.KindDecl{Type: reflect.TypeFor[V](), Name: name}
	for _, opt := range opts {
		opt(&k)
	}
	return KindOf{k}
}

// Alias names what the kind was stored under before: read and matched as its
// name is, never written (rule H3).
func Alias(names ...string) Option {
	return func(k *model.KindDecl) { k.Aliases = append(k.Aliases, names...) }
}

// Under declares that the kind is a special case of V, as a rule by embedding
// it: a view of V sees it too.
func Under[V any]() Option {
	return func(k *model.KindDecl) { k.Under = reflect.TypeFor[V]() }
}

// Kinds returns the kinds of the items of a table, told apart by attribute
// attr; "" stands for "type". Two kinds of one name, a pointer to
// which does not implement the repository's interface, and other faults are told
// by [repo.New] (rule H3).
func Kinds(attr string, kinds ...KindOf) repo.Kinds {
	if attr == "" {
		attr = defaultAttribute
	}
	all := model.Kinds{Attr: attr}
	for _, k := range kinds {
		all.List = append(all.List, k.kind)
	}
	return declared{all}
}

// declared are kinds as package repo takes them.
type declared struct{ kinds model.Kinds }

func (d declared) Declared(door.Key) *model.Kinds { return &d.kinds }
