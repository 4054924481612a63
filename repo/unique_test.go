package repo_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// account is the item of the tests of uniqueness: its email is unique, and so
// is its seat in its room.
type account struct {
	ID      string `dynamodbav:"id"`
	Email   string `dynamodbav:"email"`
	Room    string `dynamodbav:"room,omitempty"`
	Seat    int    `dynamodbav:"seat"`
	Note    string `dynamodbav:"note"`
	Version int    `dynamodbav:"v"`
}

var (
	accountEmail = cond.Field(func(a *account) *string { return &a.Email })
	accountRoom  = cond.Field(func(a *account) *string { return &a.Room })
	accountSeat  = cond.Field(func(a *account) *int { return &a.Seat })
	accountNote  = cond.Field(func(a *account) *string { return &a.Note })
)

// accountUnique are the constraints of accounts.
func accountUnique() []repo.Unique {
	return []repo.Unique{repo.UniqueOn(accountEmail), repo.UniqueOn(accountRoom, accountSeat).Named("place")}
}

func accountSpec(edit ...func(*repo.Spec)) repo.Spec {
	s := spec("accounts", edit...)
	s.Unique = accountUnique()
	return s
}

func locked(s *repo.Spec) { s.Lock = lock.Version("v") }

// accounts returns a repository of accounts with items in it.
func accounts(tb testing.TB, edit func(*repo.Spec), items ...account) (*repo.Repo[account], *faults.Transport) {
	tb.Helper()
	db, tr := open(tb)
	r := create[account](tb, db, accountSpec(edit))
	for i := range items {
		require.NoError(tb, r.Create(tb.Context(), &items[i]))
	}
	tr.Reset()
	return r, tr
}

func unlocked(*repo.Spec) {}

// everything returns what the table holds, past the repository: items by id,
// and markers' owners by their key.
func everything(tb testing.TB, r *repo.Repo[account]) (items map[string]account, markers map[string]string) {
	tb.Helper()
	items, markers = map[string]account{}, map[string]string{}
	out, err := r.DB().Client().Scan(tb.Context(), &dynamodb.ScanInput{TableName: aws.String(r.Table()), ConsistentRead: aws.Bool(true)})
	require.NoError(tb, err)
	require.Empty(tb, out.LastEvaluatedKey)
	for _, m := range out.Items {
		id := m["id"].(*types.AttributeValueMemberS).Value
		owner, marks := m["~owner"].(*types.AttributeValueMemberM)
		require.Equal(tb, strings.HasPrefix(id, "~unique|"), marks)
		if marks {
			markers[id] = owner.Value["id"].(*types.AttributeValueMemberS).Value
			continue
		}
		a := account{ID: id, Email: textAt(m, "email"), Room: textAt(m, "room"), Note: textAt(m, "note")}
		a.Seat, a.Version = numberAt(m, "seat"), numberAt(m, "v")
		items[id] = a
	}
	return items, markers
}

func textAt(m av, name string) string {
	s, ok := m[name].(*types.AttributeValueMemberS)
	if !ok {
		return ""
	}
	return s.Value
}

func numberAt(m av, name string) (n int) {
	if v, ok := m[name].(*types.AttributeValueMemberN); ok {
		_, _ = fmt.Sscan(v.Value, &n)
	}
	return n
}

// wanted is the markers that items have.
func wanted(items map[string]account) map[string]string {
	markers := map[string]string{}
	for id, a := range items {
		if a.Email != "" {
			markers["~unique|email|S"+a.Email] = id
		}
		if a.Room != "" {
			markers[fmt.Sprintf("~unique|place|S%s|N%d", a.Room, a.Seat)] = id
		}
	}
	return markers
}

// agree fails unless items and markers agree, and returns the items.
func agree(tb testing.TB, r *repo.Repo[account], msg ...any) map[string]account {
	tb.Helper()
	items, markers := everything(tb, r)
	require.Equal(tb, wanted(items), markers, msg...)
	return items
}

func get(tb testing.TB, r *repo.Repo[account], id string) *account {
	tb.Helper()
	a, err := r.Consistent().Get(tb.Context(), key.Of(id))
	require.NoError(tb, err)
	return &a
}

// TestUniqueWrites: every write keeps the markers, in the requests that the
// docs say, and a write of no unique field costs nothing more (rule F8).
func TestUniqueWrites(t *testing.T) {
	t.Parallel()
	type counts = map[string]int
	a1 := account{ID: "1", Email: "a", Room: "r", Seat: 1}
	for name, c := range map[string]struct {
		do   func(context.Context, *repo.Repo[account], *account) error
		cost counts
		want account // of id 1; zero for none
	}{
		"create": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			return r.Create(ctx, &account{ID: "2", Email: "b"})
		}, counts{"TransactWriteItems": 1}, a1},
		"create of no value": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			return r.Create(ctx, &account{ID: "2", Seat: 1})
		}, counts{"PutItem": 1}, a1},
		"save of the same": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			return r.Save(ctx, changed(a, func() { a.Note = "n" }))
		}, counts{"PutItem": 1}, account{ID: "1", Email: "a", Room: "r", Seat: 1, Note: "n"}},
		"save": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			return r.Save(ctx, changed(a, func() { a.Email = "b" }))
		}, counts{"PutItem": 1, "TransactWriteItems": 1}, account{ID: "1", Email: "b", Room: "r", Seat: 1}},
		"save of none": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			return r.Save(ctx, changed(a, func() { a.Email, a.Room = "", "" }))
		}, counts{"PutItem": 1, "TransactWriteItems": 1}, account{ID: "1", Seat: 1}},
		"put": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			return r.Put(ctx, changed(a, func() { a.Seat = 2 }))
		}, counts{"PutItem": 1, "TransactWriteItems": 1}, account{ID: "1", Email: "a", Room: "r", Seat: 2}},
		"put of a new one": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			return r.Put(ctx, &account{ID: "2", Email: "b"})
		}, counts{"PutItem": 1, "TransactWriteItems": 1}, a1},
		"update of another field": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			_, err := r.Update(ctx, key.Of("1"), accountNote.Set("n"))
			return err
		}, counts{"UpdateItem": 1}, account{ID: "1", Email: "a", Room: "r", Seat: 1, Note: "n"}},
		"update": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			got, err := r.Update(ctx, key.Of("1"), accountEmail.Set("b"), accountNote.Set("n"))
			assert.Equal(t, "n", got.Note)
			return err
		}, counts{"GetItem": 2, "TransactWriteItems": 1}, account{ID: "1", Email: "b", Room: "r", Seat: 1, Note: "n"}},
		"update to the same": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			_, err := r.Update(ctx, key.Of("1"), accountEmail.Set("a"), accountSeat.SetIfMissing(9))
			return err
		}, counts{"GetItem": 1, "UpdateItem": 1}, a1},
		"save changes": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			was := *a
			return r.SaveChanges(ctx, &was, changed(a, func() { a.Email, a.Seat = "b", 2 }))
		}, counts{"TransactWriteItems": 1}, account{ID: "1", Email: "b", Room: "r", Seat: 2}},
		"save changes of another field": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			was := *a
			return r.SaveChanges(ctx, &was, changed(a, func() { a.Note = "n" }))
		}, counts{"UpdateItem": 1}, account{ID: "1", Email: "a", Room: "r", Seat: 1, Note: "n"}},
		"update of a part of a group": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			_, err := r.Update(ctx, key.Of("1"), accountSeat.Set(2))
			return err
		}, counts{"GetItem": 2, "TransactWriteItems": 1}, account{ID: "1", Email: "a", Room: "r", Seat: 2}},
		"update that removes": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			_, err := r.Update(ctx, key.Of("1"), accountRoom.Remove(), accountEmail.SetIfMissing("x"))
			return err
		}, counts{"GetItem": 2, "TransactWriteItems": 1}, account{ID: "1", Email: "a", Seat: 1}},
		"delete":         {func(ctx context.Context, r *repo.Repo[account], a *account) error { return r.Delete(ctx, key.Of("1")) }, counts{"GetItem": 1, "TransactWriteItems": 1}, account{}},
		"delete of none": {func(ctx context.Context, r *repo.Repo[account], a *account) error { return r.Delete(ctx, key.Of("2")) }, counts{"GetItem": 1, "DeleteItem": 1}, a1},
		"destroy":        {func(ctx context.Context, r *repo.Repo[account], a *account) error { return r.Destroy(ctx, a) }, counts{"TransactWriteItems": 1}, account{}},
		"destroy of a changed": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			return r.Destroy(ctx, changed(a, func() { a.Email = "z" }))
		}, counts{"TransactWriteItems": 2}, account{}},
		"destroy of none": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			return r.Overwrite().Destroy(ctx, &account{ID: "2", Email: "z"})
		}, counts{"TransactWriteItems": 1, "DeleteItem": 1}, a1},
		"batch": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			o := r.Overwrite().Ops()
			return r.DB().Batch(ctx, o.Put(changed(a, func() { a.Email = "b" })), o.Put(&account{ID: "2", Email: "c"}), o.Delete(key.Of("3")))
		}, counts{"PutItem": 2, "TransactWriteItems": 2, "GetItem": 1, "DeleteItem": 1}, account{ID: "1", Email: "b", Room: "r", Seat: 1}},
		"delete all": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			_, err := r.Scan().DeleteAll(ctx)
			return err
		}, counts{"Scan": 1, "GetItem": 1, "TransactWriteItems": 1}, account{}},
		"update of all": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			_, err := r.Scan().Update(ctx, accountEmail.Set("b"))
			return err
		}, counts{"Scan": 1, "GetItem": 1, "TransactWriteItems": 1}, account{ID: "1", Email: "b", Room: "r", Seat: 1}},
		"transact": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			o := r.Ops()
			return r.DB().Transact(ctx, o.Update(key.Of("1"), accountEmail.Set("b")), o.Create(&account{ID: "2", Email: "c"}), o.Delete(key.Of("3")))
		}, counts{"GetItem": 2, "TransactWriteItems": 1}, account{ID: "1", Email: "b", Room: "r", Seat: 1}},
		"handed over": {func(ctx context.Context, r *repo.Repo[account], a *account) error {
			o := r.Ops()
			return r.DB().Transact(ctx, o.Create(&account{ID: "2", Email: "a"}), o.Save(changed(a, func() { a.Email = "b" })))
		}, counts{"TransactWriteItems": 2}, account{ID: "1", Email: "b", Room: "r", Seat: 1}},
	} {
		for kind, edit := range map[string]func(*repo.Spec){"locked": locked, "unlocked": unlocked} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				r, tr := accounts(t, edit, account{ID: "1", Email: "a", Room: "r", Seat: 1})
				held := get(t, r, "1")
				tr.Reset()
				require.NoError(t, c.do(t.Context(), r, held))
				assert.Equal(t, c.cost, tr.Counts())
				items := agree(t, r)
				a := items["1"]
				a.Version = 0
				assert.Equal(t, c.want, a)
			})
		}
	}
}

// changed returns a with a change.
func changed(a *account, change func()) *account {
	change()
	return a
}
