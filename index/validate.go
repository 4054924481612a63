package index

import (
	"errors"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/key"
)

var nameForm = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

// Limits of one table.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const (
	maxLocal    = 5
	maxIncluded = 100 // over all indexes of a table
)

// Validate returns every fault of the indexes of a table with these keys,
// joined, each [ErrIndex] (rule L2); nil if there is none.
func Validate(table key.Spec, specs []Spec) error {
	v := validator{table: table, types: map[string]types.ScalarAttributeType{}}
	v.note("", table.Hash, table.Range)
	locals, included := 0, 0
	for i, s := range specs {
		if slices.ContainsFunc(specs[:i], func(o Spec) bool { return o.name == s.name }) {
			v.fault(s.name, "", "declared twice", nil)
		}
		if s.local {
			locals++
		}
		included += len(s.included)
		v.check(s)
	}
	if locals > maxLocal {
		v.fault("", "", "a table has at most 5 local indexes", nil)
	}
	if included > maxIncluded {
		v.fault("", "", "the indexes of a table include at most 100 attributes together", nil)
	}
	return errors.Join(v.errs...)
}

type validator struct {
	table key.Spec
	types map[string]types.ScalarAttributeType // of every key attribute seen
	errs  []error
}

func (v *validator) fault(index, attr, rule string, err error) {
	v.errs = append(v.errs, &fault{index, attr, rule, err})
}

func (v *validator) check(s Spec) {
	if !nameForm.MatchString(s.name) {
		v.fault(s.name, "", "a name has 3 to 255 letters, digits, '_', '-' or '.'", nil)
	}
	k := s.Key(v.table)
	switch {
	case s.local && k.Range.IsZero():
		v.fault(s.name, "", "a local index needs a sort key", nil)
	case s.local && v.table.Range.IsZero():
		v.fault(s.name, "", "a local index needs a table with a sort key", nil)
	case s.local && k.Range.Inside(door.Key{}).IsMulti():
		v.fault(s.name, "", "a local index has one sort attribute", nil)
	case !s.local && k.Hash.IsZero():
		v.fault(s.name, "", "a global index needs a hash key", nil)
	}
	if len(s.ranges) > 1 {
		v.fault(s.name, "", "an index has one sort key; several attributes go in key.Multi", nil)
	}
	if s.local && s.throughput != (Throughput{}) {
		v.fault(s.name, "", "a local index uses the throughput of its table", nil)
	}
	if s.throughput.Read < 0 || s.throughput.Write < 0 {
		v.fault(s.name, "", "throughput can't be negative", nil)
	}
	for _, p := range append([]key.Part{s.hash}, s.ranges...) {
		if !p.IsZero() {
			if err := p.Inside(door.Key{}).ValidatePart(); err != nil {
				v.fault(s.name, p.Name(), "the key is not right", err)
			}
		}
	}
	v.note(s.name, k.Hash, k.Range)
	if s.projection == types.ProjectionTypeInclude && len(s.included) == 0 {
		v.fault(s.name, "", "include names no attribute", nil)
	}
	for i, a := range s.included {
		if slices.Contains(s.included[:i], a) {
			v.fault(s.name, a, "included twice", nil)
		}
	}
}

// note holds the types of key attributes together: a table defines each once.
func (v *validator) note(index string, parts ...key.Part) {
	var own []string
	for _, p := range parts {
		for _, a := range p.Attributes() {
			switch t, seen := v.types[a.Name()]; {
			case !seen:
				v.types[a.Name()] = a.Type()
			case t != a.Type():
				v.fault(index, a.Name(), "a key attribute of another type elsewhere", nil)
			}
			if index != "" && slices.Contains(own, a.Name()) {
				v.fault(index, a.Name(), "twice in the keys of one index", nil)
			}
			own = append(own, a.Name())
		}
	}
}
