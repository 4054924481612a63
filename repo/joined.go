package repo

import (
	"bytes"
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/key"
)

// A joined is a composite key attribute with the fields that it is made of.
type joined struct {
	part   key.Part
	names  []string
	fields []*fields.Field
	direct bool // every field is a plain string or integer, which takes no encoding
}

func newJoined(p key.Part, s *fields.Struct) joined {
	j := joined{part: p, direct: true}
	for _, f := range p.Fields() {
		field := s.Field(f.Name())
		j.names = append(j.names, f.Name())
		j.fields = append(j.fields, field)
		j.direct = j.direct && field != nil && isDirect(field, f.IsInt())
	}
	return j
}

// isDirect reports whether a field is stored as the string, or the integer, that
// it holds.
func isDirect(f *fields.Field, integer bool) bool {
	if len(f.Index) == 0 || fields.Custom(f.Type) || fields.IsNumber(f.Type) || f.Tag != (fields.Tag{OmitEmpty: f.Tag.OmitEmpty}) {
		return false
	}
	if integer {
		return f.Type.Kind() >= reflect.Int && f.Type.Kind() <= reflect.Int64
	}
	return f.Type.Kind() == reflect.String
}

// scratch is working memory for the text of one composite.
type scratch struct {
	text   []byte
	fields []key.Field
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// appendText appends the composite as v's fields make it. ok is false if that
// takes encoding.
func (j *joined) appendText(dst []byte, fields []key.Field, v reflect.Value) (text []byte, ok bool) {
	if !j.direct {
		return dst, false
	}
	for i, f := range j.fields {
		fv, ok := f.Value(v)
		if !ok {
			return dst, false
		}
		if fv.Kind() == reflect.String {
			fields[i] = key.Field{Text: fv.String()}
		} else {
			fields[i] = key.Field{Int: fv.Int()}
		}
	}
	text, err := j.part.AppendFields(dst, fields)
	return text, err == nil
}

// agrees reports whether v's fields make the stored text.
func (j *joined) agrees(v reflect.Value, stored []byte) bool {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	if len(s.fields) < len(j.fields) {
		s.fields = make([]key.Field, len(j.fields))
	}
	text, ok := j.appendText(s.text[:0], s.fields[:len(j.fields)], v)
	s.text = text
	return ok && bytes.Equal(text, stored)
}

// check holds every decoded item against its kind (rule H2), and against its
// composite keys (rule K3): parts
// that the item, read in part, came without are filled in, and what disagrees
// is an error.
func (s *schema) check(v reflect.Value, seen codec.Seen) error {
	if s.kind != nil {
		if err := s.kind.check(seen.Scalar(len(s.joins))); err != nil {
			return err
		}
	}
	for i := range s.joins {
		stored := seen.Scalar(i)
		switch {
		case stored.Kind == 0:
		case stored.Kind != 'S':
			return because(ErrMismatch, &key.Error{Attr: s.joins[i].part.Name(), Rule: "is stored as no string"})
		case !s.joins[i].agrees(v, stored.Data):
			if err := s.reconcile(&s.joins[i], v, string(stored.Data), seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// reconcile compares a stored composite with v's fields part by part.
func (s *schema) reconcile(j *joined, v reflect.Value, stored string, seen codec.Seen) error {
	values, err := j.part.Decode(&types.AttributeValueMemberS{Value: stored})
	switch {
	// Others are in the table too, and this is no key of ours.
	case err != nil && hasLiteral(j.part) && !s.spec.RefuseForeign:
		return because(ErrForeign, leftOut{err})
	case err != nil && hasLiteral(j.part):
		return because(ErrForeign, err)
	case err != nil:
		return because(ErrMismatch, err)
	}
	for i, name := range j.names {
		if !seen.Has(name) {
			if err := s.fill(v, j.fields[i], values[i]); err != nil {
				return because(ErrMismatch, err)
			}
			continue
		}
		value, _ := s.valueOf(j.fields[i], v)
		own, err := codec.EncodeField(j.fields[i], value)
		if err != nil || !sameKey(own, values[i]) {
			return because(ErrMismatch, &key.Error{Attr: j.part.Name(), Part: name, Rule: "differs from the part in the composite", Err: err})
		}
	}
	return nil
}

// leftOut is why an item is left out of a page.
type leftOut struct{ error }

func (l leftOut) Unwrap() []error { return []error{l.error, codec.ErrSkip} }

// fill sets a field from a part of a composite.
func (s *schema) fill(v reflect.Value, f *fields.Field, part types.AttributeValue) error {
	one := reflect.New(s.plan.Type).Elem()
	if err := s.codec.Decode(s.signed(item{f.Name: part}), one); err != nil {
		return err
	}
	f.Alloc(v).Set(f.Alloc(one))
	return nil
}
