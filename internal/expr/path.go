package expr

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Path is where an attribute lies in an item: a name, then names of map
// entries and indexes of list elements.
type Path []Step

// A Step is one element of a [Path].
type Step struct {
	Name  string // of an attribute or a map entry; "" for a list element
	Index int    // of a list element
}

// of returns what the step leads to within av, nil for nothing; ok is false if av
// has no parts.
func (s Step) of(av types.AttributeValue) (inner types.AttributeValue, ok bool) {
	switch av := av.(type) {
	case *types.AttributeValueMemberM:
		return av.Value[s.Name], true
	case *types.AttributeValueMemberL:
		if s.Name == "" && s.Index < len(av.Value) {
			return av.Value[s.Index], true
		}
		return nil, true
	}
	return nil, false
}

// In returns what an item has at the path; nil for nothing.
func (p Path) In(item map[string]types.AttributeValue) types.AttributeValue {
	var av types.AttributeValue = &types.AttributeValueMemberM{Value: item}
	for _, s := range p {
		av, _ = s.of(av)
	}
	return av
}

// String returns the path as DynamoDB writes it, such as "lines[0].sku".
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.Name == "":
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(s.Index))
			b.WriteByte(']')
		case i > 0:
			b.WriteByte('.')
			fallthrough
		default:
			b.WriteString(s.Name)
		}
	}
	return b.String()
}

// Attribute returns the name of the item's attribute that the path begins
// with; "" for an empty path.
func (p Path) Attribute() string {
	if len(p) == 0 {
		return ""
	}
	return p[0].Name
}

// covers reports whether q is p or lies within it.
func (p Path) covers(q Path) bool {
	return len(p) > 0 && len(p) <= len(q) && slices.Equal(p, q[:len(p)])
}

// Bracketed reports whether a name holds a bracket.
func (p Path) Bracketed() bool {
	return slices.ContainsFunc(p, func(s Step) bool { return strings.ContainsAny(s.Name, "[]") })
}

// Clone returns a copy of p.
func (p Path) Clone() Path { return slices.Clone(p) }

// With returns a copy of p with one step more.
func (p Path) With(s Step) Path { return append(slices.Clip(p), s) }

// builder returns the SDK's operand of the path, each name aliased as a whole.
func (p Path) builder() expression.NameBuilder {
	var nb expression.NameBuilder
	for len(p) > 0 {
		n := 1 // a name and the list indexes behind it
		for n < len(p) && p[n].Name == "" {
			n++
		}
		nb = nb.AppendName(expression.NameNoDotSplit(p[:n].String()))
		p = p[n:]
	}
	return nb
}
