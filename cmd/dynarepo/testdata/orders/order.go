package orders

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

//go:generate go tool dynarepo attrs -type Order

// Order is an item of table orders, made from all items (6).
type Order struct {
	PK        string                 `dynamodbav:"pk"` // each value has "|" in it: key.Composite may take it apart
	Position  int64                  `dynamodbav:"position"`
	Blob      []byte                 `dynamodbav:"blob,omitempty"`    // in no item of the sample: the type is that of the key
	City      string                 `dynamodbav:"city,omitempty"`    // missing in 1 of 6
	Country   string                 `dynamodbav:"country,omitempty"` // missing in 1 of 6
	Total     float64                `dynamodbav:"total"`
	UserID    string                 `dynamodbav:"user_id,omitempty"` // missing in 5 of 6
	Address   *OrderAddress          `dynamodbav:"address,omitempty"` // missing in 1 of 6
	Any       []types.AttributeValue `dynamodbav:"any"`
	ByDay     map[string]int64       `dynamodbav:"by_day"`
	CreatedAt *time.Time             `dynamodbav:"created-at,omitempty" dynarepo:"sdktime"` // missing in 1 of 6
	Empty     []types.AttributeValue `dynamodbav:"empty"`
	Exact     attributevalue.Number  `dynamodbav:"exact"`
	Expires   int64                  `dynamodbav:"expires"`
	Gone      types.AttributeValue   `dynamodbav:"gone"` // nothing but NULL in the sample
	Hashes    [][]byte               `dynamodbav:"hashes,binaryset"`
	ID        string                 `dynamodbav:"id-"`
	ID2       string                 `dynamodbav:"id_"`
	Lines     []OrderLine            `dynamodbav:"lines"`
	LocalAt   string                 `dynamodbav:"localAt"`
	Mixed     types.AttributeValue   `dynamodbav:"mixed,omitempty"` // the sample disagrees: N in 1, S in 4; missing in 1 of 6
	Note      *string                `dynamodbav:"note,nullempty"`  // NULL in 1 of 6
	Open      *bool                  `dynamodbav:"open,omitempty"`  // missing in 1 of 6
	SeenAt    time.Time              `dynamodbav:"seenAt"`
	Sizes     []float64              `dynamodbav:"sizes,numberset"`
	Tags      []string               `dynamodbav:"tags,stringset,omitempty"` // missing in 1 of 6
	Zero      *int64                 `dynamodbav:"zero,omitempty"`           // missing in 4 of 6
}

// OrderAddress is a map within an item.
type OrderAddress struct {
	Geo    OrderAddressGeo `dynamodbav:"geo"`
	Street string          `dynamodbav:"street"`
	Zip    string          `dynamodbav:"zip"`
}

// OrderAddressGeo is a map within an item.
type OrderAddressGeo struct {
	Lat float64 `dynamodbav:"lat"`
	Lon float64 `dynamodbav:"lon"`
}

// OrderLine is a map within an item.
type OrderLine struct {
	Count int64  `dynamodbav:"count"`
	Gift  bool   `dynamodbav:"gift,omitempty"` // missing in 6 of 12
	SKU   string `dynamodbav:"sku"`
}

// OrderSpec declares table orders.
var OrderSpec = repo.Spec{
	Table: "orders",
	Key: key.Spec{
		Hash:  key.String("pk"),
		Range: key.Int("position"),
	},
	Indexes: []index.Spec{
		index.Local("blob_idx", key.Binary("blob")).KeysOnly(),
		index.Global("place_idx", key.Multi(key.String("country"), key.String("city")), key.Int("position")),
		index.Global("user_idx", key.String("user_id"), key.Number("total")).Include("note", "tags"),
	},
	TTL:      repo.TTL{Attr: "expires"},
	OnDemand: true,
}
