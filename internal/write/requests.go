package write

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// input builds a PutItem request.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
func (p *put) input(w *Write) (*dynamodb.PutItemInput, error) {
	e, err := w.expr()
	return &dynamodb.PutItemInput{
		TableName:                           &w.table.Name,
		Item:                                p.attrs,
		ConditionExpression:                 e.Condition(),
		ExpressionAttributeNames:            e.Names(),
		ExpressionAttributeValues:           e.Values(),
		ReturnValuesOnConditionCheckFailure: w.onFailure(),
	}, err
}

// input builds an UpdateItem request.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func (u *update) input(w *Write) (*dynamodb.UpdateItemInput, error) {
	e, err := w.expr()
	return &dynamodb.UpdateItemInput{
		TableName:                           &w.table.Name,
		Key:                                 w.key,
		UpdateExpression:                    e.Update(),
		ConditionExpression:                 e.Condition(),
		ExpressionAttributeNames:            e.Names(),
		ExpressionAttributeValues:           e.Values(),
		ReturnValues:                        u.returns,
		ReturnValuesOnConditionCheckFailure: w.onFailure(),
	}, err
}

// input builds a DeleteItem request.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
func (remove) input(w *Write) (*dynamodb.DeleteItemInput, error) {
	e, err := w.expr()
	return &dynamodb.DeleteItemInput{
		TableName:                           &w.table.Name,
		Key:                                 w.key,
		ConditionExpression:                 e.Condition(),
		ExpressionAttributeNames:            e.Names(),
		ExpressionAttributeValues:           e.Values(),
		ReturnValuesOnConditionCheckFailure: w.onFailure(),
	}, err
}

func (p *put) transact(w *Write, e expression.Expression) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &w.table.Name, Item: p.attrs, ConditionExpression: e.Condition(),
		ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
		ReturnValuesOnConditionCheckFailure: w.onFailure(),
	}}
}

func (u *update) transact(w *Write, e expression.Expression) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &w.table.Name, Key: w.key, UpdateExpression: e.Update(), ConditionExpression: e.Condition(),
		ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
		ReturnValuesOnConditionCheckFailure: w.onFailure(),
	}}
}

func (remove) transact(w *Write, e expression.Expression) types.TransactWriteItem {
	return types.TransactWriteItem{Delete: &types.Delete{
		TableName: &w.table.Name, Key: w.key, ConditionExpression: e.Condition(),
		ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
		ReturnValuesOnConditionCheckFailure: w.onFailure(),
	}}
}

func (check) transact(w *Write, e expression.Expression) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &w.table.Name, Key: w.key, ConditionExpression: e.Condition(),
		ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
		ReturnValuesOnConditionCheckFailure: w.onFailure(),
	}}
}

func (p *put) batch(*Write) types.WriteRequest {
	return types.WriteRequest{PutRequest: &types.PutRequest{Item: p.attrs}}
}

func (remove) batch(w *Write) types.WriteRequest {
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: w.key}}
}

func (*update) batch(*Write) types.WriteRequest { return types.WriteRequest{} }
func (check) batch(*Write) types.WriteRequest   { return types.WriteRequest{} }
