package work

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/bench/internal/canned"
	"github.com/dynarepo/dynarepo/bench/internal/model"
	"github.com/dynarepo/dynarepo/bench/internal/peer"
)

// A local is a connection to a real engine.
type local struct{ client *dynamodb.Client }

func (l local) Client() *dynamodb.Client { return l.client }

// Take returns what the work is to send: the engine does not tell.
func (l local) Take() (op string, body []byte) { return "Query", nil }

// Close leaves the connections to the engine's owner.
func (l local) Close() error { return nil }

// Local returns the works on a real engine, and fills a table of it for them,
// for which it takes some seconds.
// What they take is mostly the engine's time.
func Local(ctx context.Context, client *dynamodb.Client) ([]Work, error) {
	mixed := model.MixedModel()
	if err := fill(ctx, client, mixed); err != nil {
		return nil, err
	}
	// The engine compiles its code as it goes.
	bare := peer.NewSDK(client)
	for begin := time.Now(); time.Since(begin) < 3*time.Second; {
		if _, err := bare.Query(ctx, model.KeyAt(0).PK); err != nil {
			return nil, err
		}
	}
	link := func(canned.Answers) (conn, error) { return local{client}, nil }
	return []Work{of(mixed, "local/query", job{"Query", mixed.PageSize}, link)}, nil
}

// fill makes the table anew and stores a page of items.
func fill[T any](ctx context.Context, client *dynamodb.Client, m *model.Model[T]) error {
	_, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(model.Table)})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); err != nil && !missing {
		return err
	}
	_, err = client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   aws.String(model.Table),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(model.Hash), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(model.Range), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(model.Hash), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(model.Range), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		return err
	}
	const atOnce = 25
	store := peer.NewAttributeValue[T](client)
	for items := m.Items(m.PageSize); len(items) > 0; items = items[min(atOnce, len(items)):] {
		if err := store.BatchWrite(ctx, items[:min(atOnce, len(items))]); err != nil {
			return err
		}
	}
	return nil
}
