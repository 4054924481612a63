package model

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/door"
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

// newUnique returns a constraint, whose name must be set.
func newUnique(model, name string, attrs []string) Unique {
	parts := []key.Part{key.Literal(markerPrefix), key.String("name")}
	for _, attr := range attrs {
		parts = append(parts, key.String(attr))
	}
	return Unique{Model: model, Name: name, Attrs: attrs, key: key.Composite("marker", parts...)}
}

// Marker returns the hash key of the marker of an item's values, "" if it has
// none. One that would be too long holds their SHA-256 sum instead.
func (u *Unique) Marker(of values.Item) string {
	parts := []any{u.Name}
	for _, name := range u.Attrs {
		av := of[name]
		if values.IsEmpty(av) {
			return ""
		}
		kind, data := values.Scalar(av)
		switch kind {
		case 'N':
			data = values.Canonical(data)
		case 'B':
			data = base64.RawURLEncoding.EncodeToString([]byte(data))
		case 0:
			return "" // stored past the repository
		}
		parts = append(parts, string(kind)+data)
	}
	text, _ := u.key.Join(parts...) // of strings, as many as it takes
	if len(text) <= maxHashBytes {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	for i := range u.Attrs {
		parts[1+i] = ""
	}
	parts[1] = "H" + hex.EncodeToString(sum[:])
	text, _ = u.key.Join(parts...)
	return text
}

// Marks reports whether a marker is of a value of the constraint.
func (u *Unique) Marks(marker string) bool {
	prefix, err := u.key.Inside(door.Key{}).Prefix([]types.AttributeValue{&types.AttributeValueMemberS{Value: u.Name}})
	return err == nil && strings.HasPrefix(marker, prefix)
}

// CheckUnique refuses what can't be unique.
func CheckUnique(name string, av types.AttributeValue) error {
	if values.TypeOf(av) == "" && !values.IsNull(av) {
		return &key.Error{Attr: name, Rule: "a unique value is a string, a number or a binary"}
	}
	return nil
}
