package repo

import (
	"context"

	"github.com/dynarepo/dynarepo/internal/send"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A Request is what [Config.Observe] is told of a request, all its attempts
// together. What is not of Input or Output is names and numbers, and no item data.
type Request struct {
	Operation string   // DynamoDB's, such as "GetItem"
	Tables    []string // with the namespace, in order
	Size      int      // items of a batch or a transaction; 0 of other requests
	Input     any      // the SDK's; items and keys may be placeholders in it. It must not be changed

	// What follows is set when the request has ended.

	Output any           // the SDK's, perhaps without items, with its metadata; nil beside an error
	Stats  dyniter.Stats // of this request alone: retries, what a page evaluated and returned, what it consumed
	Err    error         // nil if it succeeded; its text holds no item data, as that of an [Error]
}

func (c *Config) observe() send.Observe {
	if c.Observe == nil {
		return nil
	}
	observe := c.Observe
	return func(ctx context.Context, r *send.Request) (context.Context, func()) {
		return observe(ctx, (*Request)(r))
	}
}
