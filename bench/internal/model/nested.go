package model

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Nested is an item that holds a tree of maps and lists: 15 nodes on 4 levels.
type Nested struct {
	PK    string  `dynamodbav:"pk" dynamo:"pk"`
	SK    string  `dynamodbav:"sk" dynamo:"sk"`
	Score float64 `dynamodbav:"score" dynamo:"score"`
	Root  Node    `dynamodbav:"root" dynamo:"root"`
}

// Node is a node of [Nested].
type Node struct {
	Name     string            `dynamodbav:"name" dynamo:"name"`
	Labels   map[string]string `dynamodbav:"labels" dynamo:"labels"`
	Children []Node            `dynamodbav:"children,omitempty" dynamo:"children,omitempty"`
}

// NestedModel returns the model of Nested.
func NestedModel() *Model[Nested] {
	return &Model[Nested]{
		Name:     "nested",
		PageSize: 100,
		At: func(i int) Nested {
			k := KeyAt(i)
			return Nested{k.PK, k.SK, float64(i%1000) * 1.25, nodeAt(i, 4)}
		},
		Score: func(n *Nested) *float64 { return &n.Score },
		Encode: func(n *Nested) Attrs {
			return Attrs{"pk": text(n.PK), "sk": text(n.SK), "score": float(n.Score), "root": encodeNode(&n.Root)}
		},
		Decode: func(attrs Attrs, n *Nested) error {
			r := reader{attrs: attrs}
			n.PK, n.SK, n.Score = r.text("pk"), r.text("sk"), r.float("score")
			decodeNode(&r, attrs["root"], &n.Root)
			return r.err
		},
	}
}

func nodeAt(i, levels int) Node {
	n := Node{
		Name:   fmt.Sprintf("node %d of level %d", i%1000, levels),
		Labels: map[string]string{"colour": "green", "size": fmt.Sprintf("size-%d", i%7)},
	}
	if levels > 1 {
		n.Children = []Node{nodeAt(2*i, levels-1), nodeAt(2*i+1, levels-1)}
	}
	return n
}

func encodeNode(n *Node) types.AttributeValue {
	labels := make(Attrs, len(n.Labels))
	for name, label := range n.Labels {
		labels[name] = text(label)
	}
	attrs := Attrs{"name": text(n.Name), "labels": &types.AttributeValueMemberM{Value: labels}}
	if len(n.Children) > 0 {
		children := make([]types.AttributeValue, len(n.Children))
		for i := range n.Children {
			children[i] = encodeNode(&n.Children[i])
		}
		attrs["children"] = &types.AttributeValueMemberL{Value: children}
	}
	return &types.AttributeValueMemberM{Value: attrs}
}

func decodeNode(outer *reader, v types.AttributeValue, n *Node) {
	r := outer.nested(v)
	n.Name = r.text("name")
	labels := r.nested(r.attrs["labels"])
	n.Labels = make(map[string]string, len(labels.attrs))
	for name := range labels.attrs {
		n.Labels[name] = labels.text(name)
	}
	if _, ok := r.attrs["children"]; ok {
		children := r.list("children")
		n.Children = make([]Node, len(children))
		for i, child := range children {
			decodeNode(&r, child, &n.Children[i])
		}
	}
	for _, err := range []error{r.err, labels.err} {
		if err != nil {
			outer.fail(err)
		}
	}
}
