package model

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/door"
)

// unique compiles the constraints.
func (c *compiler) unique() {
	if len(c.decl.Unique) == 0 {
		return
	}
	if len(c.Keys.Attrs) == 0 {
		return // the key's own faults are told
	}
	if hash := c.Keys.Attrs[0]; hash.Type() != types.ScalarAttributeTypeS {
		c.fault("Unique", "the hash key "+hash.Name()+" must be a string or a composite, to hold markers", nil)
	}
	literals := c.literals()
	if len(literals) > 0 && strings.HasPrefix(literals[0], markerPrefix) {
		c.fault("Unique", "a key that begins with "+markerPrefix+" is reserved for markers", nil)
	}
	for i, decl := range c.decl.Unique {
		where := fmt.Sprintf("Unique[%d]", i)
		for _, err := range decl.Errs {
			c.fault(where, "an attribute is not right", err)
		}
		switch {
		case !concerns(decl.Type, c.Fields.Type) && !c.decl.Kinds.inherits(c.Fields.Type, decl.Type):
			c.fault(where, "want a constraint on attributes of this model", nil)
			continue
		case len(decl.Attrs) == 0 && len(decl.Errs) == 0:
			c.fault(where, "want an attribute or more", nil)
		}
		if len(decl.Attrs) == 0 {
			continue
		}
		name := decl.Name
		if name == "" {
			name = strings.Join(slices.Concat(literals, decl.Attrs), "+")
		}
		if len(name) > maxHashBytes/4 {
			c.fault(where, fmt.Sprintf("a name has at most %d bytes", maxHashBytes/4), nil)
		}
		if slices.ContainsFunc(c.Uniques.List, func(o Unique) bool { return o.Name == name }) {
			c.fault(where, "two constraints have the name "+name, nil)
		}
		for _, attr := range decl.Attrs {
			c.uniqueField(where, attr)
		}
		c.Uniques.List = append(c.Uniques.List, newUnique(c.Model, name, decl.Attrs))
	}
}

// literals returns the literals of the table's key.
func (c *compiler) literals() []string {
	var all []string
	for _, a := range c.Keys.Attrs {
		for _, p := range a.Inside(door.Key{}).Parts() {
			if p.Inside(door.Key{}).IsLiteral() {
				all = append(all, p.Inside(door.Key{}).Text())
			}
		}
	}
	return all
}

// concerns reports whether a constraint on attributes of one type is on those
// of another: the same, or an interface and a type of its items.
func concerns(of, t reflect.Type) bool {
	implements := func(a, b reflect.Type) bool {
		return b.Kind() == reflect.Interface && reflect.PointerTo(a).Implements(b)
	}
	return of == t || of != nil && (implements(of, t) || implements(t, of))
}

// uniqueField checks one attribute of a constraint.
func (c *compiler) uniqueField(where, name string) {
	f := c.Fields.Field(name)
	if f == nil {
		c.fault(where, c.Fields.Lacks(name), nil)
		return
	}
	if t, certain := codec.KeyType(f); certain && t == "" {
		c.fault(where, "field "+f.Path+" is stored as no string, number or binary", nil)
	}
	if f.Tag.SDKTime {
		c.fault(where, "field "+f.Path+" is stored in the SDK's form of times, of which one instant has many", nil)
	}
	if v, u := c.Stamps.Version, c.Stamps.Updated; v != nil && name == v.Name || u != nil && name == u.Name {
		c.fault(where, "field "+f.Path+" changes by itself", nil)
	}
	if !c.Uniques.On(name) {
		c.Uniques.Fields = append(c.Uniques.Fields, f)
	}
}
