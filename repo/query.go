package repo

import (
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/query"
	"github.com/dynarepo/dynarepo/key"
)

// A Query is what is asked of the items of T. It is a value: every method
// returns a new one, so it can be kept, shared between goroutines and ranged
// over again. Nothing is sent before that. What is wrong with it is collected
// and returned by what would send it, joined, as [ErrInvalid].
type Query[T any] struct {
	repo *Repo[T]
	spec *query.Spec // nil of the zero Query
}

// Query reads the items of one partition: those whose hash key is k's, and
// whose sort key, if k has one, is k's or, for a composite one, starts with
// k's parts (rule K4). The key is that of the table, or of the index named by
// [Query.Index]. Without one a local index is used if a condition on its sort
// key calls for it (rule C2).
func (r *Repo[T]) Query(k key.Value) Query[T] {
	return Query[T]{r, query.OfKey(k)}
}

// Where reads the items for which all of conds hold. They choose the request:
// a Query of the table or of an index where the hash key is equal to something,
// else a Scan (rules C1 to C5). Without conds it reads the table.
func (r *Repo[T]) Where(conds ...cond.Cond[T]) Query[T] {
	return Query[T]{r, query.All()}.Where(conds...)
}

// Scan reads the table, or the index named by [Query.Index], as a whole.
// Conditions are a filter, whatever they are on.
func (r *Repo[T]) Scan() Query[T] {
	return Query[T]{r, query.OfScan()}
}

// Where adds conditions, all of which must hold. Those on keys become key
// conditions where the request allows, the rest the filter.
func (q Query[T]) Where(conds ...cond.Cond[T]) Query[T] {
	return Query[T]{q.repo, q.spec.Where(nodes(conds))}
}

// Filter adds conditions of the SDK's expression builder to the filter, as
// they are (rule D5). Keys inside choose no index.
func (q Query[T]) Filter(conds ...expression.ConditionBuilder) Query[T] {
	return Query[T]{q.repo, q.spec.Filter(conds)}
}

// Sort adds a condition of the SDK's expression builder on the sort key, as it
// is (rule D5). It needs a query of one partition.
func (q Query[T]) Sort(c expression.KeyConditionBuilder) Query[T] {
	return Query[T]{q.repo, q.spec.Sort(c)}
}

// Index names the index to read. One that is not declared is index.ErrIndex
// before any request; without an equality on its whole hash key it is scanned
// (rule C4).
func (q Query[T]) Index(name string) Query[T] { return Query[T]{q.repo, q.spec.OnIndex(name)} }

// Project asks for these attributes only, by name; the keys of the table and
// of the index read come too, so that cursors stay exact. Other fields of the
// items are zero. A count and a change of what is found refuse it as ErrInvalid.
func (q Query[T]) Project(attrs ...string) Query[T] {
	return Query[T]{q.repo, q.spec.Project(attrs)}
}

// Partial takes the items of a global index as it has them: fields that it does
// not project are zero, and must not be taken for what is stored. Without it, a
// query of an index that lacks a field of T is index.ErrPlan before any request,
// unless it says [Query.Project] or [Query.Hydrate] (rule O9).
func (q Query[T]) Partial() Query[T] { return Query[T]{q.repo, q.spec.Partially()} }

// Consistent asks for strongly consistent reads, at twice the capacity. A
// global index has none: naming one is index.ErrPlan before any request
// (rule C7), and conditions choose none.
func (q Query[T]) Consistent() Query[T] { return Query[T]{q.repo, q.spec.Consistently()} }

// Ascending reads in the order of the sort key, which is the default. The last
// call of Ascending and Descending wins; a scan has no order.
func (q Query[T]) Ascending() Query[T] { return Query[T]{q.repo, q.spec.Ordered(false)} }

// Descending reads against the order of the sort key. A scan, which has no order,
// refuses it as ErrInvalid.
func (q Query[T]) Descending() Query[T] { return Query[T]{q.repo, q.spec.Ordered(true)} }

// RecordLimit bounds how many items are returned, n of 1 or more (rules A1,
// A2).
func (q Query[T]) RecordLimit(n int) Query[T] { return Query[T]{q.repo, q.spec.RecordLimit(n)} }

// ScanLimit bounds how many items are evaluated, before the filter, n of 1 or
// more (rules A1, A2).
func (q Query[T]) ScanLimit(n int) Query[T] { return Query[T]{q.repo, q.spec.ScanLimit(n)} }

// BatchSize bounds how many items one request evaluates, n of 1 or more. The
// default is as many as fit a page of 1 MB or the limits need; with a filter
// and a record limit the size adapts (rule A5).
func (q Query[T]) BatchSize(n int) Query[T] { return Query[T]{q.repo, q.spec.BatchSize(n)} }

var errZeroQuery = errors.New("the zero Query asks nothing: a repository makes queries")

// of is the query apart from T.
func (q Query[T]) of() query.Query {
	if q.repo == nil || q.repo.table == nil {
		return query.Query{Zero: &Error{Op: "Query", Table: noRepository, Err: fault.Because(ErrInvalid, errZeroQuery)}}
	}
	return query.Query{Conn: q.repo.db.conn, Table: q.repo.table, Type: reflect.TypeFor[T](), Spec: q.spec}
}

// Prefetch reads up to n pages ahead of the loop, n of 1 or more, in a
// goroutine that has ended when the loop has, however it ends. Requests stay
// the same; when the loop is left, up to n more pages than it saw were read.
func (q Query[T]) Prefetch(n int) Query[T] { return Query[T]{q.repo, q.spec.Ahead(n)} }

// Segments scans in n segments at once, n of 1 or more: one sequence of the
// items of all, in no order, with one page of each segment read ahead. Limits
// hold for all segments together. The goroutines have ended when the loop has.
// The cursor of a page, and of [Query.Resume], holds the place of every segment;
// it resumes a scan of as many segments. A Query, which has no segments, is refused
// as [ErrInvalid].
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html#Scan.ParallelScan
func (q Query[T]) Segments(n int) Query[T] { return Query[T]{q.repo, q.spec.Parallel(n)} }

// Segment scans segment i of n alone, 0 <= i < n: a part of the table, or of the
// index, that no other segment reads. So the processes of a fleet, or the tasks of
// a map, share one scan, each with limits and cursors of its own. A cursor serves
// its own segment of as many alone. Of [Query.Segments], which reads all of them,
// and Segment only one can be said; a Query has neither, which is [ErrInvalid].
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
func (q Query[T]) Segment(i, n int) Query[T] { return Query[T]{q.repo, q.spec.Part(i, n)} }

// Hydrate reads the items of a query by key, as a whole: for an index that
// projects them in part (rule C3). Each page costs BatchGetItem requests of at
// most 100 keys more, several at once; the order is kept. An item that is gone
// by then is left out and counted in Stats.Gone; one that is left unprocessed
// ends the query with [ErrUnprocessed].
func (q Query[T]) Hydrate() Query[T] { return Query[T]{q.repo, q.spec.Hydrated()} }

// Rate holds the query to so many read capacity units a second, by what
// DynamoDB reports that each page consumed; more than 0. A page that costs more
// than a second's units is waited for afterwards.
func (q Query[T]) Rate(unitsPerSecond float64) Query[T] {
	return Query[T]{q.repo, q.spec.Rated(unitsPerSecond)}
}
