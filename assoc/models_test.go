package assoc_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A customer has many orders and one card.
type customer struct {
	ID        string    `dynamodbav:"id"`
	OrderIDs  []string  `dynamodbav:"order_ids,stringset,omitempty"`
	CardID    *string   `dynamodbav:"card_id,omitempty"`
	Version   int64     `dynamodbav:"version"`
	UpdatedAt time.Time `dynamodbav:"updated_at"`
}

// An order belongs to a customer. Its id is made.
type order struct {
	ID         string `dynamodbav:"id"`
	Total      int    `dynamodbav:"total"`
	CustomerID string `dynamodbav:"customer_id"`
	Version    int64  `dynamodbav:"version"`
}

// A card belongs to a customer, whose id it keeps in a set of one, as Dynamoid
// does by default.
type card struct {
	ID          string   `dynamodbav:"id"`
	CustomerIDs []string `dynamodbav:"customer_ids,stringset,omitempty"`
}

var (
	orderIDs        = cond.Field(func(c *customer) *[]string { return &c.OrderIDs })
	cardID          = cond.Field(func(c *customer) **string { return &c.CardID })
	customerID      = cond.Field(func(o *order) *string { return &o.CustomerID })
	cardCustomerIDs = cond.Field(func(c *card) *[]string { return &c.CustomerIDs })
)

// A shop is the repositories of customers, their orders and their cards.
type shop struct {
	tr        *faults.Transport
	customers *repo.Repo[customer]
	orders    *repo.Repo[order]
	cards     *repo.Repo[card]
	ordersOf  *assoc.Relation[customer, order]
	cardOf    *assoc.Relation[customer, card]
}

func newShop(tb testing.TB) *shop {
	tb.Helper()
	db, tr := open(tb)
	made := 0
	s := &shop{
		tr: tr,
		customers: create[customer](tb, db, repo.Spec{
			Table: "customers", Key: key.Spec{Hash: key.String("id")},
			Lock: lock.Version("version"), Timestamps: repo.Timestamps{Updated: "updated_at"},
		}),
		orders: create[order](tb, db, repo.Spec{
			Table: "orders", Key: key.Spec{Hash: key.String("id")},
			Lock: lock.Version("version"), ID: func() string { made++; return fmt.Sprint("made", made) },
		}),
		cards: create[card](tb, db, repo.Spec{Table: "cards", Key: key.Spec{Hash: key.String("id")}}),
	}
	var err error
	s.ordersOf, err = assoc.HasMany(assoc.Keep(s.customers, orderIDs), assoc.Keep(s.orders, customerID))
	require.NoError(tb, err)
	s.cardOf, err = assoc.HasOne(assoc.Keep(s.customers, cardID), assoc.Keep(s.cards, cardCustomerIDs))
	require.NoError(tb, err)
	return s
}

// customer returns a stored customer with n stored orders of its own.
func (s *shop) customer(tb testing.TB, id string, n int) (customer, []order) {
	tb.Helper()
	c := customer{ID: id}
	require.NoError(tb, s.customers.Create(tb.Context(), &c))
	orders := make([]order, n)
	for i := range orders {
		orders[i] = order{ID: fmt.Sprintf("%s-%d", id, i), Total: i}
		require.NoError(tb, s.orders.Create(tb.Context(), &orders[i]))
	}
	require.NoError(tb, s.ordersOf.Add(tb.Context(), &c, pointers(orders)...))
	s.tr.Reset()
	return c, orders
}

// load returns the customer as stored.
func (s *shop) load(tb testing.TB, id string) customer {
	tb.Helper()
	c, err := s.customers.Get(tb.Context(), key.Of(id))
	require.NoError(tb, err)
	return c
}

// owner returns the customer's id that an order keeps in the store.
func (s *shop) owner(tb testing.TB, id string) string {
	tb.Helper()
	o, err := s.orders.Get(tb.Context(), key.Of(id))
	require.NoError(tb, err)
	return o.CustomerID
}

// A post has many comments, which an index finds.
type post struct {
	ID string `dynamodbav:"id"`
}

type comment struct {
	ID     string `dynamodbav:"id"`
	PostID string `dynamodbav:"post_id,omitempty"`
	At     int    `dynamodbav:"at"`
}

var postID = cond.Field(func(c *comment) *string { return &c.PostID })

func blog(tb testing.TB) (*assoc.Relation[post, comment], *repo.Repo[post], *repo.Repo[comment], *faults.Transport) {
	tb.Helper()
	db, tr := open(tb)
	posts := create[post](tb, db, repo.Spec{Table: "posts", Key: key.Spec{Hash: key.String("id")}})
	comments := create[comment](tb, db, repo.Spec{
		Table: "comments", Key: key.Spec{Hash: key.String("id")},
		Indexes: []index.Spec{index.Global("by_post", key.String("post_id"), key.Int("at"))},
	})
	r, err := assoc.HasMany(assoc.Bare(posts), assoc.Keep(comments, postID))
	require.NoError(tb, err)
	return r, posts, comments, tr
}

// open returns a database of the test's own, with the faults in front of it.
func open(tb testing.TB) (*repo.DB, *faults.Transport) {
	tb.Helper()
	tr := faults.New(nil)
	client := enginetest.Client(tb, func(o *dynamodb.Options) { o.HTTPClient = tr })
	db, err := repo.NewDB(client, &repo.Config{Namespace: enginetest.Namespace(tb)})
	require.NoError(tb, err)
	return db, tr
}

// create returns a repository over a new table.
func create[T any](tb testing.TB, db *repo.DB, spec repo.Spec) *repo.Repo[T] {
	tb.Helper()
	r, err := repo.New[T](db, spec)
	require.NoError(tb, err)
	_, err = table.Create(tb.Context(), r, nil)
	require.NoError(tb, err)
	return r
}

// put stores items.
func put[T any](tb testing.TB, r *repo.Repo[T], items ...T) {
	tb.Helper()
	for i := range items {
		require.NoError(tb, r.Put(tb.Context(), &items[i]))
	}
}

// stored returns an item of one string key as it is, past the repository.
func stored[T any](tb testing.TB, r *repo.Repo[T], id string) map[string]types.AttributeValue {
	tb.Helper()
	out, err := r.DB().Client().GetItem(tb.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(r.Table()), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}},
	})
	require.NoError(tb, err)
	return out.Item
}

func pointers[T any](items []T) []*T {
	all := make([]*T, len(items))
	for i := range items {
		all[i] = &items[i]
	}
	return all
}
