package model

import (
	"fmt"
	"slices"
	"time"
)

// A Verb is a way to write one item.
type Verb string

// The verbs.
const (
	Create      Verb = "Create"
	Put         Verb = "Put"
	Save        Verb = "Save"
	SaveChanges Verb = "SaveChanges"
	Destroy     Verb = "Destroy"
	Delete      Verb = "Delete"
	Update      Verb = "Update"
	Upsert      Verb = "Upsert"
	Touch       Verb = "Touch"
	Increment   Verb = "Increment"
	Check       Verb = "Check"
)

// OfItems are the verbs that take an item; the others take a key.
var OfItems = []Verb{Create, Put, Save, SaveChanges, Destroy}

// TakesItem reports whether the verb takes an item.
func (v Verb) TakesItem() bool { return slices.Contains(OfItems, v) }

// Changing reports whether the verb takes a key and changes to what has it.
func (v Verb) Changing() bool { return v == Update || v == Upsert || v == Touch }

// An Order is a write that is asked for.
type Order struct {
	Verb    Verb
	View    *View
	ID      string   // of a verb by key
	Item    *Item    // the caller's
	Before  *Item    // of SaveChanges
	Changes []Change // of Update, Upsert, Increment
	Named   bool     // Touch names Seen

	If        *Cond
	Unchanged *Item // what was loaded
	Overwrite bool
	Unchecked bool // without validation
	Returns   Returns
}

// Of returns the ID of the item that the order is about, "" if it is yet to be
// made.
func (o *Order) Of() string {
	if o.Item != nil {
		return o.Item.ID
	}
	return o.ID
}

// String tells what is asked.
func (o *Order) String() string {
	text := o.View.Name + "." + string(o.Verb) + " " + o.ID
	say := func(what string, there bool, value any) {
		if there {
			text += fmt.Sprintf(" %s %+v", what, value)
		}
	}
	if o.Item != nil {
		text += fmt.Sprintf("%+v", *o.Item)
	}
	if o.Before != nil {
		text += fmt.Sprintf(" before %+v", *o.Before)
	}
	say("changes", len(o.Changes) > 0, o.Changes)
	say("seen", o.Named, true)
	if o.If != nil {
		text += fmt.Sprintf(" if %+v", *o.If)
	}
	if o.Unchanged != nil {
		text += fmt.Sprintf(" unchanged %+v", *o.Unchanged)
	}
	say("overwrite", o.Overwrite, true)
	say("unchecked", o.Unchecked, true)
	say("returning", o.Returns != Stored, o.Returns)
	return text
}

// Plain reports whether the order is without options.
func (o *Order) Plain() bool {
	return o.If == nil && o.Unchanged == nil && !o.Overwrite && !o.Unchecked && o.Returns == Stored
}

// A Cond is a condition: N is at most a number, or N was never written.
type Cond struct {
	AtMost int64
	NoN    bool
}

// Holds reports whether the condition holds for an item, nil for none.
func (c *Cond) Holds(it *Item) bool {
	switch {
	case c == nil:
		return true
	case it == nil || it.Lacks&LacksN != 0:
		return c.NoN
	}
	return !c.NoN && it.N <= c.AtMost
}

// Returns is what an update returns.
type Returns string

// What an update returns.
const (
	Stored  Returns = ""
	Before  Returns = "before"
	Nothing Returns = "nothing"
)

// An Op is a way to change a field.
type Op string

// The ways.
const (
	Set          Op = "Set"
	SetIfMissing Op = "SetIfMissing"
	Add          Op = "Add"
	Remove       Op = "Remove"
	Append       Op = "Append"
	Prepend      Op = "Prepend"
	Subtract     Op = "DeleteFromSet"
)

// A Change changes one field.
type Change struct {
	Op    Op
	Field string // as it is stored: "n", "note", "email", "room", "seat", "only", "tags", "list", "end"
	Int   int64
	Text  string
	Texts []string
}

// A View is how a repository sees the items of a table.
type View struct {
	Name   string
	Sees   []string // kinds; nil for all
	Own    string   // the kind that it makes; "" where the item tells, or there is but one
	Makes  []string // kinds that its items can be made of
	Many   bool     // its items are of several kinds, and a key does not tell which
	Unkept []string // fields that a write by key can't change; if there are any, it can't delete
	// Project returns an item as the view reads it.
	Project func(Item) Item
}

// Sees reports whether the view sees an item of a kind.
func (v *View) sees(kind string) bool { return v.Sees == nil || slices.Contains(v.Sees, kind) }

// A Fault is a way in which an order is refused.
type Fault string

// The faults.
const (
	Invalid  Fault = "invalid"
	NotFound Fault = "not found"
	Exists   Fault = "exists"
	Failed   Fault = "condition failed"
	Stale    Fault = "stale"
	Taken    Fault = "taken"
	WrongOne Fault = "of another kind"
)

// Rules are what a model declares.
type Rules struct {
	Lock    bool
	Hides   bool          // what has expired
	After   time.Duration // how long an item lasts; 0 for ever
	Default string        // of Note; "" for none
	NewID   func() string // nil if IDs are the callers'
	Uniques []Unique
}

// A Unique is a constraint on what items have.
type Unique struct {
	Name   string
	Kinds  []string // nil for all
	Fields []string
	Of     func(Item) string // "" for no value
}

func (u *Unique) on(kind string) bool { return u.Kinds == nil || slices.Contains(u.Kinds, kind) }

// Bad is the N that no item may be stored with.
const Bad = 13
