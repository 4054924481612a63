package send

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

// A call is what a context says of the requests that are made under it.
type call struct {
	meter   *dyniter.Meter
	options []func(*dynamodb.Options)
	inputs  []func(input any)
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	if ctx == nil {
		return nil
	}
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// with returns a context whose call is that of ctx, changed.
func with(ctx context.Context, change func(*call)) context.Context {
	var c call
	if outer := callOf(ctx); outer != nil {
		c = *outer
	}
	change(&c)
	return context.WithValue(ctx, callKey{}, &c)
}

// WithMeter returns a context whose requests are measured by m, and by no other;
// nil for none.
func WithMeter(ctx context.Context, m *dyniter.Meter) context.Context {
	return with(ctx, func(c *call) { c.meter = m })
}

// MeterOf returns what measures the requests of a context, or nil.
func MeterOf(ctx context.Context) *dyniter.Meter {
	if c := callOf(ctx); c != nil {
		return c.meter
	}
	return nil
}

// WithOptions returns a context whose requests go out with options of the SDK,
// behind those of contexts outside of it.
func WithOptions(ctx context.Context, opts ...func(*dynamodb.Options)) context.Context {
	return with(ctx, func(c *call) { c.options = append(slices.Clip(c.options), opts...) })
}

// WithInput returns a context in which change sees the input of each request
// before it is sent.
func WithInput(ctx context.Context, change func(input any)) context.Context {
	return with(ctx, func(c *call) { c.inputs = append(slices.Clip(c.inputs), change) })
}

// apply shows the input to those who want to change it, and returns the options
// that the request goes out with. One that is told of is asked what it consumes.
func (c *call) apply(in any, opts []func(*dynamodb.Options), tells bool) []func(*dynamodb.Options) {
	if tells {
		ask(in)
	}
	if c == nil {
		return opts
	}
	for _, change := range c.inputs {
		change(in)
	}
	if len(c.options) == 0 {
		return opts
	}
	return slices.Concat(opts, c.options)
}
