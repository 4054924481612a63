package repo

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/wire"
	"github.com/dynarepo/dynarepo/key"
)

// Limits of a table. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
var tableForm = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

// compile checks the spec against the plan and returns every fault, joined.
func (spec Spec) compile(db *DB, p *fields.Struct, k *kind) (*schema, error) {
	spec.Indexes, spec.Loose = slices.Clone(spec.Indexes), slices.Clone(spec.Loose)
	spec.Defaults, spec.Callbacks = slices.Clone(spec.Defaults), slices.Clone(spec.Callbacks)
	spec.Unique = slices.Clone(spec.Unique)
	s := &schema{spec: spec, declared: spec, model: p.Type.String(), table: db.TableName(spec.Table), plan: p, kind: k, marked: len(spec.Unique) > 0}
	c := compiler{schema: s}
	if spec.Table == "" || !tableForm.MatchString(s.table) {
		c.fault("Table", "want 3 to 255 letters, digits, '_', '-' or '.', namespace included", nil)
	}
	if err := spec.Key.Validate(); err != nil {
		c.fault("Key", "the key is not right", err)
	} else {
		c.keys()
	}
	if err := index.Validate(spec.Key, spec.Indexes); err != nil {
		c.fault("Indexes", "an index is not right", err)
	} else {
		c.indexes()
	}
	if spec.Throughput.Read < 0 || spec.Throughput.Write < 0 {
		c.fault("Throughput", "can't be negative", nil)
	}
	s.created = c.time("Timestamps.Created", spec.Timestamps.Created)
	s.updated = c.time("Timestamps.Updated", spec.Timestamps.Updated)
	c.lock()
	c.stamps()
	c.discriminator()
	c.unique()
	s.hooks.compile(p.Type, &spec, c.fault)
	if err := errors.Join(c.errs...); err != nil {
		return nil, err
	}
	first := expression.NameNoDotSplit(s.keyAttrs[0].Name())
	s.exists, s.absent = first.AttributeExists(), first.AttributeNotExists()
	s.hash = s.keySide("hash", spec.Key.Hash, maxHashBytes)
	s.sort = s.keySide("sort", spec.Key.Range, maxSortBytes)
	s.finds = len(s.hooks.calls[AfterFind]) > 0
	for _, p := range s.composites {
		s.joins = append(s.joins, newJoined(p, s.plan))
	}
	s.ids = s.idAttrs()
	for i, a := range s.keyAttrs {
		limit := maxSortBytes
		if i == 0 {
			limit = maxHashBytes
		}
		if !a.IsComposite() && !s.made(a.Name()) {
			s.plain = append(s.plain, newPlainKey(s.plan.Field(a.Name()), limit))
		}
	}
	for _, name := range s.sparse {
		s.plain = append(s.plain, newPlainKey(s.plan.Field(name), 0))
	}
	if p.Type.Kind() == reflect.Struct {
		s.embedded, s.codec = embeddedPointers(p), s.newCodec(db)
		s.deep = nestsFreely(p.Type, map[reflect.Type]bool{})
	}
	s.sinks.New = func() any { return wire.NewSink(s.codec) }
	return s, nil
}

// newCodec returns the codec of a struct type, which sees what tells its items
// from others, and attributes besides.
func (s *schema) newCodec(db *DB, besides ...string) *codec.Codec {
	var watch []string
	for _, p := range s.composites {
		watch = append(watch, p.Name())
	}
	watch = distinct(slices.Concat(watch, s.tells, besides))
	return codec.New(s.plan, func(o *codec.Options) {
		o.Zone, o.PlainAlloc = db.cfg.Zone, db.cfg.PlainAlloc
		o.Watch, o.Check = watch, s.check
	})
}

type compiler struct {
	*schema
	declared []key.Part // stored key attributes of the table and the indexes, each once
	errs     []error
}

func (c *compiler) fault(field, rule string, err error) {
	model := c.model
	if c.spec.Table != "" {
		model += " in " + c.spec.Table
	}
	c.errs = append(c.errs, &ConfigError{Model: model, Field: field, Rule: rule, Err: err})
}

func (c *compiler) keys() {
	for _, p := range []key.Part{c.spec.Key.Hash, c.spec.Key.Range} {
		c.keyAttrs = append(c.keyAttrs, p.Attributes()...)
	}
	for _, a := range c.keyAttrs {
		c.keyNames = append(c.keyNames, a.Name())
		c.attribute("Key", a)
	}
}

func (c *compiler) indexes() {
	for _, idx := range c.spec.Indexes {
		where := fmt.Sprintf("Indexes %q", idx.Name())
		k := idx.Key(c.spec.Key)
		for _, a := range k.Hash.Attributes() {
			c.indexKey(a, maxHashBytes)
		}
		for _, a := range k.Range.Attributes() {
			c.indexKey(a, maxSortBytes)
		}
		for _, a := range slices.Concat(k.Hash.Attributes(), k.Range.Attributes()) {
			if c.attribute(where, a); c.isTableKey(a.Name()) {
				continue
			}
			if !a.IsComposite() && !c.made(a.Name()) && !slices.Contains(c.sparse, a.Name()) {
				c.sparse = append(c.sparse, a.Name())
			}
		}
		for _, name := range idx.Included() {
			if c.kind == nil && !c.known(name) {
				c.fault(where, "includes attribute "+name+", which the type does not have", nil)
			}
		}
	}
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
		c.composites = append(c.composites, a)
	}
	if strings.ContainsAny(a.Name(), "[]") {
		c.fault(where, "attribute "+a.Name()+" has a bracket in its name, which an expression takes for an index", nil)
	}
	for _, f := range a.Fields() {
		field := c.plan.Field(f.Name())
		if field == nil {
			c.fault(where, "attribute "+f.Name()+" has no field in the type", nil)
			continue
		}
		switch t, certain := codec.KeyType(field); {
		case certain && t == "":
			c.fault(where, "field "+field.Path+" is stored as what DynamoDB can't index", nil)
		case certain && t != f.Type():
			c.fault(where, fmt.Sprintf("attribute %s is declared as %s, and field %s is stored as %s", f.Name(), f.Type(), field.Path, t), nil)
		}
	}
}

var timeType = reflect.TypeFor[time.Time]()

func (c *compiler) time(where, name string) *fields.Field {
	if name == "" {
		return nil
	}
	f := c.plan.Field(name)
	switch {
	case f == nil:
		c.fault(where, "attribute "+name+" has no field in the type", nil)
	case f.Type != timeType:
		c.fault(where, "field "+f.Path+" is no time.Time", nil)
	}
	return f
}

func (c *compiler) lock() {
	if c.spec.Lock == nil {
		return
	}
	name := c.spec.Lock.Attribute()
	c.version = c.plan.Field(name)
	switch {
	case c.version == nil:
		c.fault("Lock", "attribute "+name+" has no field in the type", nil)
	case !c.version.Type.ConvertibleTo(reflect.TypeFor[int64]()) || c.version.Type.Kind() < reflect.Int || c.version.Type.Kind() > reflect.Uint64:
		c.fault("Lock", "field "+c.version.Path+" is no integer", nil)
	}
}

// discriminator checks what tells the kinds of items apart.
func (c *compiler) discriminator() {
	if c.kind == nil || c.kind.attr == "" {
		return
	}
	if c.tells = []string{c.kind.attr}; slices.ContainsFunc(c.composites, func(p key.Part) bool { return p.Name() == c.kind.attr }) {
		c.fault("Kinds", "attribute "+c.kind.attr+" is a composite key, and so no discriminator", nil)
	}
}

// stamps checks what is filled in on writes.
func (c *compiler) stamps() {
	if c.spec.ID != nil {
		fields := c.spec.Key.Hash.Fields()
		if len(fields) == 1 {
			c.id = c.plan.Field(fields[0].Name())
		}
		if c.id == nil || c.id.Type.Kind() != reflect.String {
			c.fault("ID", "the hash key must be a string, or a composite with one string part", nil)
		}
	}
	if name := c.spec.TTL.Attr; name != "" {
		c.ends = c.plan.Field(name)
		switch t, _ := codec.KeyType(cmp.Or(c.ends, &fields.Field{Type: int64Type})); {
		case c.ends == nil:
			c.fault("TTL", "attribute "+name+" has no field in the type", nil)
		case t != types.ScalarAttributeTypeN || c.ends.Type != timeType && !c.ends.Type.ConvertibleTo(int64Type):
			c.fault("TTL", "field "+c.ends.Path+" is stored as no number of seconds", nil)
		case c.spec.TTL.Hide && (c.isTableKey(name) || slices.Contains(c.sparse, name)):
			c.fault("TTL", "attribute "+name+" is a key, by which a query can't filter: expired items can't be hidden", nil)
		}
	}
	for i, d := range c.spec.Defaults {
		where := fmt.Sprintf("Defaults[%d]", i)
		f := c.plan.Field(d.attr)
		switch {
		case d.err != nil:
			c.fault(where, "the attribute is not right", d.err)
		case d.typ != c.plan.Type || f == nil:
			c.fault(where, "no attribute of the item itself", nil)
		}
		c.defaulted = append(c.defaulted, f)
	}
}
