package repo

import (
	"context"

	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/key"
)

// A Reader reads items by key with options, as a [Writer] writes them. It is a
// value that can be shared between goroutines.
type Reader[T any] struct {
	repo *Repo[T]
	opts read.Options
}

// Consistent returns a reader whose reads are strongly consistent, at twice the
// capacity; see [Query.Consistent] for queries. Reads are eventually consistent
// otherwise.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
func (r *Repo[T]) Consistent() Reader[T] { return Reader[T]{r, read.Options{Consistent: true}} }

// Get is [Repo.Get] with the reader's options.
func (r Reader[T]) Get(ctx context.Context, k key.Value) (T, error) {
	return r.repo.get(ctx, "Get", k, r.opts)
}

// Load is [Repo.Load] with the reader's options: consistently, it reads what is
// stored now, whatever the identity map holds.
func (r Reader[T]) Load(ctx context.Context, k key.Value) (*T, error) {
	return r.repo.load(ctx, k, r.opts)
}

// Exists is [Repo.Exists] with the reader's options.
func (r Reader[T]) Exists(ctx context.Context, k key.Value) (bool, error) {
	return r.repo.exists(ctx, k, r.opts)
}

// GetMany is [Repo.GetMany] with the reader's options.
func (r Reader[T]) GetMany(ctx context.Context, keys []key.Value) (Many[T], error) {
	return r.repo.getMany(ctx, keys, r.opts)
}
