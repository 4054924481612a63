// Package index declares global and local secondary indexes, and has the rules
// and the errors of the plans that use them.
//
// The guide is https://github.com/dynarepo/dynarepo/blob/main/docs/modelling.md.
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package index

import (
	"errors"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/key"
)

// A Spec declares one secondary index. It is a value: every method returns a
// new one. Indexes project all attributes unless told otherwise.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/SecondaryIndexes.html
type Spec struct {
	name       string
	local      bool
	hash       key.Part
	ranges     []key.Part // more than one is a declaration error
	projection types.ProjectionType
	included   []string
	throughput Throughput
	sparse     bool
}

// Throughput is provisioned capacity in units per second. The zero value means
// the default of where it is used.
type Throughput struct {
	Read  int64 // read capacity units
	Write int64 // write capacity units
}

// Global declares a global secondary index with a hash key and at most one
// sort key. Either may be composite, or of up to four attributes with
// [key.Multi]. Items without the attributes of its keys are not in it.
func Global(name string, hash key.Part, sort ...key.Part) Spec {
	return Spec{name: name, hash: hash, ranges: slices.Clone(sort), projection: types.ProjectionTypeAll}
}

// Local declares a local secondary index: the hash key of the table with
// another sort key. It exists only from the creation of its table on.
func Local(name string, sort key.Part) Spec {
	return Spec{name: name, local: true, ranges: []key.Part{sort}, projection: types.ProjectionTypeAll}
}

// Include projects the keys and attrs, attributes by name.
func (s Spec) Include(attrs ...string) Spec {
	s.projection, s.included = types.ProjectionTypeInclude, slices.Clone(attrs)
	return s
}

// KeysOnly projects the keys of the index and of the table.
func (s Spec) KeysOnly() Spec {
	s.projection, s.included = types.ProjectionTypeKeysOnly, nil
	return s
}

// WithThroughput sets the provisioned capacity of a global index, in units per
// second. A table on demand ignores it.
func (s Spec) WithThroughput(read, write int64) Spec {
	s.throughput = Throughput{Read: read, Write: write}
	return s
}

// Sparse says that a global index is meant to lack items: those without its sort key
// are no answer to a query by its hash key. Conditions then choose it by its hash key
// alone, where it is otherwise chosen only if no item can lack its keys, or if it is
// named (rule C2).
func (s Spec) Sparse() Spec {
	s.sparse = true
	return s
}

// IsSparse reports whether the index is meant to lack items.
func (s Spec) IsSparse() bool { return s.sparse }

// Name returns the name of the index.
func (s Spec) Name() string { return s.name }

// IsLocal reports whether the index is a local one.
func (s Spec) IsLocal() bool { return s.local }

// Key returns the keys of the index of a table with these keys.
func (s Spec) Key(table key.Spec) key.Spec {
	k := key.Spec{Hash: s.hash}
	if s.local {
		k.Hash = table.Hash
	}
	if len(s.ranges) > 0 {
		k.Range = s.ranges[0]
	}
	return k
}

// Projection returns what is projected.
func (s Spec) Projection() types.ProjectionType { return s.projection }

// Included returns the attributes that Include named, in order; nil for other
// projections.
func (s Spec) Included() []string { return slices.Clone(s.included) }

// Throughput returns what WithThroughput set.
func (s Spec) Throughput() Throughput { return s.throughput }

// ErrIndex is the sentinel of a declaration that DynamoDB would refuse and of
// an index that does not exist. The error names the index, the attribute and the
// rule.
var ErrIndex = errors.New("index: invalid index")

// ErrPlan is the sentinel of conditions that no request can answer. The error
// names the index, the attribute and the rule, no values.
var ErrPlan = errors.New("index: conditions that can't be queried")

// A fault is which index breaks which rule. It is [ErrIndex].
type fault struct {
	index string // "" for the indexes of a table as a whole
	attr  string // "" for the index as a whole
	rule  string
	err   error // beneath, or nil
}

// Error names the index, the attribute and the rule.
func (f *fault) Error() string {
	text := "index: "
	if f.index != "" {
		text += strconv.Quote(f.index) + ": "
	}
	if f.attr != "" {
		text += "attribute " + f.attr + ": "
	}
	text += f.rule
	if f.err != nil {
		text += ": " + f.err.Error()
	}
	return text
}

// Unwrap returns [ErrIndex] and the error beneath.
func (f *fault) Unwrap() []error {
	if f.err == nil {
		return []error{ErrIndex}
	}
	return []error{ErrIndex, f.err}
}
