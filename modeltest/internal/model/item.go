// Package model is what a table of items is meant to be, as maps of Go values:
// it knows nothing of DynamoDB, of requests, or of how anything is stored.
package model

import (
	"maps"
	"reflect"
	"slices"
)

// An Item is what is stored under an ID. A field that a kind does not have is
// zero.
type Item struct {
	ID   string
	Kind string // "" where there is but one

	N     int64
	Note  string
	Email string // unique
	Room  string // unique together with Seat
	Seat  int64
	Only  string // of one kind alone, and unique there
	Tags  []string
	List  []string

	Version int64
	End     int64 // Unix seconds; 0 for never
	Created int64 // Unix nanoseconds, as are those below
	Updated int64
	Seen    int64

	Lacks Fields // what was never written, which is read as zero
}

// Fields are fields of an item that make a difference by being there.
type Fields uint8

// The fields that an item may lack.
const (
	LacksN Fields = 1 << iota
	LacksNote
	LacksSeat
)

// Clone returns an item that shares nothing with it.
func (it Item) Clone() Item {
	it.Tags, it.List = slices.Clone(it.Tags), slices.Clone(it.List)
	return it
}

// Read returns the item as it is read: what it lacks is zero, sets have no order.
func (it Item) Read() Item {
	it = it.Clone()
	it.Lacks = 0
	slices.Sort(it.Tags)
	if len(it.Tags) == 0 {
		it.Tags = nil
	}
	if len(it.List) == 0 {
		it.List = nil
	}
	return it
}

// Equal reports whether two items are read as the same.
func (it Item) Equal(o Item) bool { return reflect.DeepEqual(it.Read(), o.Read()) }

// A State is what is stored at a moment.
type State struct {
	Items map[string]Item
	// Taken are the unique values that are taken, and by whom. A value stays taken
	// where its item goes in a way that nobody is told of.
	Taken map[string]string
}

// Clone returns a state that shares nothing with it.
func (s State) Clone() State {
	c := State{Items: make(map[string]Item, len(s.Items)), Taken: maps.Clone(s.Taken)}
	for id, it := range s.Items {
		c.Items[id] = it.Clone()
	}
	return c
}

// Equal reports whether two states hold the same.
func (s State) Equal(o State) bool {
	return maps.EqualFunc(s.Items, o.Items, Item.Equal) && maps.Equal(s.Taken, o.Taken)
}

// IDs returns those of the items, in order.
func (s State) IDs() []string { return slices.Sorted(maps.Keys(s.Items)) }
