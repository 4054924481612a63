package peer

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"

	"github.com/dynarepo/dynarepo/bench/internal/model"
)

// A guregu is github.com/guregu/dynamo/v2, used as its README does: models with
// its own tags, which need no wrapper, and All for many items. Items to write
// are given by pointer, which saves it a copy of each.
type guregu[T any] struct {
	db    *dynamo.DB
	table dynamo.Table
}

// NewGuregu returns guregu/dynamo.
func NewGuregu[T any](client *dynamodb.Client) Store[T] {
	db := dynamo.NewFromIface(client)
	return guregu[T]{db: db, table: db.Table(model.Table)}
}

func (s guregu[T]) Get(ctx context.Context, k model.Key) (item T, err error) {
	err = s.table.Get(model.Hash, k.PK).Range(model.Range, dynamo.Equal, k.SK).One(ctx, &item)
	return item, err
}

func (s guregu[T]) Put(ctx context.Context, item *T) error { return s.table.Put(item).Run(ctx) }

func (s guregu[T]) Query(ctx context.Context, pk string) (items []T, err error) {
	err = s.table.Get(model.Hash, pk).All(ctx, &items)
	return items, err
}

func (s guregu[T]) All(ctx context.Context, pk string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var item T
		pages := s.table.Get(model.Hash, pk).Iter()
		for pages.Next(ctx, &item) {
			if !yield(item, nil) {
				return
			}
			var zero T
			item = zero
		}
		if err := pages.Err(); err != nil {
			yield(item, err)
		}
	}
}

func (s guregu[T]) Scan(ctx context.Context) (items []T, err error) {
	err = s.table.Scan().All(ctx, &items)
	return items, err
}

func (s guregu[T]) BatchGet(ctx context.Context, keys []model.Key) (items []T, err error) {
	keyed := make([]dynamo.Keyed, len(keys))
	for i, k := range keys {
		keyed[i] = dynamo.Keys{k.PK, k.SK}
	}
	err = s.table.Batch(model.Hash, model.Range).Get(keyed...).All(ctx, &items)
	return items, err
}

func (s guregu[T]) BatchWrite(ctx context.Context, items []T) error {
	puts := make([]any, len(items))
	for i := range items {
		puts[i] = &items[i]
	}
	_, err := s.table.Batch(model.Hash, model.Range).Write().Put(puts...).Run(ctx)
	return err
}

func (s guregu[T]) Update(ctx context.Context, k model.Key, score float64) (item T, err error) {
	err = s.table.Update(model.Hash, k.PK).Range(model.Range, k.SK).
		Set(model.Score, score).If("attribute_exists(pk)").Value(ctx, &item)
	return item, err
}

func (s guregu[T]) Transact(ctx context.Context, items []T) error {
	tx := s.db.WriteTx()
	for i := range items {
		tx.Put(s.table.Put(&items[i]))
	}
	return tx.Run(ctx)
}
