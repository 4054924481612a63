// Package table creates, waits for, describes and deletes the tables that
// models declare.
//
// Nothing in package repo looks at a table before it is used, or creates one:
// here is where that happens, when it is asked for.
//
//	created, err := table.Create(ctx, scores, nil)
//
// A [Model] is what every *repo.Repo is. Its client must have the operations of
// [Client] besides those that a repository uses; *dynamodb.Client has them.
//
// Every operation returns an [*Error]. errors.Is finds the sentinels of this
// package and the context's errors, and errors.As the SDK's error beneath. No
// text of an error holds item data.
package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/repo"
)

// A Model declares a table: *repo.Repo[T], whatever T.
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
	DeleteTable(context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error)
}

var _ Client = (*dynamodb.Client)(nil)
