package repo

import (
	"slices"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/key"
)

// A Spec declares a model: the table it is in, its keys and indexes, and what
// is kept up on writes. The zero value of each field is its default.
type Spec struct {
	// Table is the base name of the table, without the namespace. Required.
	Table string
	// Key are the hash key and, if there is one, the sort key. Required.
	Key key.Spec
	// Indexes are the secondary indexes. Defaults to none.
	Indexes []index.Spec
	// Kinds are the types of the items where there are several. Defaults to T
	// alone.
	Kinds Kinds
	// Lock guards writes of loaded items, as lock.Version does. Defaults to
	// none: Save then overwrites.
	Lock WritePolicy
	// Unique are fields whose values no two items share (rule F8). Defaults to
	// none.
	Unique []Unique
	// Timestamps are kept up on writes. Defaults to none.
	Timestamps Timestamps
	// ID makes the hash key of an item that is written with an empty one, such as
	// [UUIDv7], or uuid.NewString of google/uuid. The hash key is then a string, or
	// a composite with one string part (rule F2). Defaults to none.
	ID func() string
	// Defaults fill zero fields on create. Defaults to none.
	Defaults []Default
	// TTL is when items end. Defaults to never.
	TTL TTL
	// Validator checks items before they are written, beside the method
	// Validate(context.Context) error of *T, if it has one. Defaults to none.
	Validator Validator
	// Callbacks run at events, after the methods of *T; see Event. Defaults to
	// none.
	Callbacks []Callback
	// Loose are attributes that conditions may name though the type has no
	// field for them. Defaults to none.
	Loose []string
	// RefuseForeign makes a query fail with ErrForeign on an item whose literal
	// key parts differ from the declared ones. Defaults to leaving it out.
	RefuseForeign bool
	// OnDemand bills the table a request; Throughput is not used then. Defaults
	// to Config.OnDemand where Throughput is zero, and else to false.
	OnDemand bool
	// Throughput is the provisioned capacity with which the table is created.
	// Defaults to Config.Throughput.
	Throughput index.Throughput
}

// Timestamps names the attributes of type time.Time that creation and every
// write set (rule F2). "" keeps none.
type Timestamps struct {
	Created string // set on create, unless the caller has set it
	Updated string // set on create and on each write
}

// declared returns the declaration as it is compiled, for the table of a
// database.
func (s *Spec) declared(db *DB) model.Decl {
	d := model.Decl{
		Base: s.Table, Table: db.TableName(s.Table), Key: s.Key, Indexes: slices.Clone(s.Indexes), Kinds: declaredKinds(s.Kinds),
		Created: s.Timestamps.Created, Updated: s.Timestamps.Updated, ID: s.ID, TTL: model.TTL(s.TTL),
		Validator: s.Validator, Loose: slices.Clone(s.Loose), RefuseForeign: s.RefuseForeign,
		Settings: model.Settings{Zone: db.cfg.Zone, PlainAlloc: db.cfg.PlainAlloc, Make: &makers},
	}
	if s.Lock != nil {
		d.Lock = s.Lock
	}
	if s.Throughput.Read < 0 || s.Throughput.Write < 0 {
		d.Faults = append(d.Faults, model.Fault{Field: "Throughput", Rule: "can't be negative"})
	}
	for _, one := range s.Defaults {
		d.Defaults = append(d.Defaults, model.Default{Type: one.typ, Value: one.value, Attr: one.attr, Err: one.err, Make: one.made})
	}
	for _, c := range s.Callbacks {
		d.Callbacks = append(d.Callbacks, life.Callback{Event: life.Event(c.event), Type: c.typ, Call: c.call})
	}
	for _, u := range s.Unique {
		d.Unique = append(d.Unique, model.UniqueDecl{Type: u.typ, Name: u.name, Attrs: u.attrs, Errs: u.errs})
	}
	return d
}

// clone returns a copy that shares no slice with s.
func (s Spec) clone() Spec {
	s.Indexes, s.Loose = slices.Clone(s.Indexes), slices.Clone(s.Loose)
	s.Defaults, s.Callbacks, s.Unique = slices.Clone(s.Defaults), slices.Clone(s.Callbacks), slices.Clone(s.Unique)
	return s
}
