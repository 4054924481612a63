// Package pagertest holds the cases of the paging rules, for the tests of every
// package that pages, and what DynamoDB answers in them.
//
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package pagertest

import (
	"github.com/dynarepo/dynarepo/iter"

	"github.com/dynarepo/dynarepo/internal/pager"
)

// Case is one read of a partition and what it must come to.
type Case struct {
	Name      string
	Pass      []bool // whether each item, in order, passes the filter; all do where there is none
	Limits    pager.Limits
	Records   int   // items returned
	Requests  int   // requests sent
	Evaluated int   // items evaluated
	Sent      []int // Limit of each request, 0 for none
	Stop      iter.Stop
}

// Answer returns what DynamoDB answers to a request of the case that starts
// after the first start items: how many items it evaluates, how many of them
// pass, and whether a LastEvaluatedKey comes back, which is so whenever Limit
// stopped it. A limit of 0 is none.
func (c Case) Answer(start, limit int) (evaluated, returned int, more bool) {
	page := c.Pass[start:]
	if 0 < limit && limit <= len(page) {
		page, more = page[:limit], true
	}
	for _, pass := range page {
		if pass {
			returned++
		}
	}
	return len(page), returned, more
}

// runs returns so many items that pass, then so many that do not, and so on.
func runs(lengths ...int) []bool {
	var pass []bool
	for i, n := range lengths {
		for range n {
			pass = append(pass, i%2 == 0)
		}
	}
	return pass
}

// every returns n items of which each k-th passes.
func every(n, k int) []bool {
	pass := make([]bool, n)
	for i := k - 1; i < n; i += k {
		pass[i] = true
	}
	return pass
}
