package table

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/internal/circle"
	"github.com/dynarepo/dynarepo/internal/wire"
	"github.com/dynarepo/dynarepo/repo"
)

// Ping asks the service for an answer: that it can be reached, with credentials
// that it knows. It sends one ListTables.
func Ping(ctx context.Context, db *repo.DB) error {
	o, err := newOp("Ping", db, "", nil)
	if err != nil {
		return err
	}
	_, err = o.client.ListTables(ctx, &dynamodb.ListTablesInput{Limit: aws.Int32(1)}, wire.Guard)
	return o.fail(err)
}

// List returns the names of the tables of the database's namespace, by name:
// those that begin with it and "_". Without a namespace it returns those of
// every table of the account in the region; nil if there is none. It sends a
// ListTables for every 100 tables that there are, whatever their namespace (rule
// L5).
func List(ctx context.Context, db *repo.DB) ([]string, error) {
	o, err := newOp("List", db, "", nil)
	if err != nil {
		return nil, err
	}
	names, err := o.list(ctx, db)
	return names, o.fail(err)
}

func (o *op) list(ctx context.Context, db *repo.DB) ([]string, error) {
	var names []string
	var seen circle.Watch[string]
	in := &dynamodb.ListTablesInput{}
	for {
		out, err := o.client.ListTables(ctx, in, wire.Guard)
		if err != nil {
			return nil, err
		}
		for _, name := range out.TableNames {
			if strings.HasPrefix(name, db.TableName("")) {
				names = append(names, name)
			}
		}
		if in.ExclusiveStartTableName = out.LastEvaluatedTableName; in.ExclusiveStartTableName == nil {
			slices.Sort(names)
			return names, nil
		}
		if seen.Closes(*in.ExclusiveStartTableName, sameToken) {
			return nil, errCircles
		}
	}
}

var errCircles = fmt.Errorf("%w: the answers go in a circle", repo.ErrDecode)

func sameToken(a, b string) bool { return a == b }

// Reset deletes every table of the database's namespace, as [List] tells them,
// and returns the names of those that it deleted, by name, when they are gone.
// It is for the tables of tests: a namespace none of whose words, between "_",
// "-" and ".", is "test" or "tests" is refused unless insist is true, and a
// database without a namespace always. Namespaces that begin with this one and
// "_" are part of it: "app_test" has the tables of "app_test_2" too.
//
// It sends the requests of List and, for one table after the other, those of
// [Delete]. A table that can't be deleted does not keep the others. Errors:
// [ErrReset], before any request; those of Delete, joined, with the names of the
// tables that were deleted all the same.
func Reset(ctx context.Context, db *repo.DB, insist bool, opts *Options) (deleted []string, err error) {
	o, err := newOp("Reset", db, "", opts)
	if err != nil {
		return nil, err
	}
	if ns := db.Config().Namespace; ns == "" || !insist && !forTests(ns) {
		return nil, o.fail(ErrReset)
	}
	names, err := o.list(ctx, db)
	if err != nil {
		return nil, o.fail(err)
	}
	var errs []error
	for i, name := range names {
		each, err := newOp("Reset", db, name, opts)
		if err != nil {
			return deleted, err
		}
		each.progress = Progress{Table: name, Step: i + 1, Steps: len(names), Text: "delete the table"}
		did, err := each.delete(ctx)
		if did {
			deleted = append(deleted, name)
		}
		errs = append(errs, err)
	}
	return deleted, errors.Join(errs...)
}

// forTests tells whether a namespace says that it is one.
func forTests(namespace string) bool {
	words := strings.FieldsFunc(strings.ToLower(namespace), func(r rune) bool { return strings.ContainsRune("_-.", r) })
	return slices.Contains(words, "test") || slices.Contains(words, "tests")
}
