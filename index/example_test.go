package index_test

import (
	"fmt"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
)

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
