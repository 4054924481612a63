package planner_test

import (
	"fmt"
	"strings"

	"github.com/dynarepo/dynarepo/internal/expr"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/planner"
	"github.com/dynarepo/dynarepo/key"
)

func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func n(v any) types.AttributeValue    { return &types.AttributeValueMemberN{Value: fmt.Sprint(v)} }
func b(v string) types.AttributeValue { return &types.AttributeValueMemberB{Value: []byte(v)} }

var (
	null  types.AttributeValue = &types.AttributeValueMemberNULL{Value: true}
	truth types.AttributeValue = &types.AttributeValueMemberBOOL{Value: true}
)

func term(attr string, op expr.Op, values ...types.AttributeValue) planner.Term {
	return planner.Term{Attr: attr, Op: op, Values: values}
}

func eq(attr string, v types.AttributeValue) planner.Term  { return term(attr, expr.OpEq, v) }
func lt(attr string, v types.AttributeValue) planner.Term  { return term(attr, expr.OpLt, v) }
func lte(attr string, v types.AttributeValue) planner.Term { return term(attr, expr.OpLte, v) }
func gt(attr string, v types.AttributeValue) planner.Term  { return term(attr, expr.OpGt, v) }
func gte(attr string, v types.AttributeValue) planner.Term { return term(attr, expr.OpGte, v) }
func begins(attr string, v types.AttributeValue) planner.Term {
	return term(attr, expr.OpBeginsWith, v)
}

func between(attr string, lo, hi types.AttributeValue) planner.Term {
	return term(attr, expr.OpBetween, lo, hi)
}

// other is a term that only a filter can hold, such as an IN.
func other(attr string) planner.Term { return term(attr, expr.OpNone) }

// either is a compound term, such as an OR.
func either(attrs ...string) planner.Term { return planner.Term{Attrs: attrs} }

func terms(t ...planner.Term) []planner.Term { return t }

// show writes a plan with all it has, values included.
func show(p planner.Plan) string {
	var out strings.Builder
	out.WriteString(map[bool]string{true: "scan", false: "query"}[p.Scan])
	if p.Index != "" {
		fmt.Fprintf(&out, " %s %s", map[bool]string{true: "global", false: "local"}[p.Global], p.Index)
	}
	fmt.Fprintf(&out, " | %v", p.Rule)
	list := func(name string, conds []planner.KeyCond) {
		for i, c := range conds {
			out.WriteString(map[bool]string{true: " | " + name + ": ", false: " and "}[i == 0] + showCond(c))
		}
	}
	list("key", p.Key)
	if p.Filter != nil {
		fmt.Fprintf(&out, " | filter: %v", p.Filter)
	}
	list("literals", p.Literals)
	for name, has := range map[string]bool{"partial": p.Partial, "fetch": p.Fetch} {
		if has {
			out.WriteString(" | " + name)
		}
	}
	if p.Unserved != nil {
		fmt.Fprintf(&out, " | unserved: %v", p.Unserved)
	}
	if p.Suggest != "" {
		out.WriteString(" | suggest: " + p.Suggest)
	}
	return out.String()
}

func showCond(c planner.KeyCond) string {
	text := make([]string, len(c.Values))
	for i, v := range c.Values {
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			text[i] = fmt.Sprintf("%q", v.Value)
		case *types.AttributeValueMemberN:
			text[i] = v.Value
		case *types.AttributeValueMemberB:
			text[i] = fmt.Sprintf("%x", v.Value)
		}
	}
	return fmt.Sprintf("%s %v %s", c.Attr, c.Op, strings.Join(text, ".."))
}

// scores are the keys and indexes of the library's introduction, with more of
// each kind of index.
var scores = planner.Request{
	Key: key.Spec{
		Hash:  key.Composite("id", key.String("model_id"), key.Int("account_id")),
		Range: key.Int("position"),
	},
	Indexes: []index.Spec{
		index.Global("user_part", key.String("user_id"), key.Int("position")).Include("tags"),
		index.Global("user_idx", key.String("user_id"), key.Number("score")),
		index.Global("user_twin", key.String("user_id"), key.Number("score")),
		index.Global("email_idx", key.String("email")),
		index.Global("blob_idx", key.Binary("digest"), key.String("user_id")),
		index.Local("score_part", key.Number("score")).KeysOnly(),
		index.Local("score_idx", key.Number("score")),
		index.Local("email_part", key.String("email")).Include("tags"),
	},
}

// id is equality on the whole hash key of scores.
func id(more ...planner.Term) []planner.Term {
	return append(terms(eq("model_id", s("m")), eq("account_id", n(42))), more...)
}

// with returns request r with terms and options.
func with(r planner.Request, t []planner.Term, opts ...func(*planner.Request)) planner.Request {
	r.Terms = t
	for _, opt := range opts {
		opt(&r)
	}
	return r
}

func forced(name string) func(*planner.Request) {
	return func(r *planner.Request) { r.Forced = name }
}

func project(attrs ...string) func(*planner.Request) {
	return func(r *planner.Request) { r.Projected = attrs }
}

func filtered(attrs ...string) func(*planner.Request) {
	return func(r *planner.Request) { r.Filtered = attrs }
}

func partition(r *planner.Request)  { r.Partition = true }
func consistent(r *planner.Request) { r.Consistent = true }
func sortGiven(r *planner.Request)  { r.Sorted = true }
func scan(r *planner.Request)       { r.Scan = true }
func literals(r *planner.Request)   { r.Literals = true }
