package repo

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/cond"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
)

// querySpec is what a query says, apart from T. It never changes: its methods
// return another, and hold the code that Query would have once for each T.
type querySpec struct {
	scan       bool // asked for as such
	key        *key.Value
	conds      []*cond.Node
	filters    []expression.ConditionBuilder
	sorts      []expression.KeyConditionBuilder
	index      string
	project    []string
	consistent bool
	descending bool
	limits     dyniter.Limits
	start      func(*prepared, *Config) ([]dyniter.Place, error)
	segments   int
	prefetch   int
	rate       float64
	hydrate    bool
	count      bool // how many there are is all that is asked
	stats      *dyniter.Stats
	errs       []error
}

// clone returns a copy to change.
//
//go:noinline // or every option of Query[T] holds a copy of it
func (s *querySpec) clone() *querySpec {
	if s == nil {
		return &querySpec{}
	}
	c := *s
	return &c
}

func (s *querySpec) fault(err error) *querySpec {
	s = s.clone()
	s.errs = append(slices.Clip(s.errs), err)
	return s
}

// counted is s if n is a number that a limit may be.
func (s *querySpec) counted(option string, n int) *querySpec {
	if n < 1 {
		return s.fault(&dyniter.LimitError{Option: option, Value: n})
	}
	return s
}

func (s *querySpec) where(nodes []*cond.Node) *querySpec {
	s = s.clone()
	s.conds = append(slices.Clip(s.conds), nodes...)
	return s
}

func (s *querySpec) filter(conds []expression.ConditionBuilder) *querySpec {
	s = s.clone()
	s.filters = append(slices.Clip(s.filters), conds...)
	return s
}

func (s *querySpec) sort(c expression.KeyConditionBuilder) *querySpec {
	s = s.clone()
	s.sorts = append(slices.Clip(s.sorts), c)
	return s
}

func (s *querySpec) named(idx string) *querySpec {
	s = s.clone()
	s.index = idx
	return s
}

func (s *querySpec) projecting(attrs []string) *querySpec {
	s = s.clone()
	s.project = append(slices.Clip(s.project), attrs...)
	return s
}

func (s *querySpec) consistently() *querySpec {
	s = s.clone()
	s.consistent = true
	return s
}

func (s *querySpec) ordered(descending bool) *querySpec {
	s = s.clone()
	s.descending = descending
	return s
}

func (s *querySpec) recordLimit(n int) *querySpec {
	s = s.clone()
	s.limits.Records = n
	return s.counted("RecordLimit", n)
}

func (s *querySpec) scanLimit(n int) *querySpec {
	s = s.clone()
	s.limits.Scan = n
	return s.counted("ScanLimit", n)
}

func (s *querySpec) batchSize(n int) *querySpec {
	s = s.clone()
	s.limits.Batch = n
	return s.counted("BatchSize", n)
}

func (s *querySpec) ahead(n int) *querySpec {
	s = s.clone()
	s.prefetch = n
	return s.counted("Prefetch", n)
}

func (s *querySpec) parallel(n int) *querySpec {
	s = s.clone()
	s.segments = n
	if n > maxSegments {
		return s.fault(&dyniter.LimitError{Option: "Segments", Value: n})
	}
	return s.counted("Segments", n)
}

func (s *querySpec) hydrated() *querySpec {
	s = s.clone()
	s.hydrate = true
	return s
}

func (s *querySpec) counting() *querySpec {
	s = s.clone()
	s.count, s.hydrate = true, false
	return s
}

// keysOnly reads no more of each item than its key.
func (s *querySpec) keysOnly(names []string) *querySpec {
	s = s.clone()
	s.project, s.hydrate = names, false
	return s
}

func (s *querySpec) reporting(into *dyniter.Stats) *querySpec {
	s = s.clone()
	s.stats = into
	return s
}

func (s *querySpec) rated(unitsPerSecond float64) *querySpec {
	s = s.clone()
	s.rate = unitsPerSecond
	if !(unitsPerSecond > 0) {
		return s.fault(errRate)
	}
	return s
}

// from starts where start says.
func (s *querySpec) from(start func(*prepared, *Config) ([]dyniter.Place, error)) *querySpec {
	s = s.clone()
	s.start = start
	return s
}
