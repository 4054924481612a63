package sti

import (
	"fmt"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/repo"
)

// View returns a repository of V over the table of r (rule H2). V is a struct
// type that is one of r's kinds: the view sees that kind and those under it, all
// read as V. Or it is an interface: the view sees the kinds whose pointers
// implement it, each read as its own type. Nothing is sent.
//
// A view's queries, scans and counts filter by the discriminator, with what that
// means for limits (rules A4, A5). By key, and for updates, deletes and checks,
// an item of another kind is [repo.ErrNotFound] and stays as it is; a delete of
// one that is not there is quiet. A batch can't delete by key through a view,
// since it has no conditions. Create is [repo.ErrExists] whatever is there, and
// Put replaces it.
//
// A view of a struct type with kinds under it takes a string field for the
// discriminator, so that what was loaded as V is never stored as V: that is
// [repo.ErrKind]. Faults are those of [repo.New].
func View[V, T any](r *repo.Repo[T]) (*repo.Repo[V], error) {
	return with[V](r, func(k *model.Kinds) error {
		if k.Attr == "" {
			return fault(r.Table(), "a union has no views: view its members")
		}
		k.View = true
		return nil
	})
}

// SkipUnknown returns a repository like r whose queries leave out items of
// unknown kinds, and count them in Stats.Skipped, instead of failing with
// [repo.ErrUnknownKind]. By key such an item stays an error. Its counts load what
// tells the kinds apart. Nothing is sent.
func SkipUnknown[T any](r *repo.Repo[T]) (*repo.Repo[T], error) {
	return with[T](r, func(k *model.Kinds) error {
		k.Skip = true
		return nil
	})
}

// with returns a repository of V that differs from r in its kinds.
func with[V, T any](r *repo.Repo[T], change func(*model.Kinds) error) (*repo.Repo[V], error) {
	if r == nil {
		return nil, fmt.Errorf("sti: %w: want a repository", repo.ErrInvalid)
	}
	spec := r.Spec()
	if spec.Kinds == nil {
		return nil, fault(r.Table(), "the repository has none: declare them in Spec.Kinds")
	}
	kinds := *spec.Kinds.Declared(door.Key{})
	if err := change(&kinds); err != nil {
		return nil, err
	}
	spec.Kinds = declared{kinds}
	return repo.New[V](r.DB(), spec)
}

func fault(table, rule string) error {
	return &repo.ConfigError{Model: table, Field: "Kinds", Rule: rule}
}
