package key

import (
	"slices"

	"github.com/dynarepo/dynarepo/internal/door"
)

// AppendFields appends to dst the text of a composite whose fields have
// values, which stand in the order of [Part.Fields], and returns it; it
// allocates nothing where dst has room. Any other number of fields, and a part
// that is no composite, gives an [*Error].
func (p inside) AppendFields(dst []byte, fields []door.Field) ([]byte, error) {
	var room [8]operand
	ops := slices.Grow(room[:0], len(fields))
	for _, part := range p.parts {
		if part.kind == literalKind || len(ops) == len(fields) {
			continue
		}
		f := fields[len(ops)]
		if part.kind == stringKind {
			ops = append(ops, operand{kind: stringValue, text: f.Text})
		} else {
			ops = append(ops, operand{kind: intValue, n: f.Int})
		}
	}
	if len(ops) != len(fields) || len(ops) != p.arity() {
		return nil, p.fault("", "want a value for each field", nil)
	}
	b, _, err := p.append(dst, ops)
	return b, err
}
