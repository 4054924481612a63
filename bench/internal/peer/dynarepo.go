package peer

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/bench/internal/model"
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

type dynarepo[T any] struct {
	db    *repo.DB
	items *repo.Repo[T]
	score cond.Attr[T, float64]
}

// NewDynarepo returns dynarepo.
func NewDynarepo[T any](client *dynamodb.Client, m *model.Model[T]) (Store[T], error) {
	return newDynarepo(client, m, nil)
}

// NewStandard returns dynarepo with the fast path switched off.
func NewStandard[T any](client *dynamodb.Client, m *model.Model[T]) (Store[T], error) {
	return newDynarepo(client, m, &repo.Config{StandardCodec: true})
}

func newDynarepo[T any](client *dynamodb.Client, m *model.Model[T], cfg *repo.Config) (Store[T], error) {
	items, err := NewRepo[T](client, cfg)
	if err != nil {
		return nil, err
	}
	return dynarepo[T]{db: items.DB(), items: items, score: cond.Field(m.Score)}, nil
}

// NewRepo returns the repository of a model's type.
func NewRepo[T any](client *dynamodb.Client, cfg *repo.Config) (*repo.Repo[T], error) {
	db, err := repo.NewDB(client, cfg)
	if err != nil {
		return nil, err
	}
	return repo.New[T](db, repo.Spec{
		Table: model.Table,
		Key:   key.Spec{Hash: key.String(model.Hash), Range: key.String(model.Range)},
	})
}

func (s dynarepo[T]) Get(ctx context.Context, k model.Key) (T, error) {
	return s.items.Get(ctx, key.Of(k.PK).Range(k.SK))
}

func (s dynarepo[T]) Put(ctx context.Context, item *T) error { return s.items.Put(ctx, item) }

func (s dynarepo[T]) Query(ctx context.Context, pk string) ([]T, error) {
	return s.items.Query(key.Of(pk)).Collect(ctx)
}

func (s dynarepo[T]) All(ctx context.Context, pk string) iter.Seq2[T, error] {
	return s.items.Query(key.Of(pk)).All(ctx)
}

func (s dynarepo[T]) Scan(ctx context.Context) ([]T, error) { return s.items.Scan().Collect(ctx) }

func (s dynarepo[T]) BatchGet(ctx context.Context, keys []model.Key) ([]T, error) {
	values := make([]key.Value, len(keys))
	for i, k := range keys {
		values[i] = key.Of(k.PK).Range(k.SK)
	}
	many, err := s.items.GetMany(ctx, values)
	return many.Items, err
}

func (s dynarepo[T]) BatchWrite(ctx context.Context, items []T) error {
	return s.db.Batch(ctx, s.puts(items)...)
}

func (s dynarepo[T]) Update(ctx context.Context, k model.Key, score float64) (T, error) {
	return s.items.Update(ctx, key.Of(k.PK).Range(k.SK), s.score.Set(score))
}

func (s dynarepo[T]) Transact(ctx context.Context, items []T) error {
	return s.db.Transact(ctx, s.puts(items)...)
}

func (s dynarepo[T]) puts(items []T) []repo.Op {
	ops := make([]repo.Op, len(items))
	for i := range items {
		ops[i] = s.items.Ops().Put(&items[i])
	}
	return ops
}
