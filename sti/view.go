package sti

import (
	"errors"
	"fmt"

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
	if r == nil {
		return nil, fmt.Errorf("sti: %w: want a repository", repo.ErrInvalid)
	}
	spec := r.Spec()
	if spec.Kinds == nil || spec.Kinds.Attr == "" {
		return nil, &repo.ConfigError{Model: fmt.Sprintf("a view of %s", r.Table()), Field: "Kinds", Err: errNoKinds, Rule: "the repository has none to view"}
	}
	kinds := *spec.Kinds
	kinds.View = true
	spec.Kinds = &kinds
	return repo.New[V](r.DB(), spec)
}

var errNoKinds = errors.New("declare them in Spec.Kinds")
