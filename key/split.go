package key

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Split returns the values of the fields of a composite, in the order of
// [Part.Fields]: a string for a String, an int64 for an Int. It accepts what
// [Part.Join] writes and nothing else: another number of parts, a malformed or
// needless escape, and an integer in any but its one form give an [*Error], and
// so does another text in the place of a literal, which is [ErrLiteral] too.
func (p Part) Split(s string) ([]any, error) {
	values := make([]any, 0, len(p.parts))
	err := p.each(s, func(part *Part, text string, n int64) {
		if part.kind == intKind {
			values = append(values, n)
			return
		}
		values = append(values, text)
	})
	if err != nil {
		return nil, err
	}
	return values, nil
}

// Decode returns the values of the fields of a composite, in the order of
// [Part.Fields]: an S for a String, an N for an Int. A value that is nil, NULL
// or no S gives an [*Error]; other errors are those of [Part.Split].
func (p inside) Decode(av types.AttributeValue) ([]types.AttributeValue, error) {
	switch op := attributeOperand(av); op.kind {
	case stringValue:
		return p.decode(op.text)
	case noValue:
		return nil, p.fault("", "has no value", nil)
	}
	return nil, p.fault("", "want a string", nil)
}

func (p Part) decode(s string) ([]types.AttributeValue, error) {
	values := make([]types.AttributeValue, 0, len(p.parts))
	err := p.each(s, func(part *Part, text string, n int64) {
		if part.kind == intKind {
			values = append(values, &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)})
			return
		}
		values = append(values, &types.AttributeValueMemberS{Value: text})
	})
	if err != nil {
		return nil, err
	}
	return values, nil
}

// each calls f with each field of a composite and its value: text for a
// String, n for an Int. A literal that differs is the error told, whatever else
// is wrong, since the text is then no key of this kind.
func (p Part) each(s string, f func(part *Part, text string, n int64)) error {
	if !p.joins() {
		return p.fault("", notComposite, nil)
	}
	err := p.walk(s, f)
	if err == nil {
		return nil
	}
	texts := strings.SplitN(s, p.delim, len(p.parts))
	for i, part := range p.parts {
		if part.kind == literalKind && (i >= len(texts) || texts[i] != part.name) {
			return p.differs(part)
		}
	}
	return err
}

func (p Part) walk(s string, f func(part *Part, text string, n int64)) error {
	more := true
	for i := range p.parts {
		if !more {
			return p.fault("", "has too few parts", nil)
		}
		part, text := &p.parts[i], s
		if i < len(p.parts)-1 {
			text, s, more = strings.Cut(s, p.delim)
		}
		var n int64
		var ok bool
		switch part.kind {
		case literalKind:
			if text != part.name {
				return p.differs(*part)
			}
			continue
		case stringKind:
			if text, ok = unescape(text, p.delim); !ok {
				return p.fault(part.name, "is not escaped as it would be written", nil)
			}
		case intKind:
			if n, ok = parseStored(text, part.sortable); !ok {
				return p.fault(part.name, wantInt+" as it would be written", nil)
			}
		default:
			return p.fault(part.name, part.kind.String()+" can't be in a composite", nil)
		}
		f(part, text, n)
	}
	return nil
}

func (p Part) differs(literal Part) error {
	return p.fault(strconv.Quote(literal.name), "the literal differs", ErrLiteral)
}

func parseStored(s string, sortable bool) (n int64, ok bool) {
	if sortable {
		return parseSortable(s)
	}
	return parseInt(s)
}
