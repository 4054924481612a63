package repo

import (
	"reflect"

	"github.com/dynarepo/dynarepo/internal/model"
)

// Kinds tell of which struct types the items of a table are, so that a
// repository can hold several (rules H1 to H3). Package sti makes them. They
// must not be changed once a repository was made with them.
//
// A repository of an interface holds every kind whose pointer implements it,
// and returns each item as the pointer to its own type. A repository of a
// struct type holds that kind and those under it, read as that type.
type Kinds struct {
	// Attr names the discriminator, an attribute of type S that need not have a
	// field. A string field of that name holds what is stored.
	Attr string
	// List are the kinds of the table, those outside of the repository included.
	List []Kind
	// View says that items of other kinds are in the table too and are not to be
	// seen: queries filter, and by key they are ErrNotFound. Otherwise an item of
	// none of the repository's kinds is ErrUnknownKind.
	View bool
	// Skip leaves items that would be ErrUnknownKind out of queries and counts
	// them in Stats.Skipped. By key they stay errors.
	Skip bool
}

// A Kind is one struct type of items.
type Kind struct {
	Type    reflect.Type // a struct
	Name    string       // stored in the discriminator
	Aliases []string     // read and matched as Name is, never written
	Under   reflect.Type // the kind that this one is a special case of, or nil

	item *model.Item // of a repository that exists: its keys tell, or its own kinds
}

// declared returns the declaration as it is compiled.
func (k *Kinds) declared() *model.Kinds {
	if k == nil {
		return nil
	}
	d := &model.Kinds{Attr: k.Attr, View: k.View, Skip: k.Skip}
	for _, one := range k.List {
		d.List = append(d.List, model.KindDecl{Type: one.Type, Name: one.Name, Aliases: one.Aliases, Under: one.Under, Item: one.item})
	}
	return d
}
