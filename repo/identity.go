package repo

import (
	"math/big"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// keyID returns a text that is the same for the same key of the table.
func (s *schema) keyID(m item) string {
	var room [96]byte
	return string(s.appendKeyID(room[:0], m))
}

// same reports whether two keys are one, or both none.
func (s *schema) same(a, b item) bool {
	return (a == nil) == (b == nil) && s.keyID(a) == s.keyID(b)
}

func (s *schema) appendKeyID(id []byte, m item) []byte {
	for _, a := range s.keyAttrs {
		id = appendValueID(id, m[a.Name()])
	}
	return id
}

// appendValueID appends a text that is the same for the same key attribute,
// and stays unambiguous when others follow.
func appendValueID(id []byte, av types.AttributeValue) []byte {
	v := value("", av)
	if v.Kind == 'N' {
		v.Data = canonical(v.Data)
	}
	return appendID(id, v.Data)
}

func appendID[T string | []byte](id []byte, data T) []byte {
	id = append(strconv.AppendInt(id, int64(len(data)), 10), ':')
	return append(id, data...)
}

// canonical returns the one text of a number, however it is written.
func canonical(n string) string {
	digits := n
	if len(n) > 1 && n[0] == '-' {
		digits = n[1:]
	}
	plain := digits != "" && (digits[0] != '0' || n == "0")
	for i := range len(digits) {
		plain = plain && '0' <= digits[i] && digits[i] <= '9'
	}
	if plain {
		return n
	}
	r, ok := new(big.Rat).SetString(n)
	if !ok {
		return n
	}
	return r.RatString()
}

// An idAttr is a key attribute of the table as an item's fields hold it.
type idAttr struct {
	join  *joined       // of a composite
	field *fields.Field // of any other
	text  bool          // the field is a plain string; else it is a plain integer
}

// idAttrs returns how to make the id of an item from its fields; nil where that
// takes encoding.
func (s *schema) idAttrs() []idAttr {
	var all []idAttr
	for _, a := range s.keyAttrs {
		if a.IsComposite() {
			for i := range s.joins {
				if s.joins[i].part.Name() == a.Name() && s.joins[i].direct {
					all = append(all, idAttr{join: &s.joins[i]})
				}
			}
			continue
		}
		f := s.plan.Field(a.Name())
		if text := isDirect(f, false); text || isDirect(f, true) {
			all = append(all, idAttr{field: f, text: text})
		}
	}
	if len(all) < len(s.keyAttrs) {
		return nil
	}
	return all
}

// itemID returns the id of an item's key, as keyID does, from its fields.
func (s *schema) itemID(v reflect.Value) (string, error) {
	var room [96]byte
	id, err := s.appendItemID(room[:0], v)
	return string(id), err
}

func (s *schema) appendItemID(dst []byte, v reflect.Value) ([]byte, error) {
	s, v, err := s.of(v)
	if err != nil {
		return dst, err
	}
	var part [96]byte
	id := dst
	for i := range s.ids {
		text, ok := s.ids[i].append(part[:0], v)
		if !ok {
			return s.encodedID(dst, v)
		}
		id = appendID(id, text)
	}
	if s.ids == nil {
		return s.encodedID(dst, v)
	}
	return id, nil
}

func (s *schema) encodedID(dst []byte, v reflect.Value) ([]byte, error) {
	m, err := s.itemAttrs(v, s.keyAttrs)
	if err != nil {
		return dst, err
	}
	return s.appendKeyID(dst, m), nil
}

func (a *idAttr) append(dst []byte, v reflect.Value) ([]byte, bool) {
	if a.join != nil {
		var fields [8]key.Field
		if len(a.join.fields) > len(fields) {
			return nil, false
		}
		return a.join.appendText(dst, fields[:len(a.join.fields)], v)
	}
	fv, ok := a.field.Value(v)
	switch {
	case !ok:
		return nil, false
	case a.text:
		return append(dst, fv.String()...), fv.Len() > 0
	}
	return strconv.AppendInt(dst, fv.Int(), 10), true
}
