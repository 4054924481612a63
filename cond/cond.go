package cond

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/expr"
)

// A Cond is a condition on the items of T: the filter or key condition of a
// query, the guard of a write. It is immutable. The zero value is no condition
// and refused where one is used ([ErrEmpty]); so is one made of an attribute
// that does not resolve ([ErrAttr]). A comparison is false where the attribute
// is missing or of another type than the value, but for [Attr.Ne].
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
type Cond[T any] struct{ node *expr.Node }

// Node returns the condition without its owner, for what looks into it; nil
// for the zero value.
func (c Cond[T]) Node() *expr.Node { return c.node }

// Err returns what is wrong with the condition, joined; nil if nothing is.
func (c Cond[T]) Err() error { return c.node.Check() }

// And is true for the items for which all of conds are. It needs one or more.
func And[T any](conds ...Cond[T]) Cond[T] { return join(expr.OpAnd, conds) }

// Or is true for the items for which one of conds is. It needs one or more.
func Or[T any](conds ...Cond[T]) Cond[T] { return join(expr.OpOr, conds) }

// Not is true for the items for which c is not, also for those without the
// attribute that c compares.
func Not[T any](c Cond[T]) Cond[T] { return join(expr.OpNot, []Cond[T]{c}) }

func join[T any](op expr.Op, conds []Cond[T]) Cond[T] {
	n := &expr.Node{Op: op, Nodes: make([]*expr.Node, len(conds))}
	for i, c := range conds {
		n.Nodes[i] = c.node
	}
	return Cond[T]{n}
}

// Eq is true where the attribute equals v. Of nil it is [Attr.Null].
func (a Attr[T, V]) Eq(v V) Cond[T] { return Cond[T]{a.of.cond(expr.OpEq, v)} }

// Ne is true where the attribute does not equal v, and where it is missing. Of
// nil it is [Attr.NotNull].
func (a Attr[T, V]) Ne(v V) Cond[T] { return Cond[T]{a.of.cond(expr.OpNe, v)} }

// Lt is true where the attribute is less than v: numbers by value, strings and
// binaries by their bytes. Nothing else has an order: a v that is stored as
// something else is [ErrAttr], here and in the four that follow. So is one of a
// field whose stored form does not keep its order (rule O2): a number with the
// option string, a time with the option sdktime, a number of math/big.
func (a Attr[T, V]) Lt(v V) Cond[T] { return Cond[T]{a.of.cond(expr.OpLt, v)} }

// Lte is true where the attribute is v or less.
func (a Attr[T, V]) Lte(v V) Cond[T] { return Cond[T]{a.of.cond(expr.OpLte, v)} }

// Gt is true where the attribute is greater than v.
func (a Attr[T, V]) Gt(v V) Cond[T] { return Cond[T]{a.of.cond(expr.OpGt, v)} }

// Gte is true where the attribute is v or greater.
func (a Attr[T, V]) Gte(v V) Cond[T] { return Cond[T]{a.of.cond(expr.OpGte, v)} }

// Between is true where the attribute is lo, hi, or between them. DynamoDB
// refuses bounds that are reversed.
func (a Attr[T, V]) Between(lo, hi V) Cond[T] { return Cond[T]{a.of.cond(expr.OpBetween, lo, hi)} }

// In is true where the attribute equals one of vs, any number of them but
// none; more than 100 go out as several IN joined by OR. nil among them is
// [Attr.Null].
func (a Attr[T, V]) In(vs ...V) Cond[T] {
	values := make([]any, len(vs))
	for i, v := range vs {
		values[i] = v
	}
	return Cond[T]{a.of.in(values)}
}

// BeginsWith is true where the attribute, a string, starts with prefix.
func (a Attr[T, V]) BeginsWith(prefix string) Cond[T] {
	return Cond[T]{a.of.prefix(prefix)}
}

// Contains is true where the attribute is a string that holds v, or a set or
// list of which v is a member.
func (a Attr[T, V]) Contains(v any) Cond[T] { return Cond[T]{a.of.member(expr.OpContains, v)} }

// NotContains is true where Contains is not.
func (a Attr[T, V]) NotContains(v any) Cond[T] { return Cond[T]{a.of.member(expr.OpNotContains, v)} }

// Exists is true where the item has the attribute, if only as NULL.
func (a Attr[T, V]) Exists() Cond[T] { return Cond[T]{a.of.node(expr.OpExists)} }

// NotExists is true where the item does not have the attribute.
func (a Attr[T, V]) NotExists() Cond[T] { return Cond[T]{a.of.node(expr.OpNotExists)} }

// Null is true where the attribute is nil: missing, which is what a nil field is
// stored as, or NULL. [Attr.Type] tells which.
func (a Attr[T, V]) Null() Cond[T] { return Cond[T]{a.of.node(expr.OpNull)} }

// NotNull is true where Null is not.
func (a Attr[T, V]) NotNull() Cond[T] { return Cond[T]{a.of.node(expr.OpNotNull)} }

// Type is true where the attribute is stored as type t, such as
// expression.StringSet.
func (a Attr[T, V]) Type(t expression.DynamoDBAttributeType) Cond[T] {
	return Cond[T]{a.of.node(expr.OpType, &types.AttributeValueMemberS{Value: string(t)})}
}

// Size returns the size of the attribute, to be compared.
func (a Attr[T, V]) Size() Size[T] {
	return Size[T]{a.of.size()}
}

// A Size is the size of an attribute: the length of a string, the bytes of a
// binary, the elements of a set, list or map. Nothing else has a size, nor has
// what is missing: comparing it is false, but for Ne. AWS does not say what the length of a string counts;
// DynamoDB Local counts UTF-16 units, so 1 for "é" and 2 for most emoji.
type Size[T any] struct{ of *attr }

// Eq is true where the size is n.
func (s Size[T]) Eq(n int) Cond[T] { return Cond[T]{s.of.sized(expr.OpEq, n)} }

// Ne is true where the size is not n, and where there is none.
func (s Size[T]) Ne(n int) Cond[T] { return Cond[T]{s.of.sized(expr.OpNe, n)} }

// Lt is true where the size is less than n.
func (s Size[T]) Lt(n int) Cond[T] { return Cond[T]{s.of.sized(expr.OpLt, n)} }

// Lte is true where the size is n or less.
func (s Size[T]) Lte(n int) Cond[T] { return Cond[T]{s.of.sized(expr.OpLte, n)} }

// Gt is true where the size is greater than n.
func (s Size[T]) Gt(n int) Cond[T] { return Cond[T]{s.of.sized(expr.OpGt, n)} }

// Gte is true where the size is n or greater.
func (s Size[T]) Gte(n int) Cond[T] { return Cond[T]{s.of.sized(expr.OpGte, n)} }

// Between is true where the size is lo, hi, or between them.
func (s Size[T]) Between(lo, hi int) Cond[T] { return Cond[T]{s.of.sized(expr.OpBetween, lo, hi)} }

// size is the attribute's size as one.
func (a *attr) size() *attr {
	a = a.or()
	return &attr{a.owner, place{path: a.at.path, typ: reflect.TypeFor[int]()}, a.err}
}

func (a *attr) sized(op expr.Op, n ...any) *expr.Node {
	node := a.cond(op, n...)
	node.Size = true
	return node
}

func (a *attr) in(vs []any) *expr.Node {
	n := a.cond(expr.OpIn, vs...)
	if len(vs) == 0 {
		n.Err = a.Fault("in needs a value", nil)
	}
	if n.Err != nil || !slices.ContainsFunc(n.Values, isNull) {
		return n
	}
	null := a.node(expr.OpNull)
	if n.Values = slices.DeleteFunc(n.Values, isNull); len(n.Values) == 0 {
		return null
	}
	return &expr.Node{Op: expr.OpOr, Nodes: []*expr.Node{n, null}}
}

func isNull(av types.AttributeValue) bool {
	_, null := av.(*types.AttributeValueMemberNULL)
	return null
}

func (a *attr) cond(op expr.Op, vs ...any) *expr.Node {
	n := a.node(op, make([]types.AttributeValue, len(vs))...)
	for i, v := range vs {
		a.encode(n, i, v, a.or().at.encode)
	}
	if n.Err != nil {
		return n
	}
	switch {
	case op == expr.OpEq && isNull(n.Values[0]):
		return a.node(expr.OpNull)
	case op == expr.OpNe && isNull(n.Values[0]):
		return a.node(expr.OpNotNull)
	}
	if op >= expr.OpLt && op <= expr.OpBetween && !ordered(n.Values) {
		n.Err = a.Fault("an order is for values that are all strings, all numbers or all binaries", nil)
	}
	if n.Err == nil && op >= expr.OpLt && op <= expr.OpBetween && !a.or().at.ordered() {
		n.Err = a.Fault("the form in which the attribute is stored keeps no order", nil)
	}
	return n
}

// ordered reports whether values are of one type that has an order.
func ordered(values []types.AttributeValue) bool {
	kinds := map[types.ScalarAttributeType]bool{}
	for _, v := range values {
		switch v.(type) {
		case *types.AttributeValueMemberS:
			kinds[types.ScalarAttributeTypeS] = true
		case *types.AttributeValueMemberN:
			kinds[types.ScalarAttributeTypeN] = true
		case *types.AttributeValueMemberB:
			kinds[types.ScalarAttributeTypeB] = true
		default:
			return false
		}
	}
	return len(kinds) == 1
}

func (a *attr) member(op expr.Op, v any) *expr.Node {
	n := a.node(op, nil)
	a.encode(n, 0, v, a.or().at.encodeElem)
	return n
}

func (a *attr) prefix(text string) *expr.Node {
	av, err := codec.EncodeAny(text)
	n := a.node(expr.OpBeginsWith, av)
	if n.Err == nil && err != nil {
		n.Err = a.Fault("a value that the attribute can't hold", err)
	}
	return n
}

func (a *attr) node(op expr.Op, values ...types.AttributeValue) *expr.Node {
	a = a.or()
	return &expr.Node{Op: op, Path: a.at.path, Values: values, Err: a.err}
}

// encode sets value i of a node that is still being made.
func (a *attr) encode(n *expr.Node, i int, v any, encode func(any) (types.AttributeValue, error)) {
	if n.Err != nil {
		return
	}
	av, err := encode(v)
	if err != nil {
		n.Err = a.Fault("a value that the attribute can't hold", err)
		return
	}
	if a.or().at.tag.SDKTime && !isNull(av) && (n.Op < expr.OpLt || n.Op > expr.OpBetween) {
		n.Err = a.Fault("an instant has many texts in the SDK's form of times; compare the text that is stored with BeginsWith", nil)
		return
	}
	n.Values[i] = av
}

// Fault returns the error that the attribute breaks a rule, or what keeps it from
// resolving.
func (a *attr) Fault(rule string, err error) error {
	if a = a.or(); a.err != nil {
		return a.err
	}
	return &AttrError{Type: a.owner, Attr: a.at.path.String(), Rule: rule, Err: err}
}
