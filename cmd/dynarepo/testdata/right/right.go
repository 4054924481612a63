// Package right has what looks like what vet finds.
package right

import (
	"context"
	"fmt"
	"maps"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

type line struct {
	SKU string `dynamodbav:"sku"`
}

type score struct {
	ID     string            `dynamodbav:"id"`
	Lines  []line            `dynamodbav:"lines"`
	Best   *line             `dynamodbav:"best"`
	More   map[string]string `dynamodbav:"more"`
	Any    any               `dynamodbav:"any"`
	Dotted int               `dynamodbav:"a.b"`
	Plain  int
}

// Spec allows a name that no field has.
var Spec = repo.Spec{Table: "scores", Key: key.Spec{Hash: key.String("id")}, Loose: []string{"loose"}}

// Names are there, or can't be told.
func Names(path string) []cond.Attr[score, any] {
	return []cond.Attr[score, any]{
		cond.Name[score]("id"), cond.Name[score]("Plain"), cond.Name[score]("lines[0].sku"), cond.Name[score]("lines"),
		cond.Name[score]("best.sku"), cond.Name[score]("more.anything"), cond.Name[score]("any.thing[2].at.all"),
		cond.Name[score]("a.b"), cond.Name[score]("loose"), cond.Name[score](path),
	}
}

// Kinds has names of an interface, which has no attributes of its own.
var Kinds = cond.Name[fmt.Stringer]("whatever")

// Read looks at every error and uses every value.
func Read(ctx context.Context, scores *repo.Repo[score]) error {
	q := scores.Query(key.Of("a"))
	q = q.RecordLimit(3)
	for s, err := range q.All(ctx) {
		if err != nil {
			return err
		}
		fmt.Println(s.ID)
	}
	for k := range maps.All(map[string]int{}) {
		fmt.Println(k)
	}
	_, err := q.Count(ctx)
	return err
}
