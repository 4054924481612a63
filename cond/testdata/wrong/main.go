// Command wrong does not compile, as the test of package cond expects.
package main

import (
	"context"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

type person struct{ Name string }

type order struct{ Number int }

var (
	name   = cond.Field(func(p *person) *string { return &p.Name })
	number = cond.Field(func(o *order) *int { return &o.Number })
)

func main() {
	var orders *repo.Repo[order]
	orders.Where(number.Gt(1))
	orders.Where(name.Eq("x"))
	cond.And(number.Gt(1), name.Eq("x"))
	number.Eq("x")
	cond.Field(func(o *order) *string { return &o.Number })
	orders.Update(context.Background(), key.Of(1), name.Set("x"))
	orders.If(name.Exists())
}
