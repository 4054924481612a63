package table

import (
	"fmt"
	"strings"

	"github.com/dynarepo/dynarepo/repo"
)

// A Plan is what makes a table as it is declared: [Diff] makes it, [Apply]
// carries it out. The zero Plan does nothing.
type Plan struct {
	Table string `json:"table"` // with its namespace
	// Steps are the changes, in order, each a request; nil if there is none. One
	// can be taken out, such as the deletion of an index.
	Steps []Step `json:"steps"`
	// Obstacles are differences that can't be removed in place; nil if there is
	// none. Apply refuses a plan with one.
	Obstacles []Obstacle `json:"obstacles"`

	db *repo.DB
}

// A Step is one change of a table.
type Step struct {
	// Kind is what it does: "create-table", "set-billing", "set-throughput",
	// "add-index", "drop-index", "set-stream", "set-ttl", "set-protection",
	// "set-recovery" or "set-tags".
	Kind  string `json:"kind"`
	Index string `json:"index,omitempty"` // "" for the table itself
	Text  string `json:"text"`            // such as "create index user_idx: hash user_id, projecting ALL"
	// Input is the request: a *dynamodb.CreateTableInput, UpdateTableInput,
	// UpdateTimeToLiveInput, UpdateContinuousBackupsInput, TagResourceInput or
	// UntagResourceInput. Apply fills in the ARN of the table where that is what
	// is asked for.
	Input any `json:"-"`
}

// What steps do, in the order in which a plan has them.
const (
	toCreateTable   = "create-table"
	toSetBilling    = "set-billing"
	toSetThroughput = "set-throughput"
	toAddIndex      = "add-index"
	toDropIndex     = "drop-index"
	toSetStream     = "set-stream"
	toSetTTL        = "set-ttl"
	toSetProtection = "set-protection"
	toSetRecovery   = "set-recovery"
	toSetTags       = "set-tags"
)

// An Obstacle is a difference that can't be removed in place.
type Obstacle struct {
	Index   string `json:"index,omitempty"` // "" for the table itself
	Text    string `json:"text"`            // what differs
	Instead string `json:"instead"`         // what can be done
}

// Empty reports whether the table is as declared.
func (p Plan) Empty() bool { return len(p.Steps) == 0 && len(p.Obstacles) == 0 }

// String writes the plan for people, a line each: the steps by number, then
// the obstacles with what to do instead.
func (p Plan) String() string {
	var b strings.Builder
	b.WriteString("table " + p.Table + ":")
	if p.Empty() {
		b.WriteString(" as declared\n")
		return b.String()
	}
	b.WriteByte('\n')
	for i, s := range p.Steps {
		fmt.Fprintf(&b, "  %d. %s\n", i+1, s.Text)
	}
	for _, o := range p.Obstacles {
		fmt.Fprintf(&b, "  not in place: %s; instead, %s\n", o.Text, o.Instead)
	}
	return b.String()
}

// left tells what is left of a plan.
func (p Plan) left() string {
	var texts []string
	for _, s := range p.Steps {
		texts = append(texts, s.Text)
	}
	for _, o := range p.Obstacles {
		texts = append(texts, o.Text)
	}
	return strings.Join(texts, "; ")
}
