package faults

import (
	"math"
	"slices"
	"sync/atomic"
)

// anyOperation stands for every operation where the name of one is asked for.
const anyOperation = "*"

// Rule says which requests a fault strikes. It is a value: its methods return
// another, and only [Rule.Do] has an effect.
//
// The requests a rule matches are numbered from 1 as they come, retries of the
// SDK included. Of these After leaves out the first, Every picks each kth of
// the rest, and Times ends it.
type Rule struct {
	t          *Transport
	operations []string
	when       func(Request) bool
	after      int
	every      int
	times      int
}

// On returns the rule that matches every request of the operations named, "*"
// being any. It does nothing until [Rule.Do].
func (t *Transport) On(operations ...string) Rule {
	return Rule{
		t:          t,
		operations: slices.Clone(operations),
		when:       func(Request) bool { return true },
		every:      1,
		times:      math.MaxInt,
	}
}

// When returns the rule that matches only requests for which match returns true.
// Others are not numbered. Match is called by several goroutines at once.
func (r Rule) When(match func(Request) bool) Rule {
	before := r.when
	r.when = func(req Request) bool { return before(req) && match(req) }
	return r
}

// After returns the rule without the first n requests it matches.
func (r Rule) After(n int) Rule {
	r.after = max(n, 0)
	return r
}

// Every returns the rule for each kth request only; a k below 2 is every one.
func (r Rule) Every(k int) Rule {
	r.every = max(k, 1)
	return r
}

// Times returns the rule for n strikes at most; none if n is 0 or less.
func (r Rule) Times(n int) Rule {
	r.times = n
	return r
}

// Nth returns the rule for the nth request it matches alone, counted from 1;
// for none if n is 0 or less. It replaces After, Every and Times.
func (r Rule) Nth(n int) Rule {
	if n < 1 {
		return r.Times(0)
	}
	return r.After(n - 1).Every(1).Times(1)
}

// due tells whether the rule strikes the nth request it matches, n from 1.
func (r Rule) due(n int) bool {
	n -= r.after
	return n > 0 && n%r.every == 0 && n/r.every <= r.times
}

// Do schedules the faults, the first outermost, and returns the injection they
// make together. Faults of several rules that strike one request all apply.
func (r Rule) Do(faults ...Fault) *Injection {
	i := &Injection{rule: r, faults: faults}
	r.t.mu.Lock()
	defer r.t.mu.Unlock()
	r.t.injections = append(r.t.injections, i)
	return i
}

// Injection is a rule at work. It is safe for concurrent use.
type Injection struct {
	rule    Rule
	faults  []Fault
	matched atomic.Int64
	struck  atomic.Int64
	stopped atomic.Bool
}

// Struck returns how many requests the injection has struck so far.
func (i *Injection) Struck() int { return int(i.struck.Load()) }

// Stop ends the injection. Requests under way are not affected.
func (i *Injection) Stop() { i.stopped.Store(true) }

// strikes tells whether the injection strikes req, and counts it.
func (i *Injection) strikes(req Request) bool {
	if i.stopped.Load() || !i.rule.matches(req) || !i.rule.due(int(i.matched.Add(1))) {
		return false
	}
	i.struck.Add(1)
	return true
}

func (r Rule) matches(req Request) bool {
	named := slices.Contains(r.operations, req.Operation) || slices.Contains(r.operations, anyOperation)
	return named && r.when(req)
}
