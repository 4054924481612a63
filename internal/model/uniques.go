package model

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// Uniques are the constraints of a model.
type Uniques struct {
	List   []Unique
	Fields []*fields.Field // that they are on, each once
}

// On reports whether an attribute is in a constraint.
func (u *Uniques) On(attr string) bool {
	return slices.ContainsFunc(u.Fields, func(f *fields.Field) bool { return f.Name == attr })
}

// A Unique is a compiled constraint.
type Unique struct {
	Model string
	Name  string
	Attrs []string

	key key.Part // joins what the key of a marker is made of
}

// CheckUnique refuses what can't be unique.
func CheckUnique(name string, av types.AttributeValue) error {
	if values.TypeOf(av) == "" && !values.IsNull(av) {
		return &key.Error{Attr: name, Rule: "a unique value is a string, a number or a binary"}
	}
	return nil
}
