package expr

import (
	"strings"
)

// String returns the condition in words with "?" for every value, such as
// "score > ? and (tags contains ? or note exists)".
func (n *Node) String() string {
	if n == nil {
		return ""
	}
	left := n.Path.String()
	if n.Size {
		left = "size(" + left + ")"
	}
	switch n.Op {
	case OpNot:
		return "not (" + n.Nodes[0].String() + ")"
	case OpAnd, OpOr:
		parts := make([]string, len(n.Nodes))
		for i, c := range n.Nodes {
			parts[i] = c.String()
			if c != nil && (c.Op == OpAnd || c.Op == OpOr) {
				parts[i] = "(" + parts[i] + ")"
			}
		}
		return strings.Join(parts, " "+n.Op.String()+" ")
	case OpExists, OpNotExists, OpNull, OpNotNull:
		return left + " " + n.Op.String()
	case OpBetween:
		return left + " between ? and ?"
	default:
		return left + " " + n.Op.String() + " ?"
	}
}
