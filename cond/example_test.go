package cond_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
)

type Score struct {
	Position int      `dynamodbav:"position"`
	Points   float64  `dynamodbav:"score"`
	Tags     []string `dynamodbav:"tags,stringset"`
	Games    []Game   `dynamodbav:"games"`
}

type Game struct {
	Name string `dynamodbav:"name"`
}

var (
	position = cond.Field(func(s *Score) *int { return &s.Position })
	points   = cond.Field(func(s *Score) *float64 { return &s.Points })
	badges   = cond.Field(func(s *Score) *[]string { return &s.Tags })
)

func ExampleField() {
	c := position.Between(10, 20)
	fmt.Println(c.Node())

	wrong := cond.Field(func(s *Score) *string { return &s.Games[0].Name })
	fmt.Println(wrong.Err())
	// Output:
	// position between ? and ?
	// cond: cond_test.Score: the selector panics; an element of a list or map, and what lies in a type within itself, goes by cond.Name
}

func ExampleName() {
	first := cond.Name[Score]("games[0].name")
	fmt.Println(first.BeginsWith("chess").Node(), first.Err())
	fmt.Println(first.Eq(7).Err())
	// Output:
	// games[0].name begins_with ? <nil>
	// cond: cond_test.Score: attribute games[0].name: a value that the attribute can't hold: value of the wrong kind: want string
}

func ExampleAnd() {
	c := cond.And(points.Gt(3), cond.Or(badges.Contains("gold"), cond.Not(position.In(1, 2, 3))))
	fmt.Println(c.Node())

	condition, err := c.Node().Compile()
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := expression.NewBuilder().WithFilter(condition).Build()
	fmt.Println(*e.Filter(), err)
	// Output:
	// score > ? and (tags contains ? or not (position in ?))
	// (#0 > :0) AND ((contains (#1, :1)) OR (NOT (#2 IN (:2, :3, :4)))) <nil>
}

func ExampleCompile() {
	edits := []*expr.Edit{
		points.Add(1.5).Edit(),
		badges.Set(nil).Edit(), // an empty set is not stored
	}
	update, err := expr.Compile(edits)
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := expression.NewBuilder().WithUpdate(update).Build()
	fmt.Print(*e.Update())
	fmt.Println(err)

	_, err = expr.Compile(append(edits, points.Set(0).Edit()))
	fmt.Println(err)
	// Output:
	// ADD #0 :0
	// REMOVE #1
	// <nil>
	// cond: cond_test.Score: attribute score: changed twice in one update: cond: two changes overlap
}

func ExampleAttributesOf() {
	raw := expression.Name("games[0].name").BeginsWith("chess").And(expression.Name("tags").AttributeExists())
	fmt.Println(expr.AttributesOf(raw))
	// Output:
	// [games tags] <nil>
}
