package repo

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A UniqueCheck says how [Repo.CheckUnique] goes about it. The zero value reads
// alone.
type UniqueCheck struct {
	Repair    bool           // mend what can be mended
	From      dyniter.Cursor // where to go on; zero for the beginning
	BatchSize int            // items that a Scan evaluates; 0 for Config.BatchSize
	Rate      float64        // capacity units a second, of reads and repairs; 0 for no limit
}

// A UniqueFaultKind is how a value and its marker disagree.
type UniqueFaultKind string

// The kinds of faults.
const (
	// UniqueMissing: an item has the value, and there is no marker of it, or that
	// of an item that has the value no more. Mended by a marker.
	UniqueMissing UniqueFaultKind = "missing"
	// UniqueOrphaned: the marker's item is gone or has the value no more. Mended by
	// deleting the marker.
	UniqueOrphaned UniqueFaultKind = "orphaned"
	// UniqueDuplicate: two items have the value, and the marker is the other's.
	// Which of them is to have it is for the caller to say, by changing one.
	UniqueDuplicate UniqueFaultKind = "duplicate"
)

// A UniqueFault is a unique value that is not kept: it can be taken twice, or
// can't be taken though nothing has it.
type UniqueFault struct {
	Kind     UniqueFaultKind
	Name     string                          // of the constraint
	Attrs    []string                        // whose values they are
	Item     map[string]types.AttributeValue // key of the item that has the value; nil if it is orphaned
	Owner    map[string]types.AttributeValue // key of the item that the marker is of; nil if there is no marker, or it names none
	Repaired bool
}

// CheckUnique compares the unique values of all items with their markers and
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
// several at once (Config.Concurrency), and up to 10 times while others write
// the same; then the error is [ErrConflict].
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
// are [ErrInvalid] before any request. What was repaired before it stays so.
func (r *Repo[T]) CheckUnique(ctx context.Context, how UniqueCheck) iter.Seq2[dyniter.Page[UniqueFault], error] {
	q := r.Scan().Consistent().From(how.From)
	if how.BatchSize != 0 {
		q = q.BatchSize(how.BatchSize)
	}
	if how.Rate != 0 {
		q = q.Rate(how.Rate)
	}
	return func(yield func(dyniter.Page[UniqueFault], error) bool) {
		p, places, err := q.begin()
		if err != nil {
			yield(dyniter.Page[UniqueFault]{}, err)
			return
		}
		c, err := newUniqueWalk(r.db, p, how.Repair)
		for at := places[0]; err == nil && !at.Done; {
			var page dyniter.Page[UniqueFault]
			if page, at, err = c.page(ctx, at); err == nil && !yield(page, nil) {
				return
			}
		}
		if err != nil {
			yield(dyniter.Page[UniqueFault]{}, r.schema.fail("CheckUnique", "", nil, err))
		}
	}
}

// A uniqueWalk compares items and markers.
type uniqueWalk struct {
	db     *DB
	schema *schema
	p      *prepared // the scan, of all attributes and without a filter
	repair bool
	rate   *dyniter.Rate
	size   int
	models []uniqueModel

	mu       sync.Mutex
	consumed float64 // read capacity units of the page
}

// A uniqueModel is the constraints of one type of items, and what tells these.
type uniqueModel struct {
	uniques []unique
	signs   []sign
}

func newUniqueWalk(db *DB, p *prepared, repair bool) (*uniqueWalk, error) {
	s := p.schema
	raw := *p
	raw.expr, raw.attrs = expression.Expression{}, nil
	c := &uniqueWalk{
		db: db, schema: s, p: &raw, repair: repair, rate: dyniter.NewRate(p.spec.rate),
		size: cmp.Or(p.spec.limits.Batch, db.cfg.BatchSize),
	}
	cases := s.order
	if s.cases == nil {
		cases = []*schema{s}
	}
	names := s.identity()
	for _, own := range cases {
		c.models = append(c.models, uniqueModel{own.uniques, own.signs(names)})
	}
	if !slices.ContainsFunc(c.models, func(m uniqueModel) bool { return len(m.uniques) > 0 }) {
		return nil, because(ErrInvalid, errors.New("the model has no unique fields"))
	}
	return c, nil
}

// A suspect is a marker that may be missing, orphaned, or another item's.
type suspect struct {
	unique *unique
	marker string
	item   item // key of the item with the value; nil if the marker itself was met
	owner  item // key of the item that the marker is of
}

// page scans once and tells what disagrees.
func (c *uniqueWalk) page(ctx context.Context, at dyniter.Place) (page dyniter.Page[UniqueFault], end dyniter.Place, err error) {
	c.consumed = 0
	var a answer
	err = c.paced(ctx, func() (float64, error) {
		a, err = c.p.fetch(ctx, c.db.client, pageRequest{limit: c.size, start: startKey(at)}, nil)
		return a.cost.Consumed, err
	})
	if err != nil {
		return page, at, err
	}
	suspects, err := c.suspects(ctx, a.items)
	if err != nil {
		return page, at, err
	}
	faults, errs := make([]*UniqueFault, len(suspects)), make([]error, len(suspects))
	c.db.each(len(suspects), func(i int) { faults[i], errs[i] = c.judge(ctx, suspects[i]) })
	if err := errors.Join(errs...); err != nil {
		return page, at, err
	}
	for _, f := range faults {
		if f != nil {
			page.Items = append(page.Items, *f)
		}
	}
	end = c.p.end(a.last)
	if !end.Done {
		page.Cursor = c.p.cursor(c.db, []dyniter.Place{end})
	}
	page.Evaluated, page.Consumed = a.evaluated, c.consumed
	return page, end, nil
}

// suspects reads the other side of every value and marker of a page, and
// returns those that do not agree with it.
func (c *uniqueWalk) suspects(ctx context.Context, items []item) ([]suspect, error) {
	var all, left []suspect
	other := map[string]item{} // keys of the other sides
	want := func(key item) { other[c.schema.keyID(key)] = key }
	for _, m := range items {
		marker, isMarker := c.schema.markerOf(m)
		switch model := c.model(m); {
		case isMarker:
			if u := c.unique(marker); u != nil {
				s := suspect{unique: u, marker: marker, owner: c.schema.ownerKey(m)}
				if all = append(all, s); s.owner != nil {
					want(s.owner)
				}
			}
		case model != nil:
			for i := range model.uniques {
				u := &model.uniques[i]
				if marker := u.marker(m); marker != "" {
					all = append(all, suspect{unique: u, marker: marker, item: startKey(c.p.place(m))})
					want(c.schema.markerKey(marker))
				}
			}
		}
	}
	found, err := c.read(ctx, other)
	for _, s := range all {
		if s.item == nil {
			if s.owner == nil || !c.has(found[c.schema.keyID(s.owner)], s) {
				left = append(left, s)
			}
			continue
		}
		s.owner = c.schema.ownerKey(found[c.schema.keyID(c.schema.markerKey(s.marker))])
		if !c.schema.same(s.owner, s.item) {
			left = append(left, s)
		}
	}
	return left, err
}

// model returns the model that a stored item is of; nil if it is none of ours.
func (c *uniqueWalk) model(stored item) *uniqueModel {
	names := c.schema.identity()
	for i := range c.models {
		foreign := func(one sign) bool { return !one.fits(scalarOf(stored[names[one.at]])) }
		if m := &c.models[i]; !slices.ContainsFunc(m.signs, foreign) {
			return m
		}
	}
	return nil
}

// unique returns the constraint that a marker is of; nil if it is none of ours.
func (c *uniqueWalk) unique(marker string) *unique {
	for _, m := range c.models {
		for i := range m.uniques {
			if m.uniques[i].marks(marker) {
				return &m.uniques[i]
			}
		}
	}
	return nil
}

// has reports whether a stored item has the value of a marker. An item of
// another model is taken to have what its markers say.
func (c *uniqueWalk) has(stored item, s suspect) bool {
	if stored == nil {
		return false
	}
	m := c.model(stored)
	return m == nil || slices.ContainsFunc(m.uniques, func(u unique) bool { return u.name == s.unique.name && u.marker(stored) == s.marker })
}

// paced sends a request that tells what it took, when the rate lets it.
func (c *uniqueWalk) paced(ctx context.Context, send func() (units float64, err error)) error {
	if err := c.rate.Wait(ctx); err != nil {
		return err
	}
	units, err := send()
	c.rate.Spent(units)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.consumed += units
	return err
}
