// Package life is the life of an item: what writes are asked to do, the events
// of that, and the callbacks that run at them.
//
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package life

import "fmt"

// A Verb is what a write is asked to do.
type Verb uint8

// The verbs. Each has a row in verbs here, and one in package write.
const (
	Create Verb = iota + 1
	Put
	Save
	SaveChanges
	Destroy
	Delete
	Update
	Upsert
	Touch
	Increment
	Check
	DeleteAll
	endOfVerbs
)

// Verbs is how many there are, the zero one included.
const Verbs = int(endOfVerbs)

// A row says what a verb does to an item before and behind the write.
type row struct {
	name   string
	fills  bool    // defaults fill what is zero
	dates  bool    // the creation time is set, if it is zero
	begins bool    // the version begins, whatever the item has
	before []Event // behind the validation, if the verb stores an item
	after  []Event
}

var verbs = [Verbs]row{
	Create:      {name: "Create", fills: true, dates: true, begins: true, before: []Event{BeforeSave, BeforeCreate}, after: []Event{AfterCreate, AfterSave}},
	Put:         {name: "Put", dates: true, before: []Event{BeforeSave}, after: []Event{AfterSave}},
	Save:        {name: "Save", before: []Event{BeforeSave, BeforeUpdate}, after: []Event{AfterUpdate, AfterSave}},
	SaveChanges: {name: "SaveChanges", before: []Event{BeforeSave, BeforeUpdate}, after: []Event{AfterUpdate, AfterSave}},
	Destroy:     {name: "Destroy", before: []Event{BeforeDelete}, after: []Event{AfterDelete}},
	Delete:      {name: "Delete"},
	Update:      {name: "Update"},
	Upsert:      {name: "Upsert"},
	Touch:       {name: "Touch"},
	Increment:   {name: "Increment"},
	Check:       {name: "Check"},
	DeleteAll:   {name: "DeleteAll"},
}

// String returns the name of the method that is asked, such as "Create".
func (v Verb) String() string {
	if 0 < v && v < endOfVerbs {
		return verbs[v].name
	}
	return fmt.Sprintf("Verb(%d)", v)
}

// Fills reports whether defaults fill what is zero.
func (v Verb) Fills() bool { return verbs[v].fills }

// Dates reports whether the creation time is set, if it is zero.
func (v Verb) Dates() bool { return verbs[v].dates }

// Begins reports whether the version begins, whatever the item has.
func (v Verb) Begins() bool { return verbs[v].begins }
