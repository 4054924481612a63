package expr

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An Op is the operator of a [Node].
type Op uint8

// The operators. Size operators compare the attribute's size; their value is a
// number.
const (
	OpNone Op = iota
	OpEq
	OpNe
	OpLt
	OpLte
	OpGt
	OpGte
	OpBetween
	OpBeginsWith
	OpIn
	OpContains
	OpNotContains
	OpExists
	OpNotExists
	OpNull
	OpNotNull
	OpType
	OpAnd
	OpOr
	OpNot
)

var opNames = [...]string{
	"", "=", "<>", "<", "<=", ">", ">=", "between", "begins_with", "in", "contains", "not contains",
	"exists", "not exists", "null", "not null", "attribute_type", "and", "or", "not",
}

// String returns the operator as it is written in plans, such as ">=".
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("Op(%d)", o)
}

// OnKeys reports whether a key condition can have the operator.
func (o Op) OnKeys() bool { return o >= OpEq && o <= OpBeginsWith && o != OpNe }

// A Node is a condition without its owner: what a planner looks into. It must
// not be changed.
type Node struct {
	Op     Op
	Path   Path                   // of the attribute; nil for and, or, not
	Size   bool                   // the attribute's size is compared, not its value
	Values []types.AttributeValue // as stored; two for between
	Nodes  []*Node                // of and, or, not
	Err    error                  // of the attribute or a value, or nil
}

// maxIn is how many values DynamoDB takes in one IN.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
const maxIn = 100

// Compile returns the condition for the SDK's expression builder, or every
// error in it, joined. An IN of more than 100 values becomes several joined by
// OR.
func (n *Node) Compile() (expression.ConditionBuilder, error) {
	var zero expression.ConditionBuilder
	if n == nil {
		return zero, ErrEmpty
	}
	if n.Err != nil {
		return zero, n.Err
	}
	switch n.Op {
	case OpAnd, OpOr, OpNot:
		return n.compileNodes()
	case OpNone:
		return zero, ErrEmpty
	default:
	}
	name := n.Path.builder()
	if n.Size {
		return compare(name.Size(), n.Op, n.Values)
	}
	switch n.Op {
	case OpBeginsWith:
		s, ok := n.Values[0].(*types.AttributeValueMemberS)
		if !ok {
			return zero, errPrefix(n)
		}
		return name.BeginsWith(s.Value), nil
	case OpIn:
		return in(name, n.Values), nil
	case OpContains:
		return name.Contains(n.Values[0]), nil
	case OpNotContains:
		return expression.Not(name.Contains(n.Values[0])), nil
	case OpExists:
		return name.AttributeExists(), nil
	case OpNotExists:
		return name.AttributeNotExists(), nil
	case OpNull:
		return Nil(n.Path), nil
	case OpNotNull:
		return expression.Not(Nil(n.Path)), nil
	case OpType:
		s, _ := n.Values[0].(*types.AttributeValueMemberS)
		return name.AttributeType(expression.DynamoDBAttributeType(s.Value)), nil
	default:
		return compare(name, n.Op, n.Values)
	}
}

// Nil is the condition that what lies at a path is nil: missing, or NULL.
func Nil(p Path) expression.ConditionBuilder {
	return Missing(p).Or(IsNull(p))
}

// Missing is the condition that nothing lies at a path.
func Missing(p Path) expression.ConditionBuilder { return p.builder().AttributeNotExists() }

// IsNull is the condition that NULL lies at a path.
func IsNull(p Path) expression.ConditionBuilder { return p.builder().AttributeType(expression.Null) }

func (n *Node) compileNodes() (expression.ConditionBuilder, error) {
	all := make([]expression.ConditionBuilder, len(n.Nodes))
	errs := make([]error, len(n.Nodes))
	for i, c := range n.Nodes {
		all[i], errs[i] = c.Compile()
	}
	if err := errors.Join(errs...); err != nil {
		return expression.ConditionBuilder{}, err
	}
	switch {
	case len(all) == 0:
		return expression.ConditionBuilder{}, ErrEmpty
	case n.Op == OpNot:
		return expression.Not(all[0]), nil
	case len(all) == 1:
		return all[0], nil
	case n.Op == OpOr:
		return expression.Or(all[0], all[1], all[2:]...), nil
	default:
		return expression.And(all[0], all[1], all[2:]...), nil
	}
}

func compare(left expression.OperandBuilder, op Op, values []types.AttributeValue) (expression.ConditionBuilder, error) {
	v := expression.Value(values[0])
	switch op {
	case OpEq:
		return expression.Equal(left, v), nil
	case OpNe:
		return expression.NotEqual(left, v), nil
	case OpLt:
		return expression.LessThan(left, v), nil
	case OpLte:
		return expression.LessThanEqual(left, v), nil
	case OpGt:
		return expression.GreaterThan(left, v), nil
	case OpGte:
		return expression.GreaterThanEqual(left, v), nil
	case OpBetween:
		return expression.Between(left, v, expression.Value(values[1])), nil
	default:
		return expression.ConditionBuilder{}, fmt.Errorf("cond: no comparison %v", op)
	}
}

func in(name expression.NameBuilder, values []types.AttributeValue) expression.ConditionBuilder {
	var all []expression.ConditionBuilder
	for len(values) > 0 {
		n := min(maxIn, len(values))
		operands := make([]expression.OperandBuilder, n)
		for i, v := range values[:n] {
			operands[i] = expression.Value(v)
		}
		all = append(all, expression.In(name, operands[0], operands[1:]...))
		values = values[n:]
	}
	if len(all) == 1 {
		return all[0]
	}
	return expression.Or(all[0], all[1], all[2:]...)
}

// HoldsOfNone reports whether the condition holds where there is no item.
func (n *Node) HoldsOfNone() bool {
	switch n.Op {
	case OpAnd:
		return !slices.ContainsFunc(n.Nodes, func(c *Node) bool { return !c.HoldsOfNone() })
	case OpOr:
		return slices.ContainsFunc(n.Nodes, (*Node).HoldsOfNone)
	case OpNot:
		return !n.Nodes[0].HoldsOfNone()
	case OpNe, OpNotContains, OpNotExists, OpNull:
		return true
	default:
		return false
	}
}

// Attributes returns the names of the item's attributes that the condition
// touches, each once, in order.
func (n *Node) Attributes() []string {
	var names []string
	var walk func(*Node)
	walk = func(n *Node) {
		if n == nil {
			return
		}
		if a := n.Path.Attribute(); a != "" && !slices.Contains(names, a) {
			names = append(names, a)
		}
		for _, c := range n.Nodes {
			walk(c)
		}
	}
	walk(n)
	return names
}

// Check returns every error that [Node.Compile] would, joined, without
// compiling.
func (n *Node) Check() error {
	switch {
	case n == nil || n.Op == OpNone:
		return ErrEmpty
	case n.Err != nil:
		return n.Err
	case n.Op != OpAnd && n.Op != OpOr && n.Op != OpNot:
		if _, text := value(n.Values).(*types.AttributeValueMemberS); n.Op == OpBeginsWith && !n.Size && !text {
			return errPrefix(n)
		}
		return nil
	case len(n.Nodes) == 0:
		return ErrEmpty
	}
	var errs []error
	for _, c := range n.Nodes {
		errs = append(errs, c.Check())
	}
	return errors.Join(errs...)
}

// value returns the first of values, nil if there is none.
func value(values []types.AttributeValue) types.AttributeValue {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

func errPrefix(n *Node) error {
	return &fault{attr: n.Path.String(), rule: "begins_with takes a string"}
}
