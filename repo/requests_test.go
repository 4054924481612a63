package repo_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// recorder keeps the last input of each call and answers nothing.
type recorder struct{ in any }

func (r *recorder) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	r.in = in
	return &dynamodb.GetItemOutput{}, nil
}

func (r *recorder) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	r.in = in
	return &dynamodb.BatchGetItemOutput{}, nil
}

func (r *recorder) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	r.in = in
	return &dynamodb.QueryOutput{}, nil
}

func (r *recorder) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	r.in = in
	return &dynamodb.ScanOutput{}, nil
}

func (r *recorder) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	r.in = in
	return &dynamodb.PutItemOutput{}, nil
}

func (r *recorder) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	r.in = in
	return &dynamodb.UpdateItemOutput{}, nil
}

func (r *recorder) DeleteItem(_ context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	r.in = in
	return &dynamodb.DeleteItemOutput{}, nil
}

func (r *recorder) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	r.in = in
	return &dynamodb.BatchWriteItemOutput{}, nil
}

func (r *recorder) TransactWriteItems(_ context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	r.in = in
	return &dynamodb.TransactWriteItemsOutput{}, nil
}

func (r *recorder) TransactGetItems(_ context.Context, in *dynamodb.TransactGetItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	r.in = in
	return &dynamodb.TransactGetItemsOutput{}, nil
}

type av = map[string]types.AttributeValue

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 5, time.UTC)

// TestRequests pins the exact request of every operation.
func TestRequests(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	db, err := repo.NewDB(rec, &repo.Config{Namespace: "ns", ScanPolicy: repo.ScanAllow, Now: func() time.Time { return noon }})
	require.NoError(t, err)
	r, err := repo.New[score](db, scoreSpec())
	require.NoError(t, err)
	ctx := t.Context()
	k := key.Of("m", 42).Range(7)
	dbKey := av{"id": str("m|42"), "position": num("7")}
	table := aws.String("ns_scores")
	drain := func(q repo.Query[score]) {
		_, err := q.Collect(ctx)
		require.NoError(t, err)
	}
	item := func() *score { return &score{ModelID: "m", AccountID: 42, Position: 7, Points: 0.5, Version: 3} }
	stamp := str("2026-11-22T12:00:00.000000005Z")
	stored := func(version string, created types.AttributeValue) av {
		return av{
			"id": str("m|42"), "model_id": str("m"), "account_id": num("42"), "position": num("7"), "score": num("0.5"),
			"created_at": created, "updated_at": stamp, "lock_version": num(version),
		}
	}
	unset := str("0001-01-01T00:00:00.000000000Z")

	for name, c := range map[string]struct {
		do   func()
		want any
	}{
		"get": {
			func() { _, _ = r.Get(ctx, k) },
			&dynamodb.GetItemInput{TableName: table, Key: dbKey},
		},
		"get, consistent": {
			func() { _, _ = r.Consistent().Get(ctx, k) },
			&dynamodb.GetItemInput{TableName: table, Key: dbKey, ConsistentRead: aws.Bool(true)},
		},
		"existence needs no body (E4)": {
			func() { _, _ = r.Exists(ctx, k) },
			&dynamodb.GetItemInput{
				TableName: table, Key: dbKey, ProjectionExpression: aws.String("#0, #1"),
				ExpressionAttributeNames: map[string]string{"#0": "id", "#1": "position"},
			},
		},
		"many": {
			func() { _, _ = r.GetMany(ctx, []key.Value{k, k}) },
			&dynamodb.BatchGetItemInput{
				RequestItems:           map[string]types.KeysAndAttributes{"ns_scores": {Keys: []av{dbKey}}},
				ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
			},
		},
		"create is guarded by no such key (F1), version 1 (G1)": {
			func() { require.NoError(t, r.Create(ctx, item())) },
			&dynamodb.PutItemInput{
				TableName: table, Item: stored("1", stamp), ConditionExpression: aws.String("attribute_not_exists (#0)"),
				ExpressionAttributeNames: map[string]string{"#0": "id"},
			},
		},
		"put is not guarded": {
			func() { require.NoError(t, r.Put(ctx, item())) },
			&dynamodb.PutItemInput{TableName: table, Item: stored("4", stamp)},
		},
		"save is guarded by the version (G1)": {
			func() { require.NoError(t, r.Save(ctx, item())) },
			&dynamodb.PutItemInput{
				TableName: table, Item: stored("4", unset), ConditionExpression: aws.String("#0 = :0"),
				ExpressionAttributeNames:            map[string]string{"#0": "lock_version"},
				ExpressionAttributeValues:           av{":0": num("3")},
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
			},
		},
		"update is guarded by the key (F1), raises the version (G4)": {
			func() { _, _ = r.Update(ctx, k, points.Add(1.5), userID.Set("u2")) },
			&dynamodb.UpdateItemInput{
				TableName: table, Key: dbKey,
				UpdateExpression:    aws.String("ADD #1 :0, #2 :1\nSET #3 = :2, #4 = :3\n"),
				ConditionExpression: aws.String("attribute_exists (#0)"),
				ExpressionAttributeNames: map[string]string{
					"#0": "id", "#1": "score", "#2": "lock_version", "#3": "user_id", "#4": "updated_at",
				},
				ExpressionAttributeValues: av{":0": num("1.5"), ":1": num("1"), ":2": str("u2"), ":3": stamp},
				ReturnValues:              types.ReturnValueAllNew,
			},
		},
		"delete by key is not guarded (F4)": {
			func() { require.NoError(t, r.Delete(ctx, k)) },
			&dynamodb.DeleteItemInput{TableName: table, Key: dbKey},
		},
		"destroy is guarded by the version (F4)": {
			func() { require.NoError(t, r.Destroy(ctx, item())) },
			&dynamodb.DeleteItemInput{
				TableName: table, Key: dbKey, ConditionExpression: aws.String("#0 = :0"),
				ExpressionAttributeNames:            map[string]string{"#0": "lock_version"},
				ExpressionAttributeValues:           av{":0": num("3")},
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
			},
		},
		"query: sort condition and filter are told apart": {
			func() {
				drain(r.Query(key.Of("m", 42)).Where(position.Between(10, 20), points.Gt(3)).
					RecordLimit(5).ScanLimit(1000).BatchSize(100).Descending().Consistent())
			},
			&dynamodb.QueryInput{
				TableName: table, KeyConditionExpression: aws.String("(#1 = :1) AND (#2 BETWEEN :2 AND :3)"),
				FilterExpression:          aws.String("#0 > :0"),
				ExpressionAttributeNames:  map[string]string{"#0": "score", "#1": "id", "#2": "position"},
				ExpressionAttributeValues: av{":0": num("3"), ":1": str("m|42"), ":2": num("10"), ":3": num("20")},
				Limit:                     aws.Int32(100), ScanIndexForward: aws.Bool(false), ConsistentRead: aws.Bool(true),
				ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
			},
		},
		"where chooses the global index": {
			func() { drain(r.Where(userID.Eq("u1"), points.Gte(3))) },
			&dynamodb.QueryInput{
				TableName: table, IndexName: aws.String("user_idx"), KeyConditionExpression: aws.String("(#0 = :0) AND (#1 >= :1)"),
				ExpressionAttributeNames:  map[string]string{"#0": "user_id", "#1": "score"},
				ExpressionAttributeValues: av{":0": str("u1"), ":1": num("3")},
				ReturnConsumedCapacity:    types.ReturnConsumedCapacityIndexes,
			},
		},
		"a partial local index fetches the rest (C3)": {
			func() { drain(r.Query(key.Of("m", 42)).Index("score_part_idx").Where(points.Gte(3))) },
			&dynamodb.QueryInput{
				TableName: table, IndexName: aws.String("score_part_idx"), KeyConditionExpression: aws.String("(#0 = :0) AND (#1 >= :1)"),
				ExpressionAttributeNames:  map[string]string{"#0": "id", "#1": "score"},
				ExpressionAttributeValues: av{":0": str("m|42"), ":1": num("3")},
				Select:                    types.SelectAllAttributes,
				ReturnConsumedCapacity:    types.ReturnConsumedCapacityIndexes,
			},
		},
		"a raw sort condition": {
			func() {
				drain(r.Query(key.Of("m", 42)).Sort(expression.Key("position").GreaterThan(expression.Value(3))))
			},
			&dynamodb.QueryInput{
				TableName: table, KeyConditionExpression: aws.String("(#0 = :0) AND (#1 > :1)"),
				ExpressionAttributeNames:  map[string]string{"#0": "id", "#1": "position"},
				ExpressionAttributeValues: av{":0": str("m|42"), ":1": num("3")},
				ReturnConsumedCapacity:    types.ReturnConsumedCapacityIndexes,
			},
		},
		"a projection brings the keys": {
			func() { drain(r.Query(key.Of("u1")).Index("user_idx").Project("tags")) },
			&dynamodb.QueryInput{
				TableName: table, IndexName: aws.String("user_idx"), KeyConditionExpression: aws.String("#0 = :0"),
				ProjectionExpression: aws.String("#1, #2, #3, #0, #4"),
				ExpressionAttributeNames: map[string]string{
					"#0": "user_id", "#1": "tags", "#2": "id", "#3": "position", "#4": "score",
				},
				ExpressionAttributeValues: av{":0": str("u1")},
				ReturnConsumedCapacity:    types.ReturnConsumedCapacityIndexes,
			},
		},
		"a scan with a raw filter": {
			func() { drain(r.Scan().Filter(expression.Name("tags").Contains("x"))) },
			&dynamodb.ScanInput{
				TableName: table, FilterExpression: aws.String("contains (#0, :0)"),
				ExpressionAttributeNames:  map[string]string{"#0": "tags"},
				ExpressionAttributeValues: av{":0": str("x")},
				ReturnConsumedCapacity:    types.ReturnConsumedCapacityIndexes,
			},
		},
		"first asks for one": {
			func() { _, _ = r.Query(key.Of("m", 42)).First(ctx) },
			&dynamodb.QueryInput{
				TableName: table, KeyConditionExpression: aws.String("#0 = :0"), Limit: aws.Int32(1),
				ExpressionAttributeNames:  map[string]string{"#0": "id"},
				ExpressionAttributeValues: av{":0": str("m|42")},
				ReturnConsumedCapacity:    types.ReturnConsumedCapacityIndexes,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			rec.in = nil
			c.do()
			assert.Equal(t, c.want, rec.in)
		})
	}
}
