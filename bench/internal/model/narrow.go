package model

// Narrow is an item of little more than its key.
type Narrow struct {
	PK    string  `dynamodbav:"pk" dynamo:"pk"`
	SK    string  `dynamodbav:"sk" dynamo:"sk"`
	Score float64 `dynamodbav:"score" dynamo:"score"`
}

// NarrowModel returns the model of Narrow.
func NarrowModel() *Model[Narrow] {
	return &Model[Narrow]{
		Name:     "narrow",
		PageSize: 1000,
		At: func(i int) Narrow {
			k := KeyAt(i)
			return Narrow{k.PK, k.SK, float64(i%1000) * 1.25}
		},
		Score: func(n *Narrow) *float64 { return &n.Score },
		Encode: func(n *Narrow) Attrs {
			return Attrs{"pk": text(n.PK), "sk": text(n.SK), "score": float(n.Score)}
		},
		Decode: func(attrs Attrs, n *Narrow) error {
			r := reader{attrs: attrs}
			n.PK, n.SK, n.Score = r.text("pk"), r.text("sk"), r.float("score")
			return r.err
		},
	}
}
