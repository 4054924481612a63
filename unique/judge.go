package unique

import (
	"context"
	"errors"
	"maps"
	"slices"

	dyniter "github.com/dynarepo/dynarepo/iter"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/internal/write"
	"github.com/dynarepo/dynarepo/repo"
)

// read reads the items with the keys and returns those that there are, by the
// ids of their keys.
func (w *walk) read(ctx context.Context, keys map[string]values.Item) (map[string]values.Item, error) {
	chunks := slices.Collect(slices.Chunk(slices.Collect(maps.Values(keys)), read.MaxKeys))
	answers, errs := make([][]values.Item, len(chunks)), make([]error, len(chunks))
	w.conn.Each(len(chunks), func(i int) {
		left := chunks[i]
		errs[i] = w.conn.Persist(ctx, len(left), func() (int, error) {
			err := w.paced(ctx, func(ctx context.Context) (float64, error) {
				in, err := read.BatchInput(w.table, left, read.Options{Consistent: true})
				if err != nil {
					return 0, err
				}
				out, err := w.conn.BatchGetItem(ctx, in)
				if err != nil {
					return 0, err
				}
				answers[i] = append(answers[i], out.Responses[w.table.Name]...)
				left = out.UnprocessedKeys[w.table.Name].Keys
				return send.Cost(out.ResultMetadata, out.ConsumedCapacity...).Consumed, nil
			})
			return len(left), err
		})
	})
	found := make(map[string]values.Item, len(keys))
	for _, m := range slices.Concat(answers...) {
		found[w.table.Keys.ID(m)] = m
	}
	return found, errors.Join(errs...)
}

// judge looks at all that a suspect is about as it stands at one moment, and
// returns the fault, mended if it is to be; nil if there is none.
func (w *walk) judge(ctx context.Context, s suspect) (*Fault, error) {
	for n := 1; ; n++ {
		seen, err := w.snapshot(ctx, s)
		if err == nil {
			if owner := w.table.Keys.OwnerKey(seen.marker); !w.table.Keys.Same(owner, s.owner) {
				if s.owner = owner; owner != nil && n < write.MaxRounds {
					continue // it was not looked at
				}
			}
			found := w.fault(s, seen)
			if found == nil || !w.repair || found.Kind == Duplicate {
				return found, nil
			}
			if err = w.mend(ctx, s, seen, found.Kind); err == nil {
				found.Repaired = true
				return found, nil
			}
		}
		switch {
		case !write.Raced(err):
			return nil, err
		case n >= write.MaxRounds:
			return nil, fault.Because(repo.ErrConflict, err)
		}
		if err := send.Backoff(ctx, n); err != nil {
			return nil, err
		}
	}
}

// A sight is what a suspect is about, as it stood at one moment; nil what was
// not there.
type sight struct{ marker, item, owner values.Item }

// snapshot reads all that a suspect is about in one TransactGetItems.
func (w *walk) snapshot(ctx context.Context, s suspect) (seen sight, err error) {
	in := &dynamodb.TransactGetItemsInput{ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	into := []*values.Item{&seen.marker}
	keys := []values.Item{w.table.Keys.MarkerKey(s.marker)}
	if s.item != nil {
		keys, into = append(keys, s.item), append(into, &seen.item)
	}
	if s.owner != nil && !w.table.Keys.Same(s.owner, s.item) {
		keys, into = append(keys, s.owner), append(into, &seen.owner)
	}
	for _, key := range keys {
		in.TransactItems = append(in.TransactItems, types.TransactGetItem{Get: &types.Get{TableName: &w.table.Name, Key: key}})
	}
	err = w.paced(ctx, func(ctx context.Context) (float64, error) {
		out, err := w.conn.TransactGetItems(ctx, in)
		if err != nil {
			return 0, err
		}
		for i := range min(len(into), len(out.Responses)) {
			*into[i] = out.Responses[i].Item
		}
		return send.Cost(out.ResultMetadata, out.ConsumedCapacity...).Consumed, nil
	})
	return seen, err
}

// fault tells what is wrong with what was seen; nil for nothing. A marker that
// is met beside an item is judged when it is met itself.
func (w *walk) fault(s suspect, seen sight) *Fault {
	f := &Fault{Name: s.unique.Name, Attrs: slices.Clone(s.unique.Attrs), Item: s.item, Owner: s.owner}
	held := len(seen.owner) > 0 && w.has(seen.owner, s)
	switch {
	case s.item == nil && (len(seen.marker) == 0 || held):
		return nil
	case s.item == nil:
		f.Kind = Orphaned
	case len(seen.item) == 0 || w.model(seen.item) == nil || !w.has(seen.item, s) || w.table.Keys.Same(s.owner, s.item):
		return nil
	case held:
		f.Kind = Duplicate
	default:
		f.Kind = Missing
	}
	return f
}

// mend puts or deletes a marker, if all that was seen is still so.
func (w *walk) mend(ctx context.Context, s suspect, seen sight, kind Kind) error {
	m := write.Mending{
		Unique: s.unique, Marker: s.marker, Put: kind == Missing, Seen: seen.marker,
		Item: write.Sight{Key: s.item, Seen: seen.item}, Owner: write.Sight{Key: s.owner, Seen: seen.owner},
	}
	if err := w.rate.Wait(ctx); err != nil {
		return err
	}
	var spent dyniter.Meter
	err := m.Send(send.WithMeter(ctx, &spent), w.conn, w.table)
	w.rate.Spent(spent.Stats().Consumed)
	send.MeterOf(ctx).Add(spent.Stats())
	return err
}
