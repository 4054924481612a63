// Package peer does the same work in several ways: by the bare SDK, the SDK
// with attributevalue, decoding written by hand, guregu/dynamo, and dynarepo.
package peer

import (
	"context"
	"iter"

	"github.com/dynarepo/dynarepo/bench/internal/model"
)

// The names of the ways.
const (
	SDK            = "sdk"
	AttributeValue = "sdk+attributevalue"
	Hand           = "hand"
	Guregu         = "guregu"
	Dynarepo       = "dynarepo"
	Standard       = "standard" // dynarepo without its fast path
)

// A Store does the work in one way. What goes in and comes out is an R, which
// is what the way makes of an item.
type Store[R any] interface {
	// Get returns the item with the key.
	Get(ctx context.Context, k model.Key) (R, error)
	// Put stores an item.
	Put(ctx context.Context, item *R) error
	// Query returns all items of a partition.
	Query(ctx context.Context, pk string) ([]R, error)
	// All returns the items of a partition one by one, page after page.
	All(ctx context.Context, pk string) iter.Seq2[R, error]
	// Scan returns all items.
	Scan(ctx context.Context) ([]R, error)
	// BatchGet returns the items with the keys, 100 at most.
	BatchGet(ctx context.Context, keys []model.Key) ([]R, error)
	// BatchWrite stores the items, 25 at most.
	BatchWrite(ctx context.Context, items []R) error
	// Update sets the score of an item that must be there, and returns the item.
	Update(ctx context.Context, k model.Key, score float64) (R, error)
	// Transact stores all items or none, 100 at most.
	Transact(ctx context.Context, items []R) error
}
