package repo

import (
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// schema is a compiled Spec: what every operation knows of its model, apart
// from T. It is immutable.
type schema struct {
	spec       Spec
	declared   Spec   // spec with what is for other kinds in the table
	model      string // Go type, for messages
	table      string // with its namespace
	plan       *fields.Struct
	keyAttrs   []key.Part                  // stored key attributes of the table: hash, then sort
	keyNames   []string                    // their names
	hash, sort keySide                     // of the table
	exists     expression.ConditionBuilder // there is an item with the key
	absent     expression.ConditionBuilder // there is none
	composites []key.Part                  // of the table and the indexes, each once
	joins      []joined                    // the same, with their fields
	ids        []idAttr                    // nil where the id of an item takes encoding
	room       atomic.Int64                // bytes of the last item's JSON
	sinks      sync.Pool                   // of *wire.Sink, for single items
	plain      []plainKey                  // key attributes that are no composites
	codec      *codec.Codec
	sparse     []string // plain key attributes of indexes that are no table keys
	version    *fields.Field
	created    *fields.Field
	updated    *fields.Field
	id         *fields.Field
	ends       *fields.Field // TTL
	defaulted  []*fields.Field
	indexKeys  map[string]indexKey // by the attribute
	deep       bool                // items may nest without bounds
	embedded   [][]int             // structs embedded by pointer
	hooks      hooks
	finds      bool     // something runs on items that were read
	kind       *kind    // nil if nothing but the keys tells items apart
	tells      []string // the discriminators

	// Of a T that is an interface: the schemas of the struct types.
	order []*schema
	cases map[reflect.Type]*schema // by the pointer to the type; nil for a struct type

	uniques      []unique
	uniqueFields []*fields.Field // that they are on, each once
	marked       bool            // markers are in the table, of this model or of others that are declared beside it
}

// known reports whether the model has an attribute of that name.
func (s *schema) known(name string) bool {
	return s.plan.Field(name) != nil || slices.Contains(s.spec.Loose, name) ||
		slices.ContainsFunc(s.composites, func(p key.Part) bool { return p.Name() == name }) ||
		slices.ContainsFunc(s.keyAttrs, func(p key.Part) bool { return p.Name() == name })
}

// index returns the declared index of that name, or nil.
func (s *schema) index(name string) *index.Spec {
	if i := slices.IndexFunc(s.spec.Indexes, func(x index.Spec) bool { return x.Name() == name }); i >= 0 {
		return &s.spec.Indexes[i]
	}
	return nil
}
