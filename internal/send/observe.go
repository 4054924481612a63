package send

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/wire"
	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A Request is what an observer is told of a request; package repo tells.
type Request struct {
	Operation string
	Tables    []string
	Size      int
	Input     any

	Output any
	Stats  dyniter.Stats
	Err    error
}

// An Observe is called before a request is sent, and what it returns when it has
// ended; either may be nil.
type Observe func(ctx context.Context, r *Request) (context.Context, func())

// begin tells the observer of a request, and returns the context that it goes out
// under and what tells of its end.
func (t *told) begin(ctx context.Context, r *Request) (context.Context, func()) {
	if t.observe == nil {
		return ctx, func() {}
	}
	under, end := t.observe(ctx, r)
	if under == nil {
		under = ctx
	}
	if end == nil {
		end = func() {}
	}
	return under, end
}

// count sets the size of a batch whose items are written into the body past the
// input.
func (r *Request) count(opts []func(*dynamodb.Options)) {
	if r.Size == 0 {
		return
	}
	if carried, _ := wire.CargoOf(opts); carried.Body != nil {
		r.Size = max(r.Size, carried.Body.Len())
	}
}

// An unquotedError is an error whose text quotes nothing of an item.
type unquotedError struct{ error }

// Error is the text without what quotes.
func (e unquotedError) Error() string { return fault.Text(e.error) }

// Unwrap returns the error as it is.
func (e unquotedError) Unwrap() error { return e.error }

func unquoted(err error) error {
	if err == nil {
		return nil
	}
	return unquotedError{err}
}
