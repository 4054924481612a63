package index_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
)

func ExampleChoose() {
	request := index.Request{
		Key: key.Spec{Hash: key.Composite("id", key.String("model_id"), key.Int("account_id")), Range: key.Int("position")},
		Indexes: []index.Spec{
			index.Global("user_idx", key.String("user_id"), key.Number("score")),
		},
		Terms: []index.Term{
			{Attr: "user_id", Op: index.Eq, Values: []types.AttributeValue{&types.AttributeValueMemberS{Value: "u1"}}},
			{Attr: "score", Op: index.Gte, Values: []types.AttributeValue{&types.AttributeValueMemberN{Value: "3"}}},
			{Attr: "tags"},
		},
	}
	plan, err := index.Choose(request)
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

func ExampleValidate() {
	keys := key.Spec{Hash: key.String("id")}
	fmt.Println(index.Validate(keys, []index.Spec{
		index.Local("score_idx", key.Number("score")),
		index.Global("user_idx", key.Part{}, key.Number("score")),
	}))
	// Output:
	// index: "score_idx": a local index needs a table with a sort key
	// index: "user_idx": a global index needs a hash key
}
