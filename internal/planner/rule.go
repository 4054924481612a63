package planner

import "fmt"

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
