package main

import (
	"fmt"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
)

// An Animal is anything that lives in the shelter.
type Animal interface{ Describe() string }

// Bed is what every animal has, and the key of the table.
type Bed struct {
	Shelter string `dynamodbav:"shelter"`
	Name    string `dynamodbav:"name"`
	Version int64  `dynamodbav:"version"`
}

// Cat is one kind.
type Cat struct {
	Bed
	Lives int `dynamodbav:"lives"`
}

// Describe says what it is.
func (c *Cat) Describe() string { return fmt.Sprintf("%s, a cat of %d lives", c.Name, c.Lives) }

// Dog is another. It has a field for its kind, since there is one under it.
type Dog struct {
	Bed
	Kind  string `dynamodbav:"type"`
	Breed string `dynamodbav:"breed"`
}

// Describe says what it is.
func (d *Dog) Describe() string { return fmt.Sprintf("%s, a %s", d.Name, d.Breed) }

// Puppy is a kind of dog.
type Puppy struct {
	Dog
	Weeks int `dynamodbav:"weeks"`
}

// Describe says what it is.
func (p *Puppy) Describe() string { return fmt.Sprintf("%s of %d weeks", p.Dog.Describe(), p.Weeks) }

var (
	lives = cond.Field(func(c *Cat) *int { return &c.Lives })
	breed = cond.Field(func(d *Dog) *string { return &d.Breed })
)

// spec declares the table. The names of the kinds are stored: a type may be
// renamed, its name may not, but for an alias.
var spec = repo.Spec{
	Table:   "animals",
	Key:     key.Spec{Hash: key.String("shelter"), Range: key.String("name")},
	Indexes: []index.Spec{index.Global("by_type", key.String("type"), key.String("name"))},
	Lock:    lock.Version("version"),
	Kinds: sti.Kinds("type",
		sti.Of[Cat]("cat"),
		sti.Of[Dog]("dog", sti.Alias("hound")),
		sti.Of[Puppy]("puppy", sti.Under[Dog]())),
}

func bed(name string) Bed { return Bed{Shelter: "north", Name: name} }

// residents are who is there at first.
func residents() []Animal {
	return []Animal{
		&Cat{Bed: bed("Tom"), Lives: 9},
		&Cat{Bed: bed("Kitty"), Lives: 7},
		&Dog{Bed: bed("Rex"), Breed: "collie"},
		&Puppy{Dog: Dog{Bed: bed("Bello"), Breed: "pug"}, Weeks: 8},
	}
}
