package model

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// A marker is an item of the table that stands for a unique value and holds the
// key of the item that has it. Its hash key begins with markerPrefix, as those
// of no other items do.
const markerPrefix = "~unique"

// MarkerOwner is the attribute of a marker that holds its owner's key.
const MarkerOwner = "~owner"

// The sort key of all markers is one that no item is likely to have, since an
// index by the sort key holds them too: of numbers, the least that there is.
const leastNumber = "-9.9999999999999999999999999999999999999E+125"

var markerNumber = values.Canonical(leastNumber)

func markerSort(t types.ScalarAttributeType) types.AttributeValue {
	switch t {
	case types.ScalarAttributeTypeN:
		return &types.AttributeValueMemberN{Value: leastNumber}
	case types.ScalarAttributeTypeB:
		return &types.AttributeValueMemberB{Value: []byte(markerPrefix)}
	default:
		return &types.AttributeValueMemberS{Value: markerPrefix}
	}
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

// isReserved reports whether av is, as key attribute i, that of a marker.
func isReserved(i int, av types.AttributeValue) bool {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return i == 0 && strings.HasPrefix(av.Value, markerPrefix+"|") || i == 1 && av.Value == markerPrefix
	case *types.AttributeValueMemberN:
		return values.Canonical(av.Value) == markerNumber
	case *types.AttributeValueMemberB:
		return string(av.Value) == markerPrefix
	}
	return false
}

// Reserved refuses a key attribute of the table that is one of markers.
func (k *Keys) Reserved(attr string, av types.AttributeValue) error {
	if !k.Marked {
		return nil
	}
	for i, a := range k.Attrs {
		if a.Name() == attr && isReserved(i, av) {
			return &key.Error{Attr: attr, Rule: "is reserved for markers of unique values"}
		}
	}
	return nil
}

// Marker tells a stored item that is a marker.
func (k *Keys) Marker(stored values.Item) error {
	for _, a := range k.Attrs {
		if err := k.Reserved(a.Name(), stored[a.Name()]); err != nil {
			return err
		}
	}
	return nil
}

// NoMarker is the filter that leaves markers out.
func (k *Keys) NoMarker() expression.ConditionBuilder {
	return expression.Not(expression.NameNoDotSplit(k.Names[0]).BeginsWith(markerPrefix + "|"))
}

// MarkerKey is the key of a marker.
func (k *Keys) MarkerKey(marker string) values.Item {
	m := values.Item{k.Names[0]: &types.AttributeValueMemberS{Value: marker}}
	for _, a := range k.Attrs[1:] {
		m[a.Name()] = markerSort(a.Type())
	}
	return m
}

// Owned is the condition that a marker is that of the item with the key.
func (k *Keys) Owned(owner values.Item) expression.ConditionBuilder {
	var all []expression.ConditionBuilder
	for _, name := range k.Names {
		at := expression.NameNoDotSplit(MarkerOwner).AppendName(expression.NameNoDotSplit(name))
		all = append(all, at.Equal(expression.Value(owner[name])))
	}
	if len(all) == 1 {
		return all[0]
	}
	return expression.And(all[0], all[1], all[2:]...)
}

// MarkerOf returns the hash key of a stored item if that is a marker's.
func (k *Keys) MarkerOf(stored values.Item) (marker string, ok bool) {
	hash, ok := stored[k.Names[0]].(*types.AttributeValueMemberS)
	if !ok || !isReserved(0, hash) {
		return "", false
	}
	return hash.Value, true
}

// OwnerOf returns the key that a marker holds; nil if it is none.
func OwnerOf(marker values.Item) values.Item {
	owner, ok := marker[MarkerOwner].(*types.AttributeValueMemberM)
	if !ok {
		return nil
	}
	return owner.Value
}

// OwnerKey returns the key that a marker holds; nil if it is none of the table.
func (k *Keys) OwnerKey(marker values.Item) values.Item {
	owner := OwnerOf(marker)
	if len(owner) != len(k.Attrs) || slices.ContainsFunc(k.Attrs, func(a key.Part) bool { return values.TypeOf(owner[a.Name()]) != a.Type() }) {
		return nil
	}
	return owner
}
