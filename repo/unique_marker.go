package repo

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/key"
)

// markerPrefix begins the hash keys of all markers, and no others.
const markerPrefix = "~unique"

// values returns the unique attributes of an item as a put stores them.
func (s *schema) values(v reflect.Value) (item, error) {
	m := make(item, len(s.uniqueFields))
	for _, f := range s.uniqueFields {
		fv, ok := f.Value(v)
		if !ok || f.Tag.OmitEmpty && fv.Kind() != reflect.Struct && fv.IsZero() {
			continue
		}
		av, err := codec.EncodeField(f, fv.Interface())
		if err != nil {
			return nil, &key.Error{Attr: f.Name, Rule: "the value is of the wrong kind", Err: err}
		}
		if isEmpty(av) && slices.Contains(s.sparse, f.Name) {
			continue // as a put leaves it out (F7)
		}
		if err := uniqueValue(f.Name, av); err != nil {
			return nil, err
		}
		m[f.Name] = av
	}
	return m, nil
}

// uniqueValue refuses what can't be unique.
func uniqueValue(name string, av types.AttributeValue) error {
	if key.TypeOf(av) == "" && !isNull(av) {
		return &key.Error{Attr: name, Rule: "a unique value is a string, a number or a binary"}
	}
	return nil
}

// marker returns the hash key of the marker of an item's values, "" if it has
// none. One that would be too long holds their SHA-256 sum instead.
func (u *unique) marker(values item) string {
	parts := []any{u.name}
	for _, name := range u.attrs {
		av := values[name]
		if isEmpty(av) {
			return ""
		}
		v := value(name, av)
		switch v.Kind {
		case 'N':
			v.Data = canonical(v.Data)
		case 'B':
			v.Data = base64.RawURLEncoding.EncodeToString([]byte(v.Data))
		case 0:
			return "" // stored past the repository
		}
		parts = append(parts, string(v.Kind)+v.Data)
	}
	text, _ := u.key.Join(parts...) // of strings, as many as it takes
	if len(text) <= maxHashBytes {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	for i := range u.attrs {
		parts[1+i] = ""
	}
	parts[1] = "H" + hex.EncodeToString(sum[:])
	text, _ = u.key.Join(parts...)
	return text
}

// meetsMarkers reports whether markers are among what is read: by a Scan of the
// table, or of an index whose keys are the table's and so the markers' too, but
// for one that asks for the literals of the model's keys.
func (p *prepared) meetsMarkers() bool {
	s := p.schema
	if !s.marked || !p.plan.Scan {
		return false
	}
	foreign := func(a key.Part) bool { return !s.isTableKey(a.Name()) }
	own := p.keys()
	return !slices.ContainsFunc(own.Hash.Attributes(), foreign) && !slices.ContainsFunc(own.Range.Attributes(), foreign) &&
		!slices.ContainsFunc(p.plan.Literals, func(c index.KeyCond) bool { return c.Attr == s.keyAttrs[0].Name() })
}

// noMarker is the filter that leaves markers out.
func (s *schema) noMarker() expression.ConditionBuilder {
	return expression.Not(expression.NameNoDotSplit(s.keyAttrs[0].Name()).BeginsWith(markerPrefix + "|"))
}

// reserved refuses a key attribute of the table that is one of markers.
func (s *schema) reserved(attr string, av types.AttributeValue) error {
	if !s.marked {
		return nil
	}
	for i, a := range s.keyAttrs {
		if a.Name() == attr && isReserved(i, av) {
			return &key.Error{Attr: attr, Rule: "is reserved for markers of unique values"}
		}
	}
	return nil
}

// isReserved reports whether av is, as key attribute i, that of a marker.
func isReserved(i int, av types.AttributeValue) bool {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return i == 0 && strings.HasPrefix(av.Value, markerPrefix+"|") || i == 1 && av.Value == markerPrefix
	case *types.AttributeValueMemberN:
		return canonical(av.Value) == markerNumber
	case *types.AttributeValueMemberB:
		return string(av.Value) == markerPrefix
	}
	return false
}

// The sort key of all markers is one that no item is likely to have, since an
// index by the sort key holds them too: of numbers, the least that there is.
const leastNumber = "-9.9999999999999999999999999999999999999E+125"

var markerNumber = canonical(leastNumber)

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

// markerOwner is the attribute of a marker that holds its owner's key.
const markerOwner = "~owner"

// markerKey is the key of a marker.
func (s *schema) markerKey(marker string) item {
	m := item{s.keyAttrs[0].Name(): &types.AttributeValueMemberS{Value: marker}}
	for _, a := range s.keyAttrs[1:] {
		m[a.Name()] = markerSort(a.Type())
	}
	return m
}

// owned is the condition that a marker is that of the item with the key.
func (s *schema) owned(owner item) expression.ConditionBuilder {
	var all []expression.ConditionBuilder
	for _, name := range s.keyNames {
		at := expression.NameNoDotSplit(markerOwner).AppendName(expression.NameNoDotSplit(name))
		all = append(all, at.Equal(expression.Value(owner[name])))
	}
	return conjunction(all)
}

// markerOf returns the hash key of a stored item if that is a marker's.
func (s *schema) markerOf(stored item) (marker string, ok bool) {
	hash, ok := stored[s.keyAttrs[0].Name()].(*types.AttributeValueMemberS)
	if !ok || !isReserved(0, hash) {
		return "", false
	}
	return hash.Value, true
}

// marks reports whether a marker is of a value of the constraint.
func (u *unique) marks(marker string) bool {
	prefix, err := u.key.Prefix([]types.AttributeValue{&types.AttributeValueMemberS{Value: u.name}})
	return err == nil && strings.HasPrefix(marker, prefix)
}

// ownerOf returns the key that a marker holds; nil if it is none.
func ownerOf(marker item) item {
	owner, ok := marker[markerOwner].(*types.AttributeValueMemberM)
	if !ok {
		return nil
	}
	return owner.Value
}

// ownerKey returns the key that a marker holds; nil if it is none of the table.
func (s *schema) ownerKey(marker item) item {
	owner := ownerOf(marker)
	if len(owner) != len(s.keyAttrs) || slices.ContainsFunc(s.keyAttrs, func(a key.Part) bool { return key.TypeOf(owner[a.Name()]) != a.Type() }) {
		return nil
	}
	return owner
}
