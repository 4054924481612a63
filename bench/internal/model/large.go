package model

import (
	"fmt"
	"strings"
)

// Large is an item of large strings, 7 KB of them, with quotes, line ends and
// letters beyond ASCII.
type Large struct {
	PK    string  `dynamodbav:"pk" dynamo:"pk"`
	SK    string  `dynamodbav:"sk" dynamo:"sk"`
	Score float64 `dynamodbav:"score" dynamo:"score"`
	Title string  `dynamodbav:"title" dynamo:"title"`
	Body  string  `dynamodbav:"body" dynamo:"body"`
	Notes string  `dynamodbav:"notes" dynamo:"notes"`
}

// LargeModel returns the model of Large.
func LargeModel() *Model[Large] {
	return &Model[Large]{
		Name:     "large",
		PageSize: 100,
		At: func(i int) Large {
			k := KeyAt(i)
			return Large{
				k.PK, k.SK, float64(i%1000) * 1.25, fmt.Sprintf("Minutes of meeting %d", i),
				prose(i, 60), prose(i+1, 20),
			}
		},
		Score: func(l *Large) *float64 { return &l.Score },
		Encode: func(l *Large) Attrs {
			return Attrs{
				"pk": text(l.PK), "sk": text(l.SK), "score": float(l.Score),
				"title": text(l.Title), "body": text(l.Body), "notes": text(l.Notes),
			}
		},
		Decode: func(attrs Attrs, l *Large) error {
			r := reader{attrs: attrs}
			l.PK, l.SK, l.Score = r.text("pk"), r.text("sk"), r.float("score")
			l.Title, l.Body, l.Notes = r.text("title"), r.text("body"), r.text("notes")
			return r.err
		},
	}
}

// prose returns so many lines of about 85 bytes.
func prose(i, lines int) string {
	var b strings.Builder
	for n := range lines {
		fmt.Fprintf(&b, "Line %d of %d: \"yes\", they said in Zürich, and went on with what had been planned.\n", n, i%1000)
	}
	return b.String()
}
