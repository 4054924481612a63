package planner

import (
	"slices"

	"github.com/dynarepo/dynarepo/internal/expr"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
)

// A Term is one of the conditions of a query, all of which must hold.
type Term struct {
	Attr   string                 // the attribute; "" if Attrs are several
	Attrs  []string               // every attribute a compound term touches
	Op     expr.Op                // expr.OpNone unless it can be a key condition
	Values []types.AttributeValue // one; two for expr.OpBetween
}

// attributes returns the names of the attributes that the term touches.
func (t Term) attributes() []string {
	if t.Attr == "" {
		return t.Attrs
	}
	return []string{t.Attr}
}

func (t Term) touches(attr string) bool { return slices.Contains(t.attributes(), attr) }

// A Request is what is asked of the planner.
type Request struct {
	Key     key.Spec // of the table
	Indexes []index.Spec
	Terms   []Term

	Forced     string   // the index to use, by name
	Scan       bool     // a scan is asked for as such
	Partition  bool     // the table's hash key is given as such: global indexes are not chosen
	Consistent bool     // a strongly consistent read
	Projected  []string // attributes asked for; nil for all
	Filtered   []string // attributes that the filter reads beside those of Terms
	Sorted     bool     // the sort key has a condition beside Terms: only the table or a named index has that key
	// Kept tells of an attribute whether every item has it, and whether it is then
	// never empty; nil if that is so of all.
	Kept     func(attr string) (there, filled bool)
	Literals bool // items whose literal key parts differ are to be left out
}

// A KeyCond is a condition on one stored key attribute.
type KeyCond struct {
	Attr   string
	Op     expr.Op
	Values []types.AttributeValue
}

// A Plan is how a request is to be answered.
type Plan struct {
	Scan     bool   // Scan, else Query
	Index    string // "" for the table
	Global   bool   // Index is a global one
	Rule     Rule
	Key      []KeyCond // of a Query: hash attributes, then sort attributes
	Filter   []int     // positions of the terms left for the filter
	Literals []KeyCond // filters that leave the items of other models out
	Partial  bool      // items come without the attributes that the global index does not project
	Fetch    bool      // a local index that fetches what it does not project from the table
	Unserved []string  // attributes whose conditions forced a scan
	Escaped  string    // the string part of a composite whose range follows the escaped text; "" if none does
	Suggest  string    // for a forced scan: the index that would serve, as its declaration, or the one to name; "" if none would
}
