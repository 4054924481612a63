// Package clients wraps the client of a repository: to cache, to meter, and to send
// each tenant's requests by a client of its own. It is a module of its own, since it
// shows that the client of DAX is a repo.Client too.
package clients

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/repo"
)

// A Wrap is called with each request, the SDK's input, and what sends it by a client.
// It returns an output of the SDK or an error.
type Wrap func(ctx context.Context, in any, send func(context.Context, repo.Client) (any, error)) (any, error)

// Around returns a client whose requests go through wrap.
func Around(wrap Wrap) repo.Client { return around{wrap} }

type around struct{ wrap Wrap }

type options = []func(*dynamodb.Options)

type method[I, O any] func(repo.Client, context.Context, I, ...func(*dynamodb.Options)) (*O, error)

func through[I, O any](ctx context.Context, a around, send method[I, O], in I, opts options) (*O, error) {
	out, err := a.wrap(ctx, in, func(ctx context.Context, c repo.Client) (any, error) { return send(c, ctx, in, opts...) })
	if err != nil {
		return nil, err
	}
	return out.(*O), nil
}

func (a around) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return through(ctx, a, repo.Client.GetItem, in, opts)
}

func (a around) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return through(ctx, a, repo.Client.BatchGetItem, in, opts)
}

func (a around) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return through(ctx, a, repo.Client.Query, in, opts)
}

func (a around) Scan(ctx context.Context, in *dynamodb.ScanInput, opts ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return through(ctx, a, repo.Client.Scan, in, opts)
}

func (a around) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return through(ctx, a, repo.Client.PutItem, in, opts)
}

func (a around) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return through(ctx, a, repo.Client.UpdateItem, in, opts)
}

func (a around) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return through(ctx, a, repo.Client.DeleteItem, in, opts)
}

func (a around) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return through(ctx, a, repo.Client.BatchWriteItem, in, opts)
}

func (a around) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	return through(ctx, a, repo.Client.TransactGetItems, in, opts)
}

func (a around) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return through(ctx, a, repo.Client.TransactWriteItems, in, opts)
}
