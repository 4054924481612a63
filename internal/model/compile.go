package model

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/key"
)

// Compile checks a declaration for items of t and returns their table, or every
// fault, joined. set sets a slot of type t, an interface, to what implements it.
func Compile(d Decl, t reflect.Type, set func(slot, p reflect.Value)) (*Table, error) {
	if d.Kinds != nil {
		return d.compileKinds(t, set)
	}
	if t.Kind() != reflect.Struct {
		return nil, d.Make.Config(t.String(), "T", "want a struct type, not a pointer to one; of an interface, Kinds", nil)
	}
	p, err := fields.Of(t)
	if err != nil {
		return nil, d.Make.Config(t.String(), "T", "its fields or tags are not right", err)
	}
	return d.compile(p, nil, nil)
}

// tableForm is what names of tables are made of.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
var tableForm = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

// compile checks the declaration against the fields of a struct type, or of all
// types of an interface, which cases are the items of.
func (d Decl) compile(p *fields.Struct, k *Kind, cases []*Item) (*Table, error) {
	c := compiler{decl: d, Table: &Table{
		Name: d.Table, Model: p.Type.String(), Fields: p, Indexes: d.Indexes, Kind: k,
		Keys:    &Keys{Spec: d.Key, plan: p, Marked: len(d.Unique) > 0},
		Stamps:  &Stamps{Lock: d.Lock, newID: d.ID, ttl: d.TTL},
		Uniques: &Uniques{},
		loose:   d.Loose, refuses: d.RefuseForeign, make: d.Make,
	}}
	if d.Base == "" || !tableForm.MatchString(d.Table) {
		c.fault("Table", "want 3 to 255 letters, digits, '_', '-' or '.', namespace included", nil)
	}
	if err := d.Key.Hash.Inside(door.Key{}).Validate(d.Key.Range); err != nil {
		c.fault("Key", "the key is not right", err)
	} else {
		c.keys()
	}
	if err := index.Validate(d.Key, d.Indexes); err != nil {
		c.fault("Indexes", "an index is not right", err)
	} else {
		c.indexes()
	}
	for _, f := range d.Faults {
		c.fault(f.Field, f.Rule, nil)
	}
	c.Stamps.Created = c.time("Timestamps.Created", d.Created)
	c.Stamps.Updated = c.time("Timestamps.Updated", d.Updated)
	c.lock()
	c.stamps()
	c.discriminator()
	c.unique()
	hooks := life.NewHooks(p.Type, d.Validator, d.Callbacks, d.Make, c.fault)
	if err := errors.Join(c.errs...); err != nil {
		return nil, err
	}
	c.complete()
	c.Finds = hooks.On(life.AfterFind)
	if cases != nil {
		c.several(cases)
	} else {
		c.item = c.newItem(hooks)
		c.Codec = c.item.newCodec(d.Settings)
		c.sinks = newSinks(c.Codec)
	}
	return c.Table, nil
}

// complete sets what follows from keys that are right.
func (c *compiler) complete() {
	k := c.Keys
	first := expression.NameNoDotSplit(k.Names[0])
	k.Exists, k.Absent = first.AttributeExists(), first.AttributeNotExists()
	k.hash = newSide(c.Fields, "hash", k.Spec.Hash, maxHashBytes)
	k.sort = newSide(c.Fields, "sort", k.Spec.Range, maxSortBytes)
	for _, s := range []*side{&k.hash, &k.sort} {
		for _, a := range s.attrs {
			k.table = append(k.table, a.attr)
		}
	}
}

// several makes the table that of an interface, whose struct types have items.
func (c *compiler) several(cases []*Item) {
	c.items, c.types = cases, make(map[reflect.Type]*Item, len(cases))
	for _, own := range cases {
		c.types[reflect.PointerTo(own.Fields.Type)] = own
		c.Finds, c.Keys.Marked = c.Finds || own.Finds, c.Keys.Marked || own.Keys.Marked
		c.Tells = Distinct(append(c.Tells, own.Tells...))
	}
}

// newItem returns the item of a struct type.
func (c *compiler) newItem(hooks *life.Hooks) *Item {
	it := &Item{Table: c.Table, Hooks: hooks, embedded: embeddedPointers(c.Fields), room: new(room)}
	it.deep = nestsFreely(c.Fields.Type, map[reflect.Type]bool{})
	for _, p := range c.Keys.Composites {
		it.parts = append(it.parts, newPart(p, c.Fields, c.Keys.OfTable(p.Name())))
	}
	it.ids = newIDs(c.Keys, it.parts)
	for _, a := range c.Keys.table {
		if !a.IsComposite() && !c.Kind.Made(a.Name()) {
			it.plain = append(it.plain, newPlainKey(c.Fields.Field(a.Name()), a.limit))
		}
	}
	for _, name := range c.Keys.Sparse {
		it.plain = append(it.plain, newPlainKey(c.Fields.Field(name), 0))
	}
	return it
}

// newCodec returns the codec of a struct type, which sees what tells its items
// from others, and attributes besides.
func (it *Item) newCodec(s Settings, besides ...string) *codec.Codec {
	var watch []string
	for i := range it.parts {
		watch = append(watch, it.parts[i].Name())
	}
	watch = Distinct(slices.Concat(watch, it.Tells, besides))
	return codec.New(it.Fields, func(o *codec.Options) {
		o.Zone, o.PlainAlloc = s.Zone, s.PlainAlloc
		o.Watch, o.Check, o.Misfit = watch, it.check, it.misfit
		o.Exact = slices.Concat(it.Keys.Names, it.Keys.Sparse)
	})
}

// embeddedPointers returns where a struct embeds others by pointer, the outer
// ones first.
func embeddedPointers(p *fields.Struct) [][]int {
	var all [][]int
	for _, f := range p.Fields {
		for n := 1; n < len(f.Index); n++ {
			at := f.Index[:n]
			known := slices.ContainsFunc(all, func(o []int) bool { return slices.Equal(o, at) })
			if !known && p.Type.FieldByIndex(at).Type.Kind() == reflect.Pointer {
				all = append(all, at)
			}
		}
	}
	return all
}

// A compiler makes a Table and collects what is wrong with its declaration.
type compiler struct {
	*Table

	decl     Decl
	declared []key.Part // stored key attributes of the table and the indexes, each once
	errs     []error
}

func (c *compiler) fault(field, rule string, err error) {
	model := c.Model
	if c.decl.Base != "" {
		model += " in " + c.decl.Base
	}
	c.errs = append(c.errs, c.make.Config(model, field, rule, err))
}

func (c *compiler) keys() {
	k := c.Keys
	for _, p := range []key.Part{k.Spec.Hash, k.Spec.Range} {
		k.Attrs = append(k.Attrs, p.Attributes()...)
	}
	for _, a := range k.Attrs {
		k.Names = append(k.Names, a.Name())
		c.attribute("Key", a)
	}
}

func (c *compiler) indexes() {
	for _, idx := range c.Indexes {
		where := fmt.Sprintf("Indexes %q", idx.Name())
		own := idx.Key(c.Keys.Spec)
		if idx.IsLocal() {
			c.locals = append(c.locals, newLocal(idx, c.Keys.Spec))
		}
		for _, a := range own.Hash.Attributes() {
			c.indexKey(a, maxHashBytes)
		}
		for _, a := range own.Range.Attributes() {
			c.indexKey(a, maxSortBytes)
		}
		for _, a := range slices.Concat(own.Hash.Attributes(), own.Range.Attributes()) {
			if c.attribute(where, a); c.Keys.OfTable(a.Name()) {
				continue
			}
			if !a.IsComposite() && !c.Kind.Made(a.Name()) && !slices.Contains(c.Keys.Sparse, a.Name()) {
				c.Keys.Sparse = append(c.Keys.Sparse, a.Name())
			}
		}
		for _, name := range idx.Included() {
			if c.Kind == nil && !c.Known(name) {
				c.fault(where, "includes attribute "+name+", which the type does not have", nil)
			}
		}
	}
}

// indexKey adds a key attribute of an index: of several the strictest counts.
func (c *compiler) indexKey(a key.Part, limit int) {
	k := c.Keys
	if k.indexed == nil {
		k.indexed = map[string]attr{}
	}
	if known, ok := k.indexed[a.Name()]; ok {
		limit = min(limit, known.limit)
	}
	k.indexed[a.Name()] = attr{a, limit}
}

// attribute checks that a stored key attribute can be made from T's fields.
func (c *compiler) attribute(where string, a key.Part) {
	if i := slices.IndexFunc(c.declared, func(o key.Part) bool { return o.Name() == a.Name() }); i >= 0 {
		first := c.declared[i]
		if a.Type() != first.Type() || (a.IsComposite() || first.IsComposite()) && !reflect.DeepEqual(a, first) {
			c.fault(where, "attribute "+a.Name()+" is declared in two ways", nil)
		}
		return
	}
	if c.declared = append(c.declared, a); a.IsComposite() {
		c.Keys.Composites = append(c.Keys.Composites, a)
	}
	if strings.ContainsAny(a.Name(), "[]") {
		c.fault(where, "attribute "+a.Name()+" has a bracket in its name, which an expression takes for an index", nil)
	}
	for _, f := range a.Fields() {
		field := c.Fields.Field(f.Name())
		if field == nil {
			c.fault(where, c.Fields.Lacks(f.Name()), nil)
			continue
		}
		switch t, certain := codec.KeyType(field); {
		case certain && t == "":
			c.fault(where, "field "+field.Path+" is stored as what can be no key: that is a string, a number or a binary", nil)
		case certain && t != f.Type():
			c.fault(where, fmt.Sprintf("attribute %s is declared as %s, and field %s is stored as %s%s", f.Name(), f.Type(), field.Path, t, field.Advice(f.Type())), nil)
		case field.Tag.SDKTime:
			c.fault(where, "field "+field.Path+" is stored in the SDK's form of times, of which one instant has many, and so makes no key", nil)
		}
	}
}

func (c *compiler) time(where, name string) *fields.Field {
	if name == "" {
		return nil
	}
	f := c.Fields.Field(name)
	switch {
	case f == nil:
		c.fault(where, c.Fields.Lacks(name), nil)
	case f.Type != timeType:
		c.fault(where, "field "+f.Path+" is no time.Time", nil)
	}
	return f
}

func (c *compiler) lock() {
	if c.decl.Lock == nil {
		return
	}
	name := c.decl.Lock.Attribute()
	f := c.Fields.Field(name)
	switch {
	case f == nil:
		c.fault("Lock", c.Fields.Lacks(name), nil)
	case !f.Type.ConvertibleTo(int64Type) || f.Type.Kind() < reflect.Int || f.Type.Kind() > reflect.Uint64:
		c.fault("Lock", "field "+f.Path+" is no integer", nil)
	}
	c.Stamps.Version = f
}

// discriminator checks what tells the kinds of items apart.
func (c *compiler) discriminator() {
	if c.Kind == nil || c.Kind.Attr == "" {
		return
	}
	if c.Tells = []string{c.Kind.Attr}; slices.ContainsFunc(c.Keys.Composites, func(p key.Part) bool { return p.Name() == c.Kind.Attr }) {
		c.fault("Kinds", "attribute "+c.Kind.Attr+" is a composite key, and so no discriminator", nil)
	}
}

// stamps checks what is filled in on writes.
func (c *compiler) stamps() {
	s := c.Stamps
	if c.decl.ID != nil {
		parts := c.Keys.Spec.Hash.Fields()
		if len(parts) == 1 {
			s.ID = c.Fields.Field(parts[0].Name())
		}
		if s.ID == nil || s.ID.Type.Kind() != reflect.String {
			c.fault("ID", "the hash key must be a string, or a composite with one string part", nil)
		}
	}
	if name := s.ttl.Attr; name != "" {
		s.Ends = c.Fields.Field(name)
		switch t, _ := codec.KeyType(cmp.Or(s.Ends, &fields.Field{Type: int64Type})); {
		case s.Ends == nil:
			c.fault("TTL", c.Fields.Lacks(name), nil)
		case t != types.ScalarAttributeTypeN || s.Ends.Type != timeType && !s.Ends.Type.ConvertibleTo(int64Type):
			c.fault("TTL", "field "+s.Ends.Path+" is stored as no number of seconds", nil)
		case s.ttl.Hide && (c.Keys.OfTable(name) || slices.Contains(c.Keys.Sparse, name)):
			c.fault("TTL", "attribute "+name+" is a key, by which a query can't filter: expired items can't be hidden", nil)
		}
	}
	for i, d := range c.decl.Defaults {
		where := fmt.Sprintf("Defaults[%d]", i)
		d.Field = c.Fields.Field(d.Attr)
		switch {
		case d.Err != nil:
			c.fault(where, "the attribute is not right", d.Err)
		case d.Type != c.Fields.Type || d.Field == nil:
			c.fault(where, "no attribute of the item itself", nil)
		case d.Value != d.Field.Type:
			c.fault(where, "want a value of the type of field "+d.Field.Path+": name it by cond.Field", nil)
		}
		s.Defaults = append(s.Defaults, d)
	}
}
