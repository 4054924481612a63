package unique

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/query"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/repo"
)

var (
	errNoRepo   = errors.New("want a repository")
	errNoUnique = errors.New("the model has no unique fields")
)

// A walk compares items and markers.
type walk struct {
	conn   *send.Conn
	table  *model.Table
	scan   *query.Walk
	repair bool
	rate   *send.Rate
	models []kind

	mu       sync.Mutex
	consumed float64 // read capacity units of the page
}

// A kind is the constraints of one type of items, and what tells these.
type kind struct {
	uniques []model.Unique
	signs   model.Signs
}

func newWalk(q query.Query, how Options) (*walk, error) {
	scan, err := q.Walk()
	if err != nil {
		return nil, err
	}
	w := &walk{conn: q.Conn, table: q.Table, scan: scan, repair: how.Repair, rate: send.NewRate(how.Rate)}
	for _, own := range q.Table.Items() {
		w.models = append(w.models, kind{own.Uniques.List, own.SignsIn(q.Table)})
	}
	if !slices.ContainsFunc(w.models, func(m kind) bool { return len(m.uniques) > 0 }) {
		return nil, fault.Because(repo.ErrInvalid, errNoUnique)
	}
	return w, nil
}

// A suspect is a marker that may be missing, orphaned, or another item's.
type suspect struct {
	unique *model.Unique
	marker string
	item   values.Item // key of the item with the value; nil if the marker itself was met
	owner  values.Item // key of the item that the marker is of
}

// page scans once and tells what disagrees.
func (w *walk) page(ctx context.Context) (page dyniter.Page[Fault], err error) {
	w.consumed = 0
	var scanned query.WalkPage
	err = w.paced(ctx, func(ctx context.Context) (float64, error) {
		scanned, err = w.scan.Page(ctx)
		return scanned.Consumed, err
	})
	if err != nil {
		return page, err
	}
	suspects, err := w.suspects(ctx, scanned.Items)
	if err != nil {
		return page, err
	}
	faults, errs := make([]*Fault, len(suspects)), make([]error, len(suspects))
	w.conn.Each(len(suspects), func(i int) { faults[i], errs[i] = w.judge(ctx, suspects[i]) })
	if err := errors.Join(errs...); err != nil {
		return page, err
	}
	for _, f := range faults {
		if f != nil {
			page.Items = append(page.Items, *f)
		}
	}
	page.Cursor = w.scan.Advance(scanned)
	page.Evaluated, page.Consumed = scanned.Evaluated, w.consumed
	return page, nil
}

// suspects reads the other side of every value and marker of a page, and
// returns those that do not agree with it.
func (w *walk) suspects(ctx context.Context, items []values.Item) ([]suspect, error) {
	var all, left []suspect
	other := map[string]values.Item{} // keys of the other sides
	want := func(key values.Item) { other[w.table.Keys.ID(key)] = key }
	for _, m := range items {
		marker, isMarker := w.table.Keys.MarkerOf(m)
		switch own := w.model(m); {
		case isMarker:
			if u := w.unique(marker); u != nil {
				s := suspect{unique: u, marker: marker, owner: w.table.Keys.OwnerKey(m)}
				if all = append(all, s); s.owner != nil {
					want(s.owner)
				}
			}
		case own != nil:
			for i := range own.uniques {
				u := &own.uniques[i]
				if marker := u.Marker(m); marker != "" {
					all = append(all, suspect{unique: u, marker: marker, item: w.scan.KeyOf(m)})
					want(w.table.Keys.MarkerKey(marker))
				}
			}
		}
	}
	found, err := w.read(ctx, other)
	for _, s := range all {
		if s.item == nil {
			if s.owner == nil || !w.has(found[w.table.Keys.ID(s.owner)], s) {
				left = append(left, s)
			}
			continue
		}
		s.owner = w.table.Keys.OwnerKey(found[w.table.Keys.ID(w.table.Keys.MarkerKey(s.marker))])
		if !w.table.Keys.Same(s.owner, s.item) {
			left = append(left, s)
		}
	}
	return left, err
}

// model returns the kind that a stored item is of; nil if it is none of ours.
func (w *walk) model(stored values.Item) *kind {
	for i := range w.models {
		if m := &w.models[i]; m.signs.Fit(stored) {
			return m
		}
	}
	return nil
}

// unique returns the constraint that a marker is of; nil if it is none of ours.
func (w *walk) unique(marker string) *model.Unique {
	for _, m := range w.models {
		for i := range m.uniques {
			if m.uniques[i].Marks(marker) {
				return &m.uniques[i]
			}
		}
	}
	return nil
}

// has reports whether a stored values.Item has the value of a marker. An item of
// another model is taken to have what its markers say.
func (w *walk) has(stored values.Item, s suspect) bool {
	if stored == nil {
		return false
	}
	m := w.model(stored)
	return m == nil || slices.ContainsFunc(m.uniques, func(u model.Unique) bool { return u.Name == s.unique.Name && u.Marker(stored) == s.marker })
}

// paced sends a request that tells what it took, when the rate lets it.
func (w *walk) paced(ctx context.Context, do func(ctx context.Context) (units float64, err error)) error {
	if err := w.rate.Wait(ctx); err != nil {
		return err
	}
	units, err := do(ctx)
	w.rate.Spent(units)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.consumed += units
	return err
}
