package peer

import (
	"context"
	"iter"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/bench/internal/model"
)

// An sdk uses the SDK's client. Its expressions are literals, which cost less
// than the SDK's expression builder.
type sdk[R any] struct {
	client *dynamodb.Client
	encode func(*R) (model.Attrs, error)
	decode func(model.Attrs, *R) error
	all    func([]model.Attrs) ([]R, error)
}

// NewSDK returns the bare SDK, whose items are attributes all along.
func NewSDK(client *dynamodb.Client) Store[model.Attrs] {
	return sdk[model.Attrs]{
		client: client,
		encode: func(item *model.Attrs) (model.Attrs, error) { return *item, nil },
		decode: func(attrs model.Attrs, item *model.Attrs) error {
			*item = attrs
			return nil
		},
		all: func(items []model.Attrs) ([]model.Attrs, error) { return items, nil },
	}
}

// NewAttributeValue returns the SDK with its package attributevalue.
func NewAttributeValue[T any](client *dynamodb.Client) Store[T] {
	return sdk[T]{
		client: client,
		encode: func(item *T) (model.Attrs, error) { return attributevalue.MarshalMap(item) },
		decode: func(attrs model.Attrs, item *T) error { return attributevalue.UnmarshalMap(attrs, item) },
		all: func(items []model.Attrs) (out []T, err error) {
			err = attributevalue.UnmarshalListOfMaps(items, &out)
			return out, err
		},
	}
}

// NewHand returns the SDK with what the model has written by hand.
func NewHand[T any](client *dynamodb.Client, m *model.Model[T]) Store[T] {
	return sdk[T]{
		client: client,
		encode: func(item *T) (model.Attrs, error) { return m.Encode(item), nil },
		decode: m.Decode,
		all: func(items []model.Attrs) ([]T, error) {
			out := make([]T, len(items))
			for i, attrs := range items {
				if err := m.Decode(attrs, &out[i]); err != nil {
					return nil, err
				}
			}
			return out, nil
		},
	}
}

func keyAttrs(k model.Key) model.Attrs {
	return model.Attrs{
		model.Hash:  &types.AttributeValueMemberS{Value: k.PK},
		model.Range: &types.AttributeValueMemberS{Value: k.SK},
	}
}

func (s sdk[R]) Get(ctx context.Context, k model.Key) (item R, err error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(model.Table), Key: keyAttrs(k)})
	if err != nil {
		return item, err
	}
	err = s.decode(out.Item, &item)
	return item, err
}

func (s sdk[R]) Put(ctx context.Context, item *R) error {
	attrs, err := s.encode(item)
	if err != nil {
		return err
	}
	_, err = s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(model.Table), Item: attrs})
	return err
}

func (s sdk[R]) Query(ctx context.Context, pk string) ([]R, error) {
	return collect(s.query(ctx, pk))
}

func (s sdk[R]) All(ctx context.Context, pk string) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for page, err := range s.query(ctx, pk) {
			if err != nil {
				var zero R
				yield(zero, err)
				return
			}
			for _, item := range page {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

func (s sdk[R]) query(ctx context.Context, pk string) iter.Seq2[[]R, error] {
	in := &dynamodb.QueryInput{
		TableName:                 aws.String(model.Table),
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: model.Attrs{":pk": &types.AttributeValueMemberS{Value: pk}},
	}
	return s.pages(func(start model.Attrs) ([]model.Attrs, model.Attrs, error) {
		in.ExclusiveStartKey = start
		out, err := s.client.Query(ctx, in)
		if err != nil {
			return nil, nil, err
		}
		return out.Items, out.LastEvaluatedKey, nil
	})
}

func (s sdk[R]) Scan(ctx context.Context) ([]R, error) {
	in := &dynamodb.ScanInput{TableName: aws.String(model.Table)}
	return collect(s.pages(func(start model.Attrs) ([]model.Attrs, model.Attrs, error) {
		in.ExclusiveStartKey = start
		out, err := s.client.Scan(ctx, in)
		if err != nil {
			return nil, nil, err
		}
		return out.Items, out.LastEvaluatedKey, nil
	}))
}

// pages reads page after page.
func (s sdk[R]) pages(next func(start model.Attrs) (page []model.Attrs, last model.Attrs, err error)) iter.Seq2[[]R, error] {
	return func(yield func([]R, error) bool) {
		var start model.Attrs
		for {
			page, last, err := next(start)
			if err != nil {
				yield(nil, err)
				return
			}
			items, err := s.all(page)
			if !yield(items, err) || err != nil || len(last) == 0 {
				return
			}
			start = last
		}
	}
}

// collect returns the items of all pages. Those of a single page need no copy.
func collect[R any](pages iter.Seq2[[]R, error]) (all []R, err error) {
	for page, err := range pages {
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = page
		} else {
			all = append(all, page...)
		}
	}
	return all, nil
}

func (s sdk[R]) BatchGet(ctx context.Context, keys []model.Key) ([]R, error) {
	attrs := make([]model.Attrs, len(keys))
	for i, k := range keys {
		attrs[i] = keyAttrs(k)
	}
	ask := map[string]types.KeysAndAttributes{model.Table: {Keys: attrs}}
	var all []R
	for len(ask) > 0 {
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: ask})
		if err != nil {
			return nil, err
		}
		items, err := s.all(out.Responses[model.Table])
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = items
		} else {
			all = append(all, items...)
		}
		ask = out.UnprocessedKeys
	}
	return all, nil
}

func (s sdk[R]) BatchWrite(ctx context.Context, items []R) error {
	writes := make([]types.WriteRequest, len(items))
	for i := range items {
		attrs, err := s.encode(&items[i])
		if err != nil {
			return err
		}
		writes[i].PutRequest = &types.PutRequest{Item: attrs}
	}
	left := map[string][]types.WriteRequest{model.Table: writes}
	for len(left) > 0 {
		out, err := s.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: left})
		if err != nil {
			return err
		}
		left = out.UnprocessedItems
	}
	return nil
}

func (s sdk[R]) Update(ctx context.Context, k model.Key, score float64) (item R, err error) {
	out, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:           aws.String(model.Table),
		Key:                 keyAttrs(k),
		UpdateExpression:    aws.String("SET score = :score"),
		ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: model.Attrs{
			":score": &types.AttributeValueMemberN{Value: strconv.FormatFloat(score, 'f', -1, 64)},
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if err != nil {
		return item, err
	}
	err = s.decode(out.Attributes, &item)
	return item, err
}

func (s sdk[R]) Transact(ctx context.Context, items []R) error {
	writes := make([]types.TransactWriteItem, len(items))
	for i := range items {
		attrs, err := s.encode(&items[i])
		if err != nil {
			return err
		}
		writes[i].Put = &types.Put{TableName: aws.String(model.Table), Item: attrs}
	}
	_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	return err
}
