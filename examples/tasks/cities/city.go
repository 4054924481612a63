// Package cities is the model of the program: cities, and where they come from.
package cities

import (
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// A City is a city with 15,000 inhabitants or more.
type City struct {
	Country    string `dynamodbav:"country"` // ISO 3166 alpha-2
	ID         int64  `dynamodbav:"geoname_id"`
	Name       string `dynamodbav:"name"`
	Search     string `dynamodbav:"search,omitempty"` // the name in small letters
	Population int    `dynamodbav:"population"`
	Ends       int64  `dynamodbav:"ends,omitempty"` // Unix seconds
}

// The attributes that conditions and changes name.
var (
	Search     = cond.Field(func(c *City) *string { return &c.Search })
	Population = cond.Field(func(c *City) *int { return &c.Population })
)

// Spec declares the table as the program wants it now.
func Spec() repo.Spec {
	return repo.Spec{
		Table:      "cities",
		Key:        key.Spec{Hash: key.String("country"), Range: key.Int("geoname_id")},
		Indexes:    []index.Spec{index.Global("search_idx", key.String("search")).WithThroughput(10, 5)},
		TTL:        repo.TTL{Attr: "ends"},
		Throughput: index.Throughput{Read: 20, Write: 10},
	}
}
