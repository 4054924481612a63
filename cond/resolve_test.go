package cond_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
)

type resolved interface {
	Err() error
	Path() string
}

func TestField(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		attr resolved
		path string
	}{
		"a field":                             {cond.Field(func(p *person) *string { return &p.Name }), "name"},
		"a field without a tag":               {cond.Field(func(p *person) *string { return &p.Plain }), "Plain"},
		"a struct, first of all":              {cond.Field(func(p *person) *address { return &p.Home }), "home"},
		"the first field of the first":        {cond.Field(func(p *person) *string { return &p.Home.Street }), "home.street"},
		"nested":                              {cond.Field(func(p *person) *int { return &p.Home.Zip }), "home.zip"},
		"nested, by pointer":                  {cond.Field(func(p *person) *string { return &p.Work.Street }), "work.street"},
		"nested twice, by pointers":           {cond.Field(func(p *person) *float64 { return &p.Work.Geo.Lon }), "work.geo.Lon"},
		"embedded":                            {cond.Field(func(p *person) *string { return &p.ID }), "id"},
		"embedded, another":                   {cond.Field(func(p *person) *time.Time { return &p.Created }), "created"},
		"embedded by pointer":                 {cond.Field(func(p *person) *string { return &p.By }), "by"},
		"a time is one field":                 {cond.Field(func(p *person) *time.Time { return &p.Seen }), "seen"},
		"a pointer":                           {cond.Field(func(p *person) **string { return &p.Nick }), "nick"},
		"what a pointer points to":            {cond.Field(func(p *person) *string { return p.Nick }), "nick"},
		"the struct that a pointer points to": {cond.Field(func(p *person) *address { return p.Work }), "work"},
		"the time that a pointer points to":   {cond.Field(func(p *person) *time.Time { return p.Left }), "left"},
		"a set":                               {cond.Field(func(p *person) *[]string { return &p.Tags }), "tags"},
		"a map":                               {cond.Field(func(p *person) *map[string]int { return &p.Extra }), "extra"},
		"an array, not its first element":     {cond.Field(func(p *person) *[2]int { return &p.Grid }), "grid"},
		"an interface":                        {cond.Field(func(p *person) *any { return &p.Any }), "any"},
		"a type with a marshaler":             {cond.Field(func(p *person) *color { return &p.Color }), "color"},
		"a type within itself":                {cond.Field(func(p *person) **node { return &p.Tree.Next }), "tree.next"},
		"a field of a type within itself":     {cond.Field(func(p *person) *string { return &p.Tree.Name }), "tree.name"},
		"a name with a dot":                   {cond.Field(func(p *person) *string { return &p.Dotted }), "a.b"},
		"a name with more":                    {cond.Field(func(p *person) *string { return &p.Odd }), "_x: y"},
		"a root that holds itself":            {cond.Field(func(n *node) *string { return &n.Name }), "name"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, tt.attr.Err())
			assert.Equal(t, tt.path, tt.attr.Path())
		})
	}
}

func TestFieldErrors(t *testing.T) {
	t.Parallel()
	var outside string
	const (
		none   = "cond: cond_test.person: the selector returns no attribute's field"
		panics = "cond: cond_test.person: the selector panics; an element of a list or map, and what lies in a type within itself, goes by cond.Name"
	)
	type chans struct{ C chan int }
	tests := map[string]struct {
		attr resolved
		text string
	}{
		"an ignored field":               {cond.Field(func(p *person) *string { return &p.Ignored }), none},
		"a field that is not exported":   {cond.Field(func(p *person) *string { return &p.hidden }), none},
		"an embedded struct as a whole":  {cond.Field(func(p *person) *Base { return &p.Base }), none},
		"the item":                       {cond.Field(func(p *person) *person { return p }), none},
		"what is no field":               {cond.Field(func(*person) *string { return &outside }), none},
		"in a type with a marshaler":     {cond.Field(func(p *person) *int { return &p.Price.Cents }), none},
		"an element of an array":         {cond.Field(func(p *person) *int { return &p.Grid[0] }), none},
		"an element of a list":           {cond.Field(func(p *person) *string { return &p.Notes[0] }), panics},
		"in a type within itself, twice": {cond.Field(func(p *person) *string { return &p.Tree.Next.Name }), panics},
		"a selector that panics":         {cond.Field(func(*person) *string { panic("told to") }), panics},
		"a selector that is nil":         {cond.Field[person, string](nil), panics},
		"nil":                            {cond.Field(func(*person) *string { return nil }), "cond: cond_test.person: the selector returns nil"},
		"a type within itself, twice":    {cond.Field(func(p *person) *node { return p.Tree.Next }), "cond: cond_test.person: the selector returns nil"},
		"a field without a size":         {cond.Field(func(p *person) *empty { return &p.None }), "cond: cond_test.person: a selector can't tell fields without a size apart; use cond.Name"},
		"a name with brackets":           {cond.Field(func(p *person) *string { return &p.Listy }), "cond: cond_test.person: a name with brackets can't be in an expression"},
		"no struct":                      {cond.Field(func(s *string) *string { return s }), "cond: string: a selector needs a struct type that can be stored: string: want a struct"},
		"a struct that can't be stored": {
			cond.Field(func(c *chans) *chan int { return &c.C }),
			`cond: cond_test.chans: a selector needs a struct type that can be stored: cond_test.chans: field C: a chan can't be stored; tag the field "-"`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, tt.attr.Err(), tt.text)
			require.ErrorIs(t, tt.attr.Err(), cond.ErrAttr)
			assert.Empty(t, tt.attr.Path())
		})
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	name := func(s string) expr.Step { return expr.Step{Name: s} }
	at := func(i int) expr.Step { return expr.Step{Index: i} }
	tests := map[string]struct {
		path expr.Path
		text string // if it is not what was given
	}{
		"name":             {expr.Path{name("name")}, ""},
		"unknown":          {expr.Path{name("unknown")}, ""},
		"home.street":      {expr.Path{name("home"), name("street")}, ""},
		"lines[0].sku":     {expr.Path{name("lines"), at(0), name("sku")}, ""},
		"lines[12]":        {expr.Path{name("lines"), at(12)}, ""},
		"m[0][1].x[2]":     {expr.Path{name("m"), at(0), at(1), name("x"), at(2)}, ""},
		"extra.some":       {expr.Path{name("extra"), name("some")}, ""},
		"lines[01]":        {expr.Path{name("lines"), at(1)}, "lines[1]"},
		"a.b":              {expr.Path{name("a.b")}, ""},
		"a.b.c":            {expr.Path{name("a"), name("b"), name("c")}, ""},
		"a.c":              {expr.Path{name("a"), name("c")}, ""},
		"_x: y":            {expr.Path{name("_x: y")}, ""},
		"with space":       {expr.Path{name("with space")}, ""},
		"größe.日本":         {expr.Path{name("größe"), name("日本")}, ""},
		"x[2147483647]":    {expr.Path{name("x"), at(2147483647)}, ""},
		"$n.$v:0":          {expr.Path{name("$n"), name("$v:0")}, ""},
		"tree.next.next.x": {expr.Path{name("tree"), name("next"), name("next"), name("x")}, ""},
	}
	for given, tt := range tests {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			a := cond.Name[person](given)
			require.NoError(t, a.Err())
			assert.Equal(t, tt.path, a.At(door.Key{}))
			if tt.text == "" {
				tt.text = given
			}
			assert.Equal(t, tt.text, a.Path())
			assert.Equal(t, tt.path[0].Name, a.At(door.Key{}).Attribute())
		})
	}
	assert.Empty(t, expr.Path{}.Attribute())
}

func TestNameErrors(t *testing.T) {
	t.Parallel()
	const (
		noName = "an empty name in the path"
		index  = "a list index is [n]"
		ends   = "a list index ends a name"
		names  = "a name with brackets can't be in an expression"
	)
	for given, rule := range map[string]string{
		"":              noName,
		".":             noName,
		".name":         noName,
		"name.":         noName,
		"home..street":  noName,
		"[0]":           noName,
		"home.[0]":      noName,
		"lines[":        index,
		"lines[]":       index,
		"lines[x]":      index,
		"lines[-1]":     index,
		"lines[+1]":     index,
		"lines[ 1]":     index,
		"lines[1":       index,
		"lines[1.sku":   index,
		"x[2147483648]": index,
		"lines[0]x":     ends,
		"lines[0]]":     ends,
		"lines[0]x[1]":  ends,
		"lines]":        names,
		"a]b[0]":        names,
		"z[0]":          names, // the name of a field
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			a := cond.Name[person](given)
			var err *cond.AttrError
			require.ErrorAs(t, a.Err(), &err)
			require.ErrorIs(t, err, cond.ErrAttr)
			assert.Equal(t, cond.AttrError{Type: reflect.TypeFor[person](), Attr: given, Rule: rule}, *err)
			assert.Empty(t, a.Path())
		})
	}
}

// An attribute that does not resolve carries its error into all that is made
// of it.
func TestUnresolvedAttributes(t *testing.T) {
	t.Parallel()
	a := cond.Field(func(p *person) *[]string { return nil })
	n := cond.Name[person]("x..y")
	conds := map[string]cond.Cond[person]{
		"eq": a.Eq(nil), "ne": a.Ne(nil), "lt": n.Lt(1), "lte": n.Lte(1), "gt": n.Gt(1), "gte": n.Gte(1), "between": n.Between(2, 1),
		"in": a.In(nil), "in of nothing": a.In(), "begins": a.BeginsWith("x"), "contains": a.Contains(1), "not contains": a.NotContains(1),
		"exists": a.Exists(), "not exists": a.NotExists(), "null": a.Null(), "not null": a.NotNull(), "type": a.Type("S"),
		"size": a.Size().Eq(1), "size between": a.Size().Between(1, 2),
		"and": cond.And(a.Exists()), "or": cond.Or(n.Exists(), n.Eq(2)), "not": cond.Not(a.Exists()),
	}
	for name, c := range conds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.ErrorIs(t, c.Err(), cond.ErrAttr)
		})
	}
	changes := map[string]cond.Change[person]{
		"set": a.Set(nil), "set if missing": a.SetIfMissing(nil), "add": a.Add(nil), "remove": a.Remove(),
		"append": a.Append(nil), "prepend": n.Prepend(1), "delete": a.DeleteFromSet(nil),
	}
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, c.Err(), cond.ErrAttr)
			_, err := expr.Compile([]*expr.Edit{c.Edit()})
			assert.ErrorIs(t, err, cond.ErrAttr)
		})
	}
	// The error is told once, however often the attribute is used.
	assert.Equal(t, a.Err(), a.In().Err())
	_, err := expr.Compile([]*expr.Edit{a.Remove().Edit(), n.Remove().Edit()})
	assert.NotErrorIs(t, err, cond.ErrOverlap)
}
