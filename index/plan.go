package index

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/key"
)

// An Op is an operator as far as a key condition knows it.
type Op uint8

// The operators of key conditions. Other is what only a filter can do.
const (
	Other Op = iota
	Eq
	Lt
	Lte
	Gt
	Gte
	Between
	BeginsWith
)

var opNames = [...]string{"other", "=", "<", "<=", ">", ">=", "between", "begins_with"}

// String returns the operator as DynamoDB writes it.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("Op(%d)", o)
}

// A Term is one of the conditions of a query, all of which must hold.
type Term struct {
	Attr   string                 // the attribute; "" if Attrs are several
	Attrs  []string               // every attribute a compound term touches
	Op     Op                     // Other unless it can be a key condition
	Values []types.AttributeValue // one; two for Between
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
	Indexes []Spec
	Terms   []Term

	Forced     string   // the index to use, by name
	Scan       bool     // a scan is asked for as such
	Partition  bool     // the table's hash key is given as such: global indexes are not chosen
	Consistent bool     // a strongly consistent read
	Projected  []string // attributes asked for; nil for all
	Filtered   []string // attributes that the filter reads beside those of Terms
	Literals   bool     // items whose literal key parts differ are to be left out
}

// A Rule tells why a plan is as it is: the preferences of rule C2, or what the
// caller forced.
type Rule uint8

// The rules, the numbered ones in the order of preference.
const (
	RuleNone         Rule = iota // a scan, since nothing else serves the conditions
	RuleTableSort                // 1: the table's hash key and a condition on its sort key
	RuleLocalSort                // 2: a local index whose sort key has a condition
	RuleGlobalSort               // 3: a global index with hash key equal and a condition on its sort key
	RuleTableHash                // 4: the table's hash key alone
	RuleGlobalHash               // 5: a global index whose hash key is equal
	RuleForced                   // the index was named
	RuleAsked                    // a scan was asked for
	RuleNoConditions             // a scan, since there are no conditions
)

var ruleNames = [...]string{
	"no key or index serves the conditions",
	"hash key of the table and a condition on its sort key",
	"local index with a condition on its sort key",
	"global index with its hash key and a condition on its sort key",
	"hash key of the table",
	"global index with its hash key",
	"the index was named",
	"a scan was asked for",
	"no conditions",
}

// String says the rule in words.
func (r Rule) String() string {
	if int(r) < len(ruleNames) {
		return ruleNames[r]
	}
	return fmt.Sprintf("Rule(%d)", r)
}

// A KeyCond is a condition on one stored key attribute.
type KeyCond struct {
	Attr   string
	Op     Op
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
	Suggest  string    // for a forced scan: the index that would serve, as its declaration; "" if none would
}

// ErrPlan is the sentinel of conditions that no request can answer.
var ErrPlan = errors.New("index: conditions that can't be queried")

// A PlanError tells which attribute's conditions break which rule. It is
// [ErrPlan].
type PlanError struct {
	Index string // "" for the table
	Attr  string
	Rule  string
	Err   error // beneath, or nil
}

// Error names the index, the attribute and the rule, no values.
func (e *PlanError) Error() string {
	var b strings.Builder
	b.WriteString("index: ")
	if e.Index != "" {
		fmt.Fprintf(&b, "index %s: ", e.Index)
	}
	if e.Attr != "" {
		fmt.Fprintf(&b, "attribute %s: ", e.Attr)
	}
	b.WriteString(e.Rule)
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns [ErrPlan] and the error beneath.
func (e *PlanError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrPlan}
	}
	return []error{ErrPlan, e.Err}
}
