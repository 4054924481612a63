package model

import (
	"reflect"
	"time"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/key"
)

// A Decl declares a model: what package repo's Spec says, as far as it is about
// items.
type Decl struct {
	Base          string // name of the table, without its namespace, for messages
	Table         string // with it
	Key           key.Spec
	Indexes       []index.Spec
	Kinds         *Kinds
	Lock          Lock
	Unique        []UniqueDecl
	Created       string
	Updated       string
	ID            func() string
	Defaults      []Default
	TTL           TTL
	Validator     life.Validator
	Callbacks     []life.Callback
	Loose         []string
	RefuseForeign bool
	Faults        []Fault // found in what is not about items

	Settings
}

// A Fault is a field of a declaration that breaks a rule.
type Fault struct{ Field, Rule string }

// Settings are how items are read and written, whatever they are.
type Settings struct {
	Zone       *time.Location // of times that are loaded
	PlainAlloc bool           // every string has memory of its own
	Make       *fault.Makers
}

// A UniqueDecl declares a constraint.
type UniqueDecl struct {
	Type  reflect.Type // of the items
	Name  string       // "" for the default
	Attrs []string
	Errs  []error // of the attributes
}
