package sti

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// A Member is a repository that a union reads: a [*repo.Repo] of any type, a
// view and the repository of an interface included.
type Member interface {
	DB() *repo.DB
	Spec() repo.Spec
	Table() string
	// Engine is for the packages of this module.
	Engine(door.Key) (*send.Conn, *model.Table)
}

// Union returns a repository of T, an interface such as any, that reads the
// items of members together: one query of a partition returns an order, its
// lines and its customer, each as the pointer to its own type. Nothing is sent.
//
// The members lie in one table and have different types. An item is of the
// first member whose discriminator it has, and whose literals its key has
// (rule K7); a member with neither takes every item, and so belongs last. An
// item of no member is [repo.ErrUnknownKind], unless [SkipUnknown] leaves it out.
//
// A key attribute that all members declare in one way is declared so in the
// union; one that they don't is a plain string there, to be compared as it is
// stored:
//
//	all.Query(key.Of("42"))                                             // the whole partition
//	all.Query(key.Of("42")).Where(cond.Name[any]("sk").BeginsWith("LINE|")) // a part of it
//
// Indexes are those that every member which has them declares in one way, and
// whose attributes the union's key has not as plain strings.
// Items are written by the members, together in one repo.DB.Transact; the union
// writes and deletes them too, but does not update by key ([repo.ErrInvalid]).
func Union[T any](members ...Member) (*repo.Repo[T], error) {
	if len(members) == 0 || slices.ContainsFunc(members, isNil) {
		return nil, fmt.Errorf("sti: %w: want repositories", repo.ErrInvalid)
	}
	first := members[0]
	spec := first.Spec()
	all := repo.Spec{Table: spec.Table, TTL: spec.TTL}
	var kinds model.Kinds
	hash, sort := []key.Part{}, []key.Part{}
	for _, m := range members {
		own := m.Spec()
		if m.DB() != first.DB() || m.Table() != first.Table() {
			return nil, fault(first.Table(), "members of a union lie in one table, and are made with one DB")
		}
		if own.TTL != spec.TTL && (own.TTL.Hide || spec.TTL.Hide) {
			return nil, fault(first.Table(), "members of a union that hide expired items do so by one attribute")
		}
		_, table := m.Engine(door.Key{})
		for _, one := range table.Items() {
			kinds.List = append(kinds.List, model.KindDecl{Type: one.Fields.Type, Item: one})
		}
		hash, sort = append(hash, own.Key.Hash), append(sort, own.Key.Range)
	}
	all.Kinds = declared{kinds}
	var okHash, okSort bool
	if all.Key.Hash, okHash = common(hash); !okHash {
		return nil, fault(first.Table(), "members of a union have one hash key attribute")
	}
	if all.Key.Range, okSort = common(sort); !okSort {
		return nil, fault(first.Table(), "members of a union have one sort key attribute")
	}
	all.Indexes = slices.DeleteFunc(indexes(members), func(idx index.Spec) bool { return clashes(idx, all.Key) })
	return repo.New[T](first.DB(), all)
}

func isNil(m Member) bool {
	return m == nil || reflect.ValueOf(m).Kind() == reflect.Pointer && reflect.ValueOf(m).IsNil()
}

// common returns what the parts have in common: the part itself, or a plain
// string where they make the attribute in different ways; false if they are not
// one attribute.
func common(parts []key.Part) (key.Part, bool) {
	first := parts[0]
	differs := func(p key.Part) bool { return !reflect.DeepEqual(p, first) }
	if !slices.ContainsFunc(parts, differs) {
		return first, true
	}
	other := func(p key.Part) bool { return p.Name() != first.Name() || p.Type() != first.Type() }
	return key.String(first.Name()), first.Type() == key.String("").Type() && !slices.ContainsFunc(parts, other)
}

// clashes reports whether an index declares an attribute of the table's key in
// another way than the key does.
func clashes(idx index.Spec, table key.Spec) bool {
	k := idx.Key(table)
	for _, a := range slices.Concat(k.Hash.Attributes(), k.Range.Attributes()) {
		for _, own := range []key.Part{table.Hash, table.Range} {
			if a.Name() == own.Name() && !reflect.DeepEqual(a, own) {
				return true
			}
		}
	}
	return false
}

// indexes returns the indexes that no two members declare in different ways, in
// the order of the members.
func indexes(members []Member) []index.Spec {
	var all []index.Spec
	differ := map[string]bool{}
	for _, m := range members {
		for _, idx := range m.Spec().Indexes {
			at := slices.IndexFunc(all, func(o index.Spec) bool { return o.Name() == idx.Name() })
			if at < 0 {
				all = append(all, idx)
			} else if !reflect.DeepEqual(all[at], idx) {
				differ[idx.Name()] = true
			}
		}
	}
	return slices.DeleteFunc(all, func(idx index.Spec) bool { return differ[idx.Name()] })
}
