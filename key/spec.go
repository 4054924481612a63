package key

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Spec declares the key of a table. Range is the zero Part for a table
// without a sort key.
type Spec struct{ Hash, Range Part }

const (
	// maxName is the limit of a key's name in bytes, see
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html.
	maxName  = 255
	maxMulti = 4
)

// Validate returns every fault at once of a table's key with the hash key p,
// joined by [errors.Join] from values of type [*Error], or nil (rule L2). Faults
// are those of ValidatePart, a missing hash key, a Multi, and one attribute
// declared twice.
func (p inside) Validate(sort Part) error {
	var faults []error
	if p.IsZero() {
		faults = append(faults, &Error{Rule: "the hash key is missing"})
	}
	for _, part := range []Part{p.Part, sort} {
		if part.IsZero() {
			continue
		}
		if part.kind == multiKind {
			faults = append(faults, &Error{Rule: "a table can't have a multi-attribute key"})
		}
		faults = append(faults, part.faults()...)
	}
	faults = append(faults, clashes(slices.Concat(p.Attributes(), sort.Attributes()))...)
	return errors.Join(faults...)
}

// ValidatePart returns every fault of one key's declaration at once, joined by
// [errors.Join] from values of type [*Error], or nil. Faults are a part that is
// zero or a literal, a name that is empty, over 255 bytes or given twice,
// Sortable on anything but an Int in a composite, Delimiter on anything but a
// composite; in a composite a bad delimiter, no part that takes a value, a
// literal that holds a byte that would be escaped, and any part that is no
// String, Int or Literal, or is a composite by itself; in a Multi fewer than 1
// or more than 4 attributes, and a Multi or a Literal among them.
func (p inside) ValidatePart() error {
	return errors.Join(append(p.faults(), clashes(p.Attributes())...)...)
}

// faults returns the faults of p, but for names that clash.
func (p Part) faults() []error {
	var faults []error
	report := func(part, rule string) {
		faults = append(faults, p.fault(part, rule, nil))
	}
	switch p.kind {
	case zeroKind, literalKind:
		report("", p.kind.String()+" is no key attribute")
	case multiKind:
		if n := len(p.parts); n < 1 || n > maxMulti {
			report("", fmt.Sprintf("a multi-attribute key has 1 to %d attributes, not %d", maxMulti, n))
		}
		for _, part := range p.parts {
			if part.kind == multiKind {
				report("", "a multi-attribute key can't hold another")
				continue
			}
			faults = append(faults, part.faults()...)
		}
	default:
		if rule := nameFault(p.name); rule != "" {
			report("", rule)
		}
	}
	if p.sortable {
		report("", "only an integer in a composite can be sortable")
	}
	if p.kind == compositeKind {
		return append(faults, p.compositeFaults()...)
	}
	if p.delimited {
		report("", "only a composite has a delimiter")
	}
	return faults
}

func (p Part) compositeFaults() []error {
	var faults []error
	report := func(part, rule string) {
		faults = append(faults, p.fault(part, rule, nil))
	}
	if p.delim == "" || strings.ContainsFunc(p.delim, notDelimiter) {
		report("", "a delimiter is made of printable ASCII characters that are no letters, digits, '%' or '-'")
	}
	if p.arity() == 0 {
		report("", "a composite needs a part that takes a value")
	}
	for _, part := range p.parts {
		name := part.name
		switch part.kind {
		case literalKind:
			name = fmt.Sprintf("%q", part.name)
			if strings.ContainsAny(part.name, "%"+p.delim) {
				report(name, "a literal holds neither '%' nor the delimiter")
			}
		case stringKind, intKind:
			if rule := nameFault(name); rule != "" {
				report(name, rule)
			}
		default:
			report(name, part.kind.String()+" can't be in a composite")
		}
		if part.sortable && part.kind != intKind {
			report(name, "only an integer in a composite can be sortable")
		}
		if part.delimited {
			report(name, "the delimiter is the whole composite's")
		}
	}
	return faults
}

func notDelimiter(r rune) bool {
	switch {
	case r < ' ', r > '~', r == '%', r == '-':
		return true
	case '0' <= r && r <= '9', 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z':
		return true
	}
	return false
}

func nameFault(name string) string {
	switch n := len(name); {
	case n == 0:
		return "has no name"
	case n > maxName:
		return fmt.Sprintf("a name has at most %d bytes, not %d", maxName, n)
	}
	return ""
}

// clashes returns a fault for each attribute declared twice, each field that a
// composite holds twice, and each field that is a composite itself.
func clashes(attrs []Part) []error {
	var faults []error
	for i, attr := range attrs {
		if attr.name != "" && slices.ContainsFunc(attrs[:i], attr.sameName) {
			faults = append(faults, attr.fault("", "is declared twice", nil))
		}
		if !attr.IsComposite() {
			continue
		}
		fields := attr.Fields()
		for j, f := range fields {
			if f.name == "" {
				continue
			}
			if slices.ContainsFunc(fields[:j], f.sameName) {
				faults = append(faults, attr.fault(f.name, "is declared twice", nil))
			}
			if slices.ContainsFunc(attrs, func(a Part) bool { return a.IsComposite() && a.name == f.name }) {
				faults = append(faults, attr.fault(f.name, "is a composite by itself", nil))
			}
		}
	}
	return faults
}

func (p Part) sameName(q Part) bool { return p.name == q.name }
