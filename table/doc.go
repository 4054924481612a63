// Package table keeps the tables that models declare as they are declared:
// creates, describes, changes and deletes them, and waits.
//
// Nothing in package repo looks at a table before it is used, or creates one:
// here is where that happens, when it is asked for.
//
//	created, err := table.Create(ctx, scores, nil)
//
// A [Model] is what every *repo.Repo is. Models that share a table are put
// together by [Of], which also takes what no model says, such as a stream:
// a [Design] is a Model too. What differs between a model and the table is a
// [Plan], made by [Diff] without a request and carried out by [Apply]:
//
//	live, err := table.Inspect(ctx, scores)
//	plan := table.Diff(scores, live)
//	fmt.Print(plan) // the dry run
//	err = table.Apply(ctx, plan, nil)
//
// The client must have the operations of [Client] besides those that a
// repository uses; *dynamodb.Client has them.
//
// Every operation returns an [*Error]. errors.Is finds the sentinels of this
// package and the context's errors, and errors.As the SDK's error beneath. No
// text of an error holds item data.
//
// The guide is https://github.com/dynarepo/dynarepo/blob/main/docs/migrations.md.
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/repo"
)

// A Model declares a table: *repo.Repo[T], whatever T, or a *[Design].
type Model interface {
	// DB returns the database whose client sends the requests.
	DB() *repo.DB
	// Table returns the name of the table, namespace included.
	Table() string
	// Spec returns the declaration of the table.
	Spec() repo.Spec
}

// A Client sends the operations on tables. *dynamodb.Client is one, and what
// wraps it can be.
type Client interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	UpdateTable(context.Context, *dynamodb.UpdateTableInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error)
	DeleteTable(context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error)
	ListTables(context.Context, *dynamodb.ListTablesInput, ...func(*dynamodb.Options)) (*dynamodb.ListTablesOutput, error)
	DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error)
	UpdateTimeToLive(context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error)
	DescribeContinuousBackups(context.Context, *dynamodb.DescribeContinuousBackupsInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeContinuousBackupsOutput, error)
	UpdateContinuousBackups(context.Context, *dynamodb.UpdateContinuousBackupsInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateContinuousBackupsOutput, error)
	ListTagsOfResource(context.Context, *dynamodb.ListTagsOfResourceInput, ...func(*dynamodb.Options)) (*dynamodb.ListTagsOfResourceOutput, error)
	TagResource(context.Context, *dynamodb.TagResourceInput, ...func(*dynamodb.Options)) (*dynamodb.TagResourceOutput, error)
	UntagResource(context.Context, *dynamodb.UntagResourceInput, ...func(*dynamodb.Options)) (*dynamodb.UntagResourceOutput, error)
}

var _ Client = (*dynamodb.Client)(nil)
