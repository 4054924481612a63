// Package wrong has what vet finds.
package wrong

import (
	"context"
	"fmt"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

type line struct {
	SKU string `dynamodbav:"sku"`
}

type score struct {
	ID    string            `dynamodbav:"id"`
	Lines []line            `dynamodbav:"lines"`
	Best  *line             `dynamodbav:"best"`
	More  map[string]string `dynamodbav:"more"`
	Plain int
}

var id = cond.Field(func(s *score) *string { return &s.ID })

func dropped(ctx context.Context, scores *repo.Repo[score]) {
	q := scores.Query(key.Of("a"))
	for s := range q.All(ctx) { // want "the error of the iteration is dropped"
		fmt.Println(s.ID)
	}
	for range q.All(ctx) { // want "the error of the iteration is dropped"
	}
	for s, _ := range q.All(ctx) { // want "the error of the iteration is dropped"
		fmt.Println(s.ID)
	}
	for page := range q.Pages(ctx) { // want "the error of the iteration is dropped"
		fmt.Println(page)
	}
	all := scores.Scan().All(ctx)
	for s := range all { // want "the error of the iteration is dropped"
		fmt.Println(s.ID)
	}
}

func thrownAway(ctx context.Context, scores *repo.Repo[score]) {
	q := scores.Query(key.Of("a"))
	q.RecordLimit(3)        // want "RecordLimit returns a new repo.Query"
	q.Where(id.Eq("a"))     // want "Where returns a new repo.Query"
	scores.Query(key.Of(1)) // want "Query returns a new repo.Query"
	scores.If(id.Exists())  // want "If returns a new repo.Writer"
	scores.Consistent()     // want "Consistent returns a new repo.Reader"
	q.All(ctx)              // want "All returns a sequence"
	id.Set("b")             // want "Set returns a new cond.Change"
	id.Eq("b")              // want "Eq returns a new cond.Cond"
	cond.Not(id.Eq("b"))    // want "Not returns a new cond.Cond"
	key.Of("a").Range(1)    // want "Range returns a new key.Value"
	i := index.Global("i", key.String("x"))
	i.KeysOnly() // want "KeysOnly returns a new index.Spec"
}

const stale = "Sku"

var (
	_ = cond.Name[score]("ids")               // want "score has no attribute \"ids\""
	_ = cond.Name[score]("ID")                // want "score has no attribute \"ID\""
	_ = cond.Name[score]("lines[0]." + stale) // want "score has no attribute \"lines[0].Sku\""
	_ = cond.Name[score]("best.nope")         // want "score has no attribute \"best.nope\""
	_ = cond.Name[score]("id.within")         // want "score has no attribute \"id.within\""
)
