package query

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/pager"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
)

// Spec is what a query says, apart from T. It never changes: its methods
// return another, and hold the code that Query would have once for each T.
type Spec struct {
	scan       bool // asked for as such
	key        *key.Value
	conds      []*expr.Node
	filters    []expression.ConditionBuilder
	sorts      []expression.KeyConditionBuilder
	index      string
	project    []string
	consistent bool
	descending bool
	limits     pager.Limits
	start      start
	segments   int
	part       part
	prefetch   int
	rate       float64
	hydrate    bool
	partial    bool // items may come in part
	count      bool // how many there are is all that is asked
	errs       []error
}

// clone returns a copy to change.
//
//go:noinline // or every option of Query[T] holds a copy of it
func (s *Spec) clone() *Spec {
	if s == nil {
		return &Spec{}
	}
	c := *s
	return &c
}

func (s *Spec) fault(err error) *Spec {
	s = s.clone()
	s.errs = append(slices.Clip(s.errs), err)
	return s
}

// counted is s if n is a number that a limit may be.
func (s *Spec) counted(option string, n int) *Spec {
	if n < 1 {
		return s.fault(fmt.Errorf("%w: %s %d", dyniter.ErrLimit, option, n))
	}
	return s
}

// Where adds conditions.
func (s *Spec) Where(nodes []*expr.Node) *Spec {
	s = s.clone()
	s.conds = append(slices.Clip(s.conds), nodes...)
	return s
}

// Filter adds conditions of the SDK's to the filter.
func (s *Spec) Filter(conds []expression.ConditionBuilder) *Spec {
	s = s.clone()
	s.filters = append(slices.Clip(s.filters), conds...)
	return s
}

// Sort adds a condition of the SDK's on the sort key.
func (s *Spec) Sort(c expression.KeyConditionBuilder) *Spec {
	s = s.clone()
	s.sorts = append(slices.Clip(s.sorts), c)
	return s
}

// OnIndex names the index to read.
func (s *Spec) OnIndex(idx string) *Spec {
	s = s.clone()
	s.index = idx
	return s
}

// Project asks for attributes alone.
func (s *Spec) Project(attrs []string) *Spec {
	s = s.clone()
	s.project = append(slices.Clip(s.project), attrs...)
	return s
}

// Consistently asks for strongly consistent reads.
func (s *Spec) Consistently() *Spec {
	s = s.clone()
	s.consistent = true
	return s
}

// Ordered says in which direction to read.
func (s *Spec) Ordered(descending bool) *Spec {
	s = s.clone()
	s.descending = descending
	return s
}

// RecordLimit bounds how many items are returned.
func (s *Spec) RecordLimit(n int) *Spec {
	s = s.clone()
	s.limits.Records = n
	return s.counted("RecordLimit", n)
}

// ScanLimit bounds how many items are evaluated.
func (s *Spec) ScanLimit(n int) *Spec {
	s = s.clone()
	s.limits.Scan = n
	return s.counted("ScanLimit", n)
}

// BatchSize bounds how many items one request evaluates.
func (s *Spec) BatchSize(n int) *Spec {
	s = s.clone()
	s.limits.Batch = n
	return s.counted("BatchSize", n)
}

// Ahead reads n pages ahead.
func (s *Spec) Ahead(n int) *Spec {
	s = s.clone()
	s.prefetch = n
	return s.counted("Prefetch", n)
}

// Parallel scans in n segments at once.
func (s *Spec) Parallel(n int) *Spec {
	s = s.clone()
	s.segments = n
	if n > maxSegments {
		return s.fault(fmt.Errorf("%w: Segments %d", dyniter.ErrLimit, n))
	}
	return s.counted("Segments", n)
}

// A part is one segment of a scan, of so many; of 0 for all of them.
type part struct{ segment, of int }

// Part scans segment i of n alone.
func (s *Spec) Part(i, n int) *Spec {
	s = s.clone()
	s.part = part{i, n}
	if i < 0 || i >= n || n > maxSegments {
		return s.fault(fmt.Errorf("%w: Segment %d of %d", dyniter.ErrLimit, i, n))
	}
	return s
}

// Hydrated reads what is found by key, as a whole.
func (s *Spec) Hydrated() *Spec {
	s = s.clone()
	s.hydrate = true
	return s
}

// Partially takes items as the index has them.
func (s *Spec) Partially() *Spec {
	s = s.clone()
	s.partial = true
	return s
}

func (s *Spec) counting() *Spec {
	s = s.whole("a count").clone()
	s.count = true
	return s
}

// KeysOnly reads no more of each item than its key.
func (s *Spec) KeysOnly(names []string) *Spec {
	s = s.whole("a change of what is found").clone()
	s.project = names
	return s
}

// whole refuses what says how much of each item is read, for what reads none.
func (s *Spec) whole(verb string) *Spec {
	if s == nil {
		return s
	}
	if len(s.project) > 0 {
		s = s.fault(errors.New(verb + " has no use for Project"))
	}
	if s.hydrate {
		s = s.fault(errors.New(verb + " has no use for Hydrate"))
	}
	if s.start.kept {
		s = s.fault(errors.New(verb + " has no use for Resume"))
	}
	return s
}

// Rated holds the query to so many read capacity units a second.
func (s *Spec) Rated(unitsPerSecond float64) *Spec {
	s = s.clone()
	s.rate = unitsPerSecond
	if !(unitsPerSecond > 0) {
		return s.fault(errRate)
	}
	return s
}

// A start is where a query begins: behind an item, a key, or where a cursor
// says; the zero start is the beginning.
type start struct {
	item   reflect.Value
	key    *key.Value
	cursor *dyniter.Cursor
	kept   bool // the cursor is the caller's, and is to be where a run stood when it ended
}

// StartAfter starts behind an item of type t, a pointer to one, or its key.
func (s *Spec) StartAfter(itemOrKey any, t reflect.Type) *Spec {
	if at, ok := itemOrKey.(key.Value); ok {
		return s.from(start{key: &at})
	}
	given := reflect.ValueOf(itemOrKey)
	item := reflect.New(t).Elem()
	switch {
	case !given.IsValid():
		return s.fault(errStart)
	case given.Type().AssignableTo(t):
		item.Set(given)
	case given.Type() == reflect.PointerTo(t) && !given.IsNil():
		item = given.Elem()
	default:
		return s.fault(errStart)
	}
	return s.from(start{item: item})
}

// GoOn goes on at a cursor.
func (s *Spec) GoOn(at dyniter.Cursor) *Spec { return s.from(start{cursor: &at}) }

// Resume goes on at a cursor, and keeps it where runs end.
func (s *Spec) Resume(at *dyniter.Cursor) *Spec {
	if at == nil {
		return s.fault(errResume)
	}
	return s.from(start{cursor: at, kept: true})
}

func (s *Spec) from(at start) *Spec {
	s = s.clone()
	s.start = at
	return s
}

var (
	errRate   = errors.New("Rate takes more than 0 units per second") //nolint:staticcheck // Rate is the name of the option
	errResume = errors.New("Resume takes a cursor to keep, not nil")  //nolint:staticcheck // Resume is the name of the option
	errStart  = errors.New("StartAfter takes an item or a key value")
)

// OfKey asks for the items of a partition.
func OfKey(k key.Value) *Spec { return &Spec{key: &k} }

// OfScan asks for the table, or an index, as a whole.
func OfScan() *Spec { return &Spec{scan: true} }

// All asks for all items that conditions hold for.
func All() *Spec { return &Spec{} }

// maxSegments is how many segments a Scan may have.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
const maxSegments = 1_000_000
