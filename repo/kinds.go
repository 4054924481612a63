package repo

import (
	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/model"
)

// Kinds tell of which struct types the items of a table are, so that a
// repository can hold several (rules H1 to H3). Package sti makes them: Kinds,
// View, SkipUnknown and Union.
//
// A repository of an interface holds every kind whose pointer implements it,
// and returns each item as the pointer to its own type. A repository of a
// struct type holds that kind and those under it, read as that type.
type Kinds interface {
	// Declared is for the packages of this module.
	Declared(door.Key) *model.Kinds
}

// declaredKinds returns the kinds of a declaration, nil where there are none.
func declaredKinds(k Kinds) *model.Kinds {
	if k == nil {
		return nil
	}
	return k.Declared(door.Key{})
}
