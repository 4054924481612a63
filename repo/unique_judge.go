package repo

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
)

// read reads the items with the keys and returns those that there are, by the
// ids of their keys.
func (c *uniqueWalk) read(ctx context.Context, keys map[string]item) (map[string]item, error) {
	chunks := slices.Collect(slices.Chunk(slices.Collect(maps.Values(keys)), maxBatchGet))
	answers, errs := make([][]item, len(chunks)), make([]error, len(chunks))
	c.db.each(len(chunks), func(i int) {
		left := chunks[i]
		errs[i] = persist(ctx, c.db.cfg.BatchAttempts, len(left), func() (int, error) {
			err := c.paced(ctx, func() (float64, error) {
				in, err := c.schema.batchGetInput(left, getOptions{consistent: true})
				if err != nil {
					return 0, err
				}
				out, err := c.db.client.BatchGetItem(ctx, in)
				if err != nil {
					return 0, err
				}
				answers[i] = append(answers[i], out.Responses[c.schema.table]...)
				left = out.UnprocessedKeys[c.schema.table].Keys
				return cost(out.ResultMetadata, out.ConsumedCapacity...).Consumed, nil
			})
			return len(left), err
		})
	})
	found := make(map[string]item, len(keys))
	for _, m := range slices.Concat(answers...) {
		found[c.schema.keyID(m)] = m
	}
	return found, errors.Join(errs...)
}

// judge looks at all that a suspect is about as it stands at one moment, and
// returns the fault, mended if it is to be; nil if there is none.
func (c *uniqueWalk) judge(ctx context.Context, s suspect) (*UniqueFault, error) {
	for n := 1; ; n++ {
		seen, err := c.snapshot(ctx, s)
		if err == nil {
			if owner := c.schema.ownerKey(seen.marker); !c.schema.same(owner, s.owner) {
				if s.owner = owner; owner != nil && n < maxRounds {
					continue // it was not looked at
				}
			}
			fault := c.fault(s, seen)
			if fault == nil || !c.repair || fault.Kind == UniqueDuplicate {
				return fault, nil
			}
			if err = c.mend(ctx, s, seen, fault.Kind); err == nil {
				fault.Repaired = true
				return fault, nil
			}
		}
		switch {
		case !raced(err):
			return nil, err
		case n >= maxRounds:
			return nil, because(ErrConflict, err)
		}
		if err := backoff(ctx, n); err != nil {
			return nil, err
		}
	}
}

// A sight is what a suspect is about, as it stood at one moment; nil what was
// not there.
type sight struct{ marker, item, owner item }

// snapshot reads all that a suspect is about in one TransactGetItems.
func (c *uniqueWalk) snapshot(ctx context.Context, s suspect) (seen sight, err error) {
	in := &dynamodb.TransactGetItemsInput{ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	into := []*item{&seen.marker}
	keys := []item{c.schema.markerKey(s.marker)}
	if s.item != nil {
		keys, into = append(keys, s.item), append(into, &seen.item)
	}
	if s.owner != nil && !c.schema.same(s.owner, s.item) {
		keys, into = append(keys, s.owner), append(into, &seen.owner)
	}
	for _, key := range keys {
		in.TransactItems = append(in.TransactItems, types.TransactGetItem{Get: &types.Get{TableName: &c.schema.table, Key: key}})
	}
	err = c.paced(ctx, func() (float64, error) {
		out, err := c.db.client.TransactGetItems(ctx, in)
		if err != nil {
			return 0, err
		}
		for i := range min(len(into), len(out.Responses)) {
			*into[i] = out.Responses[i].Item
		}
		return cost(out.ResultMetadata, out.ConsumedCapacity...).Consumed, nil
	})
	return seen, err
}

// fault tells what is wrong with what was seen; nil for nothing. A marker that
// is met beside an item is judged when it is met itself.
func (c *uniqueWalk) fault(s suspect, seen sight) *UniqueFault {
	f := &UniqueFault{Name: s.unique.name, Attrs: slices.Clone(s.unique.attrs), Item: s.item, Owner: s.owner}
	held := len(seen.owner) > 0 && c.has(seen.owner, s)
	switch {
	case s.item == nil && (len(seen.marker) == 0 || held):
		return nil
	case s.item == nil:
		f.Kind = UniqueOrphaned
	case len(seen.item) == 0 || c.model(seen.item) == nil || !c.has(seen.item, s) || c.schema.same(s.owner, s.item):
		return nil
	case held:
		f.Kind = UniqueDuplicate
	default:
		f.Kind = UniqueMissing
	}
	return f
}

// mend puts or deletes a marker, if all that was seen is still so.
func (c *uniqueWalk) mend(ctx context.Context, s suspect, seen sight, kind UniqueFaultKind) error {
	b := &bundle{}
	add := func(w *write, attrs []string, seen item) {
		m := &marks{schema: c.schema, attrs: attrs, before: seen}
		w.schema, w.guard, b.writes = c.schema, m.guard(), append(b.writes, w)
		b.add(w, len(b.writes)-1)
	}
	if s.item != nil {
		add(&write{check: true, key: s.item}, s.unique.attrs, seen.item)
	}
	if s.owner != nil {
		add(&write{check: true, key: s.owner}, s.unique.attrs, seen.owner)
	}
	marker := &write{key: c.schema.markerKey(s.marker)}
	if kind == UniqueMissing {
		marker = (&marks{schema: c.schema, owner: s.item}).claim(s.unique, s.marker)
	}
	add(marker, []string{markerOwner}, seen.marker)
	var units float64
	b.writes[0].tally = &units
	if err := c.rate.Wait(ctx); err != nil {
		return err
	}
	defer func() { c.rate.Spent(units) }()
	return b.send(ctx, c.db.client, uuid.NewString())
}

// raced reports whether a transaction failed since others wrote the same.
func raced(err error) bool {
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	return conflicts(err) || ok && !slices.ContainsFunc(canceled.CancellationReasons, func(r types.CancellationReason) bool {
		return !slices.Contains([]string{"", "None", "ConditionalCheckFailed", codeConflict}, aws.ToString(r.Code))
	})
}
