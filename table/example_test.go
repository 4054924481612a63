package table_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A plan is the dry run: Diff sends nothing, and without a table it starts with
// the creation of one.
func ExampleDiff() {
	type User struct {
		ID    string `dynamodbav:"id"`
		Email string `dynamodbav:"email"`
		Ends  int64  `dynamodbav:"ends"`
	}
	db, err := repo.Open(context.Background(), &repo.Config{Namespace: "app", Endpoint: "http://127.0.0.1:8000"})
	if err != nil {
		fmt.Println(err)
		return
	}
	users, err := repo.New[User](db, repo.Spec{
		Table:    "users",
		Key:      key.Spec{Hash: key.String("id")},
		Indexes:  []index.Spec{index.Global("email_idx", key.String("email")).KeysOnly()},
		TTL:      repo.TTL{Attr: "ends"},
		OnDemand: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	design, err := table.Of(table.Settings{Stream: types.StreamViewTypeNewImage}, users)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(table.Diff(design, nil))
	// With a table there, and a context:
	//
	//	live, err := table.Inspect(ctx, design)
	//	err = table.Apply(ctx, table.Diff(design, live), nil)

	// Output:
	// table app_users:
	//   1. create the table: hash id; on demand; global index email_idx: hash email, projecting KEYS_ONLY; a stream of NEW_IMAGE
	//   2. begin TTL on ends
}
