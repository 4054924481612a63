// Package key declares key attributes, joins and splits composite keys, and
// holds key values.
//
// A composite key is one string attribute made of several parts, joined with a
// delimiter ("|" unless another is chosen):
//
//	id := key.Composite("id", key.String("model_id"), key.Int("account_id"))
//	text, err := id.Join("model_1", 42) // "model_1|42"
//
// Parts that hold the delimiter or '%' are percent-escaped byte by byte, so
// that every value survives the round trip and a prefix of a part stays a
// prefix of its text (rule K1). Byte order is kept by strings without a
// delimiter in them and by sortable integers, and by nothing else.
//
// Nothing here sends a request. Every error is [ErrKey], and none tells a value.
//
// The guide is https://github.com/dynarepo/dynarepo/blob/main/docs/modelling.md.
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package key

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type kind uint8

const (
	zeroKind kind = iota
	stringKind
	intKind
	numberKind
	binaryKind
	literalKind
	compositeKind
	multiKind
)

func (k kind) String() string {
	return [...]string{
		"an undeclared part", "a string", "an integer", "a number", "a binary",
		"a literal", "a composite", "a multi-attribute key",
	}[k]
}

// A Part declares a key attribute, several of them ([Multi]), or a part of a
// composite. It is an immutable value; the zero Part declares nothing. Faults
// in a declaration are told by repo.New, not by the constructors.
type Part struct {
	kind      kind
	sortable  bool
	delimited bool   // Delimiter was called
	name      string // of the attribute; the text of a literal
	delim     string
	parts     []Part
}

// String declares an attribute of type S.
func String(name string) Part { return Part{kind: stringKind, name: name} }

// Int declares an attribute of type N that holds integers. Inside a composite
// it is a 64-bit integer in plain decimal, unless [Part.Sortable] is asked for
// (rule K2).
func Int(name string) Part { return Part{kind: intKind, name: name} }

// Number declares an attribute of type N.
func Number(name string) Part { return Part{kind: numberKind, name: name} }

// Binary declares an attribute of type B.
func Binary(name string) Part { return Part{kind: binaryKind, name: name} }

// Literal declares fixed text inside a composite: written and checked, never
// counted among the values (rule K7). It is stored as it stands, so it may hold
// neither '%' nor a byte of the delimiter.
func Literal(text string) Part { return Part{kind: literalKind, name: text} }

// Composite declares one attribute of type S that joins parts: strings,
// integers and literals, of which one at least is no literal.
func Composite(name string, parts ...Part) Part {
	return Part{kind: compositeKind, name: name, delim: "|", parts: slices.Clone(parts)}
}

// Multi declares the key of a global index that consists of 1 to 4 attributes,
// DynamoDB's own alternative to a composite (rule K6). See
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.MultiAttributeKeys.
func Multi(parts ...Part) Part { return Part{kind: multiKind, parts: slices.Clone(parts)} }

// Sortable returns an Int inside a composite that is encoded so that byte order
// is numeric order, negative integers included: "1" and 19 digits, or "0" and
// 19 digits of the integer plus 2^63 for a negative one (rule K2). On any other
// part it is a fault of declaration.
func (p Part) Sortable() Part {
	p.sortable = true
	return p
}

// Delimiter returns a composite whose parts are joined with d: one or more
// printable ASCII characters that are no letters, digits, '%' or '-'. On any
// other part it is a fault of declaration.
func (p Part) Delimiter(d string) Part {
	p.delim, p.delimited = d, true
	return p
}

// IsZero tells whether p declares nothing.
func (p Part) IsZero() bool { return p.kind == zeroKind }

// IsComposite tells whether p is made by [Composite].
func (p Part) IsComposite() bool { return p.kind == compositeKind }

// Name returns the name of the attribute; "" for a Multi, a Literal and the
// zero Part.
func (p Part) Name() string {
	if p.kind == literalKind {
		return ""
	}
	return p.name
}

// Type returns the type of the stored attribute, S for a Composite; "" for a
// Multi, a Literal and the zero Part.
func (p Part) Type() types.ScalarAttributeType {
	switch p.kind {
	case stringKind, compositeKind:
		return types.ScalarAttributeTypeS
	case intKind, numberKind:
		return types.ScalarAttributeTypeN
	case binaryKind:
		return types.ScalarAttributeTypeB
	}
	return ""
}

// Attributes returns the stored key attributes: p itself, or the members of a
// Multi in order; nil for a Literal and the zero Part.
func (p Part) Attributes() []Part {
	switch p.kind {
	case zeroKind, literalKind:
		return nil
	case multiKind:
		return slices.Clone(p.parts)
	}
	return []Part{p}
}

// Fields returns what takes a value, in order: p itself, or what the parts of a
// Composite or a Multi have for fields, literals left out. It is nil for a
// Literal and the zero Part.
func (p Part) Fields() []Part {
	switch p.kind {
	case zeroKind, literalKind:
		return nil
	case compositeKind, multiKind:
		var fields []Part
		for _, part := range p.parts {
			fields = append(fields, part.Fields()...)
		}
		return fields
	}
	return []Part{p}
}
