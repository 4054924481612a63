package repo

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// maxRoom bounds the memory that an item's JSON starts with, which is somewhat
// more than the last one took.
const maxRoom = 4 << 10

// appendItem appends v as an item in DynamoDB's JSON with its composite keys.
// ok is false where that takes more than appending, or where what is wrong is
// for the standard path to tell: an index key that is left out, a key that is
// not right, an item that may be too large or too deep.
func (s *schema) appendItem(v reflect.Value) (json []byte, ok bool) {
	var room [4]codec.Attribute
	edits := room[:0]
	for i := range s.joins {
		name := s.joins[i].part.Name()
		text, ok := s.joins[i].text(v, s.isTableKey(name))
		if !ok || s.plan.Field(name) != nil { // a field for it is set on the standard path
			return nil, false
		}
		edits = append(edits, codec.Attribute{Name: name, Value: &types.AttributeValueMemberS{Value: text}})
	}
	for i := range s.plain {
		if !s.plain[i].fits(v) {
			return nil, false
		}
	}
	if s.kind != nil && s.kind.field == nil {
		edits = append(edits, codec.Attribute{Name: s.kind.attr, Value: &types.AttributeValueMemberS{Value: s.kind.name}})
	}
	json, err := s.codec.AppendItem(make([]byte, 0, s.room.Load()), v, edits...)
	if err != nil {
		return nil, false
	}
	s.room.Store(int64(min(len(json)+len(json)/8, maxRoom)))                // and some more, or every second item would not fit
	if len(json) > maxItemBytes || s.deep && brackets(json) > maxBrackets { // no item is larger than its JSON
		return nil, false
	}
	return json, true
}

// text returns a composite that is certain to be stored as it is.
func (j *joined) text(v reflect.Value, tableKey bool) (string, bool) {
	var fields [8]key.Field
	if len(j.fields) > len(fields) || !j.direct {
		return "", false
	}
	strings, empty := 0, 0
	for _, f := range j.fields {
		fv, ok := f.Value(v)
		if !ok || f.Tag.OmitEmpty && fv.IsZero() {
			return "", false
		}
		if fv.Kind() == reflect.String {
			strings++
			if fv.Len() == 0 {
				empty++
			}
		}
	}
	text, ok := j.appendText(nil, fields[:len(j.fields)], v)
	if !ok || len(text) == 0 || len(text) > maxSortBytes || !tableKey && strings > 0 && strings == empty {
		return "", false
	}
	return string(text), true
}

// A plainKey is a key attribute that is stored as a field is.
type plainKey struct {
	field *fields.Field
	text  bool
	limit int // bytes of a key of the table; 0 for an index's, which may be left out
	known bool
}

func newPlainKey(f *fields.Field, limit int) plainKey {
	k := plainKey{field: f, limit: limit, text: isDirect(f, false)}
	number := isDirect(f, true) || f.Type == reflect.TypeFor[float64]() && f.Tag == (fields.Tag{})
	k.known = k.text || number
	return k
}

// fits reports whether the field is certain to make a good key of the table,
// or to need no leaving out of an index.
func (k *plainKey) fits(v reflect.Value) bool {
	fv, ok := k.field.Value(v)
	switch {
	case !k.known || !ok:
		return false
	case k.text && k.limit > 0:
		return fv.Len() > 0 && fv.Len() <= k.limit
	case k.text:
		return fv.Len() <= maxSortBytes && (fv.Len() > 0 || k.field.Tag.OmitEmpty)
	}
	return k.limit == 0 || !k.field.Tag.OmitEmpty || !fv.IsZero()
}
