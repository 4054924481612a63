package main

import (
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// City is a city with 15,000 inhabitants or more.
type City struct {
	ID         int64   `dynamodbav:"geoname_id"`
	Country    string  `dynamodbav:"country"` // ISO 3166 alpha-2
	Division   string  `dynamodbav:"admin1"`  // GeoNames code, "" if there is none
	Name       string  `dynamodbav:"name"`
	Population int     `dynamodbav:"population"`
	Feature    string  `dynamodbav:"feature"`   // GeoNames code
	Longitude  float64 `dynamodbav:"longitude"` // degrees, WGS 84
	Latitude   float64 `dynamodbav:"latitude"`
}

var (
	country    = cond.Field(func(c *City) *string { return &c.Country })
	division   = cond.Field(func(c *City) *string { return &c.Division })
	name       = cond.Field(func(c *City) *string { return &c.Name })
	population = cond.Field(func(c *City) *int { return &c.Population })
	latitude   = cond.Field(func(c *City) *float64 { return &c.Latitude })
)

// citySpec keeps the cities of a division together, by population. The id is in
// the sort key too, since two cities can have the same population.
var citySpec = repo.Spec{
	Table: "cities",
	Key: key.Spec{
		Hash:  key.Composite("place", key.String("country"), key.String("admin1")),
		Range: key.Composite("rank", key.Int("population").Sortable(), key.Int("geoname_id")),
	},
	Indexes: []index.Spec{
		index.Global("name_idx", key.String("name"), key.Int("population")),
		index.Local("division_name_idx", key.String("name")),
	},
	OnDemand: true,
}
