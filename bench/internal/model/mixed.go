package model

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Mixed is the main model: 10 attributes that hold 22 values, 533 bytes of
// DynamoDB's JSON.
type Mixed struct {
	PK      string    `dynamodbav:"pk" dynamo:"pk"`
	SK      string    `dynamodbav:"sk" dynamo:"sk"`
	Name    string    `dynamodbav:"name" dynamo:"name"`
	Count   int64     `dynamodbav:"count" dynamo:"count"`
	Score   float64   `dynamodbav:"score" dynamo:"score"`
	Active  bool      `dynamodbav:"active" dynamo:"active"`
	Created time.Time `dynamodbav:"created_at" dynamo:"created_at"`
	Tags    []string  `dynamodbav:"tags,stringset" dynamo:"tags,set"`
	Address Address   `dynamodbav:"address" dynamo:"address"`
	Lines   []Line    `dynamodbav:"lines" dynamo:"lines"`
}

// Address is a map of [Mixed].
type Address struct {
	Street string `dynamodbav:"street" dynamo:"street"`
	City   string `dynamodbav:"city" dynamo:"city"`
	Zip    string `dynamodbav:"zip" dynamo:"zip"`
	Number int64  `dynamodbav:"number" dynamo:"number"`
}

// Line is an element of a list of [Mixed].
type Line struct {
	SKU      string  `dynamodbav:"sku" dynamo:"sku"`
	Quantity int64   `dynamodbav:"quantity" dynamo:"quantity"`
	Price    float64 `dynamodbav:"price" dynamo:"price"`
}

// MixedModel returns the model of Mixed.
func MixedModel() *Model[Mixed] {
	return &Model[Mixed]{
		Name:     "mixed",
		PageSize: 1000,
		At:       mixedAt,
		Score:    func(m *Mixed) *float64 { return &m.Score },
		Encode:   encodeMixed,
		Decode:   decodeMixed,
	}
}

func mixedAt(i int) Mixed {
	k := KeyAt(i)
	return Mixed{
		PK:      k.PK,
		SK:      k.SK,
		Name:    fmt.Sprintf("Order of things %d", i),
		Count:   int64(i%1000) * 7919,
		Score:   float64(i%1000) * 1.25,
		Active:  i%2 == 0,
		Created: time.Date(2026, 11, i%28+1, 12, 30, i%60, 123456789, time.UTC),
		Tags:    []string{"alpha", fmt.Sprintf("beta-%d", i%10), "gamma"},
		Address: Address{"Main Street", "Springfield", fmt.Sprintf("%05d", i%99999), int64(i % 200)},
		Lines: []Line{
			{fmt.Sprintf("sku-%05d", i%5000), int64(i%9 + 1), 19.95},
			{fmt.Sprintf("sku-%05d", (i+1)%5000), 1, 5.5},
		},
	}
}

func encodeMixed(m *Mixed) Attrs {
	lines := make([]types.AttributeValue, len(m.Lines))
	for i, l := range m.Lines {
		lines[i] = &types.AttributeValueMemberM{Value: Attrs{
			"sku":      text(l.SKU),
			"quantity": integer(l.Quantity),
			"price":    float(l.Price),
		}}
	}
	return Attrs{
		"pk":         text(m.PK),
		"sk":         text(m.SK),
		"name":       text(m.Name),
		"count":      integer(m.Count),
		"score":      float(m.Score),
		"active":     boolean(m.Active),
		"created_at": text(m.Created.Format(time.RFC3339Nano)),
		"tags":       &types.AttributeValueMemberSS{Value: m.Tags},
		"address": &types.AttributeValueMemberM{Value: Attrs{
			"street": text(m.Address.Street),
			"city":   text(m.Address.City),
			"zip":    text(m.Address.Zip),
			"number": integer(m.Address.Number),
		}},
		"lines": &types.AttributeValueMemberL{Value: lines},
	}
}

func decodeMixed(attrs Attrs, m *Mixed) error {
	r := reader{attrs: attrs}
	m.PK = r.text("pk")
	m.SK = r.text("sk")
	m.Name = r.text("name")
	m.Count = r.integer("count")
	m.Score = r.float("score")
	m.Active = r.boolean("active")
	created, err := time.Parse(time.RFC3339Nano, r.text("created_at"))
	if err != nil {
		r.fail(err)
	}
	m.Created = created
	tags, ok := attrs["tags"].(*types.AttributeValueMemberSS)
	if !ok {
		r.fail(ErrAttr)
		return r.err
	}
	m.Tags = tags.Value
	address := r.nested(attrs["address"])
	m.Address = Address{address.text("street"), address.text("city"), address.text("zip"), address.integer("number")}
	if address.err != nil {
		r.fail(address.err)
	}
	lines := r.list("lines")
	m.Lines = make([]Line, len(lines))
	for i, v := range lines {
		line := r.nested(v)
		m.Lines[i] = Line{line.text("sku"), line.integer("quantity"), line.float("price")}
		if line.err != nil {
			r.fail(line.err)
		}
	}
	return r.err
}
