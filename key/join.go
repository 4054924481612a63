package key

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Join returns the text of a composite whose fields have values, which stand in
// the order of [Part.Fields]: of a string kind for a String, of an integer kind
// and within 64 bits with a sign for an Int, named types included. The bytes of
// a string are taken as they are. Any other value, and any other number of
// them, gives an [*Error].
func (p Part) Join(values ...any) (string, error) {
	var room [8]operand
	ops := room[:0]
	for _, v := range values {
		ops = append(ops, operandOf(v))
	}
	return p.join(ops)
}

// Encode returns the composite, an S, whose fields have values, which stand in
// the order of [Part.Fields]: an S for a String, an N for an Int. A value that is
// nil or NULL, of another type or no integer, and any other number of values,
// gives an [*Error].
func (p inside) Encode(values []types.AttributeValue) (types.AttributeValue, error) {
	var room [8]operand
	s, err := p.join(operands(room[:0], values))
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberS{Value: s}, nil
}

// Prefix returns the text that every composite whose leading fields equal
// values starts with, and no other does: with the delimiter behind it, and the
// literals that follow, unless every field has its value, when it is the whole
// composite. Without values it is the text of the leading literals, or "".
// Errors are those of [inside.Encode].
func (p inside) Prefix(values []types.AttributeValue) (string, error) {
	text, _, err := p.leading(values)
	return text, err
}

// Stem returns the text of the leading fields up to the last of values, with
// nothing behind it; "" without values. Every composite starts with it whose
// leading fields equal values but for the last, and whose next field, if it is
// a String, starts with the last. Errors are those of [inside.Encode].
func (p inside) Stem(values []types.AttributeValue) (string, error) {
	text, stem, err := p.leading(values)
	return text[:stem], err
}

// Ceiling returns the smallest text that is greater, byte by byte, than every
// composite that starts with prefix, where prefix is one of [inside.Prefix] that
// ends in the delimiter; "" for any other. No composite of p equals it, so it
// can be the inclusive end of a between (rule K4).
func (p inside) Ceiling(prefix string) string {
	if p.delim == "" || !strings.HasSuffix(prefix, p.delim) {
		return ""
	}
	last := len(prefix) - 1
	return prefix[:last] + string(prefix[last]+1)
}

func (p Part) leading(values []types.AttributeValue) (text string, stem int, err error) {
	var room [8]operand
	var buf [96]byte
	b, stem, err := p.append(buf[:0], operands(room[:0], values))
	if err != nil {
		return "", 0, err
	}
	return string(b), stem, nil
}

func (p Part) join(ops []operand) (string, error) {
	if n := p.arity(); p.joins() && len(ops) < n {
		return "", p.fault("", fmt.Sprintf("want %d values, not %d", n, len(ops)), nil)
	}
	var buf [96]byte
	b, _, err := p.append(buf[:0], ops)
	if err != nil {
		return "", err
	}
	return string(b), nil
}

// append appends the text of the leading parts that ops are the values of, and
// the literals and the delimiter that follow. stem is its length without these.
func (p Part) append(b []byte, ops []operand) (text []byte, stem int, err error) {
	if !p.joins() {
		return nil, 0, p.fault("", notComposite, nil)
	}
	if n := p.arity(); len(ops) > n {
		return nil, 0, p.fault("", fmt.Sprintf("want %d values, not %d", n, len(ops)), nil)
	}
	for i, part := range p.parts {
		if part.kind == literalKind {
			b = append(b, part.name...)
		} else {
			if len(ops) == 0 {
				break
			}
			if b, err = p.appendValue(b, part, ops[0]); err != nil {
				return nil, 0, err
			}
			ops, stem = ops[1:], len(b)
		}
		if i < len(p.parts)-1 {
			b = append(b, p.delim...)
		}
	}
	return b, stem, nil
}

func (p Part) appendValue(b []byte, part Part, v operand) ([]byte, error) {
	switch {
	case part.kind != stringKind && part.kind != intKind:
		return nil, p.fault(part.name, part.kind.String()+" can't be in a composite", nil)
	case v.kind == noValue:
		return nil, p.fault(part.name, "has no value", nil)
	case part.kind == stringKind && v.kind == stringValue:
		return appendEscaped(b, v.text, p.delim), nil
	case part.kind == stringKind:
		return nil, p.fault(part.name, "want a string", nil)
	case v.kind == hugeValue:
		return nil, p.fault(part.name, wantInt, strconv.ErrRange)
	case v.kind != intValue:
		return nil, p.fault(part.name, wantInt, nil)
	case part.sortable:
		return appendSortable(b, v.n), nil
	}
	return strconv.AppendInt(b, v.n, 10), nil
}

const (
	notComposite = "is no composite with parts"
	wantInt      = "want an integer"
)

func (p Part) joins() bool { return p.kind == compositeKind && len(p.parts) > 0 }

// arity returns how many values a composite has.
func (p Part) arity() int {
	n := 0
	for _, part := range p.parts {
		if part.kind != literalKind {
			n++
		}
	}
	return n
}

func (p Part) fault(part, rule string, cause error) error {
	return &Error{Attr: p.Name(), Part: part, Rule: rule, Err: cause}
}
