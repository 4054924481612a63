package unique

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/query"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/repo"
)

// Options say how [Check] goes about it. The zero value reads
// alone.
type Options struct {
	Repair    bool           // mend what can be mended
	From      dyniter.Cursor // where to go on; zero for the beginning
	BatchSize int            // items that a Scan evaluates; 0 for repo.Config.BatchSize
	Rate      float64        // capacity units a second, of reads and repairs; 0 for no limit
}

// A Kind is how a value and its marker disagree.
type Kind string

// The kinds of faults.
const (
	// Missing: an item has the value, and there is no marker of it, or that
	// of an item that has the value no more. Mended by a marker.
	Missing Kind = "missing"
	// Orphaned: the marker's item is gone or has the value no more. Mended by
	// deleting the marker.
	Orphaned Kind = "orphaned"
	// Duplicate: two items have the value, and the marker is the other's.
	// Which of them is to have it is for the caller to say, by changing one.
	Duplicate Kind = "duplicate"
)

// A Fault is a unique value that is not kept: it can be taken twice, or
// can't be taken though nothing has it.
type Fault struct {
	Kind     Kind
	Name     string                          // of the constraint
	Attrs    []string                        // whose values they are
	Item     map[string]types.AttributeValue // key of the item that has the value; nil if it is orphaned
	Owner    map[string]types.AttributeValue // key of the item that the marker is of; nil if there is no marker, or it names none
	Repaired bool
}

// Check compares the unique values of all items with their markers and
// returns what disagrees, a page for each Scan request (rule F8): for a table
// that had items before the constraint was declared, or that was written past
// the repository. Run it with Repair once every writer knows the constraint; a
// second run then finds nothing but duplicates.
//
// It reads the table as a consistent Scan, and beside it each marker and each
// marker's item in BatchGetItem requests of 100. What seems to disagree is read
// again with TransactGetItems, as it stood at one moment, so that no write that
// goes on meanwhile is taken for a fault. A repair is a TransactWriteItems on
// the condition that items and marker are as they were seen. Both are sent
// several at once (repo.Config.Concurrency), and up to 10 times while others write
// the same; then the error is repo.ErrConflict.
//
// Where markers are missing, of two items with one value the first gets a marker
// and the other is a duplicate; without Repair both are missing. A marker that is
// another item's is told at the item that has the value, and as orphaned at the
// marker. Items are told from those of other models by the literals of the
// table's key and by kind: a model that has neither takes all items of its table
// for its own. Markers of constraints that the model does not declare are left.
//
// A page has the faults in the order of the scan, the cursor behind it, how many
// items and markers it evaluated, and the read capacity units it took. The error
// is in the last pair: a model without constraints and a cursor of another table
// are repo.ErrInvalid before any request. What was repaired before it stays so.
func Check[T any](ctx context.Context, r *repo.Repo[T], how Options) iter.Seq2[dyniter.Page[Fault], error] {
	conn, table := r.Engine(door.Key{})
	return func(yield func(dyniter.Page[Fault], error) bool) {
		if table == nil {
			yield(dyniter.Page[Fault]{}, fault.Because(repo.ErrInvalid, errNoRepo))
			return
		}
		spec := query.OfScan().Consistently().GoOn(how.From)
		if how.BatchSize != 0 {
			spec = spec.BatchSize(how.BatchSize)
		}
		if how.Rate != 0 {
			spec = spec.Rated(how.Rate)
		}
		w, err := newWalk(query.Query{Conn: conn, Table: table, Spec: spec}, how)
		for err == nil && !w.scan.Done() {
			var page dyniter.Page[Fault]
			if page, err = w.page(ctx); err == nil && !yield(page, nil) {
				return
			}
		}
		if err != nil {
			yield(dyniter.Page[Fault]{}, table.Fail("CheckUnique", "", nil, err))
		}
	}
}
