package assoc

import (
	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/repo"
)

// An End is one side of a relation: a repository, and the attribute in which
// each of its items keeps the ids of the items it is related to, if it keeps
// any. It is made by [Keep] and [Bare]; what is wrong with it is told by what
// declares a relation of it.
type End[T any] struct {
	repo *repo.Repo[T]
	keep bool
	attr string
	err  error
}

// Keep is the end whose items keep ids in attribute a, which is stored as a
// string or number set, or as a string or a number: a foreign key. A foreign
// key is empty if it is missing, NULL, or the zero value of a field that is no
// pointer.
func Keep[T, V any](r *repo.Repo[T], a cond.Attr[T, V]) End[T] {
	e := End[T]{repo: r, keep: true, err: a.Err()}
	if path := a.At(door.Key{}); len(path) == 1 {
		e.attr = path.Attribute()
	}
	return e
}

// Bare is the end whose items keep no ids.
func Bare[T any](r *repo.Repo[T]) End[T] { return End[T]{repo: r} }
