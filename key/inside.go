package key

import (
	"slices"

	"github.com/dynarepo/dynarepo/internal/door"
)

// An inside is a part as the packages of this module see it: with what planning
// and encoding need and a declaration does not. It has no exported name, so that
// the methods of Part are those that a user has a use for.
type inside struct{ Part }

// Inside is for the packages of this module: it returns p with the methods that
// plan with it and encode it.
//
//nolint:revive // nobody outside of this module is to name what it returns
func (p Part) Inside(door.Key) inside { return inside{p} }

// IsMulti tells whether p is made by [Multi].
func (p inside) IsMulti() bool { return p.kind == multiKind }

// IsInt tells whether p is made by [Int].
func (p inside) IsInt() bool { return p.kind == intKind }

// IsSortable tells whether p is an Int that is [Part.Sortable].
func (p inside) IsSortable() bool { return p.kind == intKind && p.sortable }

// Delim returns the delimiter of a composite.
func (p inside) Delim() string { return p.delim }

// Text returns the text of a Literal; "" for any other part.
func (p inside) Text() string {
	if p.kind != literalKind {
		return ""
	}
	return p.name
}

// IsLiteral tells whether p is made by [Literal].
func (p inside) IsLiteral() bool { return p.kind == literalKind }

// Parts returns a copy of the parts of a Composite, literals included, or of
// the members of a Multi; nil for any other part.
func (p inside) Parts() []Part { return slices.Clone(p.parts) }
