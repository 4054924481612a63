// Package structs has what fields can be.
package structs

import (
	"math/big"
	"net/url"
	"time"
)

const Version = 1

// Color is no struct.
type Color string

// Stamp says itself how it is stored.
type Stamp struct{ at time.Time }

// MarshalText returns the time.
func (s Stamp) MarshalText() ([]byte, error) { return s.at.MarshalText() }

// Box has a type parameter.
type Box[V any] struct{ Value V }

// Base is embedded.
type Base struct {
	ID   string `dynamodbav:"id"`
	Name string `dynamodbav:"name"`
}

// Person has every kind of field.
type Person struct {
	Base

	Name    string             `dynamodbav:"name"` // hides that of Base
	Born    time.Time          `dynamodbav:"born,unixtime"`
	Color   Color              `dynamodbav:"color"`
	Box     *Box[int]          `dynamodbav:"box"`
	Boxes   []Box[*url.URL]    `dynamodbav:"boxes"`
	Stamp   Stamp              `dynamodbav:"stamp"`
	Amount  *big.Int           `dynamodbav:"amount"`
	Home    *Address           `dynamodbav:"home,omitempty"`
	Home2   struct{ X, Y int } `dynamodbav:"home2"`
	Parent  *Person            `dynamodbav:"parent"`
	Index   map[string]int64   `dynamodbav:"index"`
	Skipped chan int           `dynamodbav:"-"`
	hidden  int
	Plain   bool
}

// Address is nested.
type Address struct {
	City string `dynamodbav:"city"`
	Base `dynamodbav:"base"`
}

type account struct {
	Number int64 `dynamodbav:"number"`
}

var _ = Person{}.hidden
