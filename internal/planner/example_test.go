package planner_test

import (
	"fmt"

	"github.com/dynarepo/dynarepo/internal/expr"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/planner"
	"github.com/dynarepo/dynarepo/key"
)

func ExampleChoose() {
	request := planner.Request{
		Key: key.Spec{Hash: key.Composite("id", key.String("model_id"), key.Int("account_id")), Range: key.Int("position")},
		Indexes: []index.Spec{
			index.Global("user_idx", key.String("user_id"), key.Number("score")),
		},
		Terms: []planner.Term{
			{Attr: "user_id", Op: expr.OpEq, Values: []types.AttributeValue{&types.AttributeValueMemberS{Value: "u1"}}},
			{Attr: "score", Op: expr.OpGte, Values: []types.AttributeValue{&types.AttributeValueMemberN{Value: "3"}}},
			{Attr: "tags"},
		},
	}
	plan, err := planner.Choose(request)
	fmt.Println(plan.Index, "because:", plan.Rule, err)
	for _, c := range plan.Key {
		fmt.Println(c.Attr, c.Op)
	}
	fmt.Println("left for the filter:", plan.Filter)
	// Output:
	// user_idx because: global index with its hash key and a condition on its sort key <nil>
	// user_id =
	// score >=
	// left for the filter: [2]
}
