package repo

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
)

// A Query is what is asked of the items of T. It is a value: every method
// returns a new one, so it can be kept, shared between goroutines and ranged
// over again. Nothing is sent before that. What is wrong with it is collected
// and returned by what would send it, joined, as [ErrInvalid].
type Query[T any] struct {
	repo *Repo[T]
	spec *querySpec // nil of the zero Query
}

// Query reads the items of one partition: those whose hash key is k's, and
// whose sort key, if k has one, is k's or, for a composite one, starts with
// k's parts (rule K4). The key is that of the table, or of the index named by
// [Query.Index]. Without one a local index is used if a condition on its sort
// key calls for it (rule C2).
func (r *Repo[T]) Query(k key.Value) Query[T] {
	return Query[T]{r, &querySpec{key: &k}}
}

// Where reads the items for which all of conds hold. They choose the request:
// a Query of the table or of an index where the hash key is equal to something,
// else a Scan (rules C1 to C5). Without conds it reads the table.
func (r *Repo[T]) Where(conds ...cond.Cond[T]) Query[T] {
	return Query[T]{r, &querySpec{}}.Where(conds...)
}

// Scan reads the table, or the index named by [Query.Index], as a whole.
// Conditions are a filter, whatever they are on.
func (r *Repo[T]) Scan() Query[T] {
	return Query[T]{r, &querySpec{scan: true}}
}

// Where adds conditions, all of which must hold. Those on keys become key
// conditions where the request allows, the rest the filter.
func (q Query[T]) Where(conds ...cond.Cond[T]) Query[T] {
	return Query[T]{q.repo, q.spec.where(nodes(conds))}
}

// Filter adds conditions of the SDK's expression builder to the filter, as
// they are (rule D5). Keys inside choose no index.
func (q Query[T]) Filter(conds ...expression.ConditionBuilder) Query[T] {
	return Query[T]{q.repo, q.spec.filter(conds)}
}

// Sort adds a condition of the SDK's expression builder on the sort key, as it
// is (rule D5). It needs a query of one partition.
func (q Query[T]) Sort(c expression.KeyConditionBuilder) Query[T] {
	return Query[T]{q.repo, q.spec.sort(c)}
}

// Index names the index to read. One that is not declared is index.ErrIndex
// before any request; without an equality on its whole hash key it is scanned
// (rule C4).
func (q Query[T]) Index(name string) Query[T] { return Query[T]{q.repo, q.spec.named(name)} }

// Project asks for these attributes only, by name; the keys of the table and
// of the index read come too, so that cursors stay exact. Other fields of the
// items are zero.
func (q Query[T]) Project(attrs ...string) Query[T] {
	return Query[T]{q.repo, q.spec.projecting(attrs)}
}

// Consistent asks for strongly consistent reads, at twice the capacity. A
// global index has none: naming one is index.ErrPlan before any request
// (rule C7), and conditions choose none.
func (q Query[T]) Consistent() Query[T] { return Query[T]{q.repo, q.spec.consistently()} }

// Ascending reads in the order of the sort key, which is the default. The last
// call of Ascending and Descending wins; a scan has no order.
func (q Query[T]) Ascending() Query[T] { return Query[T]{q.repo, q.spec.ordered(false)} }

// Descending reads against the order of the sort key.
func (q Query[T]) Descending() Query[T] { return Query[T]{q.repo, q.spec.ordered(true)} }

// RecordLimit bounds how many items are returned, n of 1 or more (rules A1,
// A2).
func (q Query[T]) RecordLimit(n int) Query[T] { return Query[T]{q.repo, q.spec.recordLimit(n)} }

// ScanLimit bounds how many items are evaluated, before the filter, n of 1 or
// more (rules A1, A2).
func (q Query[T]) ScanLimit(n int) Query[T] { return Query[T]{q.repo, q.spec.scanLimit(n)} }

// BatchSize bounds how many items one request evaluates, n of 1 or more. The
// default is as many as fit a page of 1 MB or the limits need; with a filter
// and a record limit the size adapts (rule A5).
func (q Query[T]) BatchSize(n int) Query[T] { return Query[T]{q.repo, q.spec.batchSize(n)} }

var (
	errZeroQuery = errors.New("the zero Query asks nothing: a repository makes queries")
	errStart     = errors.New("StartAfter takes an item or a key value")
)
