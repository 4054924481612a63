package repo_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// a ticket has a version and times, a stub neither.
type ticket struct {
	ID      string    `dynamodbav:"id"`
	N       int       `dynamodbav:"n"`
	Text    string    `dynamodbav:"text,omitempty"`
	Version int64     `dynamodbav:"version"`
	Updated time.Time `dynamodbav:"updated"`
}

type stub struct {
	ID string `dynamodbav:"id"`
	N  int    `dynamodbav:"n"`
}

var (
	ticketN = cond.Field(func(t *ticket) *int { return &t.N })
	stubN   = cond.Field(func(s *stub) *int { return &s.N })

	ticketUpdated = cond.Field(func(t *ticket) *time.Time { return &t.Updated })
)

// a secondTicket has its time in seconds, in which two may write.
type secondTicket struct {
	ID      string    `dynamodbav:"id"`
	N       int       `dynamodbav:"n"`
	Version int64     `dynamodbav:"version"`
	Updated time.Time `dynamodbav:"updated,unixtime"`
}

func ticketSpec() repo.Spec {
	return repo.Spec{Table: "tickets", Key: key.Spec{Hash: key.String("id")}, Lock: lock.Version("version"), Timestamps: repo.Timestamps{Updated: "updated"}}
}

// openEager is open with retries of the SDK that don't wait and have no end.
func openEager(tb testing.TB) (*repo.DB, *faults.Transport) {
	tb.Helper()
	tr := faults.New(nil)
	client := enginetest.Client(tb, func(o *dynamodb.Options) {
		o.HTTPClient, o.Retryer = tr, retry.NewStandard(func(o *retry.StandardOptions) {
			o.RateLimiter = ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	})
	db, err := repo.NewDB(client, &repo.Config{Namespace: enginetest.Namespace(tb), StandardCodec: *standard})
	require.NoError(tb, err)
	return db, tr
}

// serverErrorAfter lets the request have its effect, and answers that something
// went wrong.
func serverErrorAfter(req *http.Request, send faults.Send) (*http.Response, error) {
	resp, err := send(req)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	return faults.ServerError(500)(req, send)
}

// TestLostAnswers goes through every verb: an answer is lost, the SDK sends the
// write again, and what comes of that is told by what is stored (rule O4).
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	db, tr := openEager(t)
	tickets := create[ticket](t, db, ticketSpec())
	stubs := create[stub](t, db, repo.Spec{Table: "stubs", Key: key.Spec{Hash: key.String("id")}})
	seconds := create[secondTicket](t, db, spec("seconds", func(s *repo.Spec) {
		s.Lock, s.Timestamps = lock.Version("version"), repo.Timestamps{Updated: "updated"}
	}))
	requests := []string{"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}

	type call struct {
		do func(ctx context.Context, id string) error
		// done says that a write which was done is told to be; else nobody can tell.
		done bool
		// other is what the write fails with, beside that nobody knows, if another
		// changed the item between the attempts; nil if that is nothing to it.
		other error
		fresh bool // there is no item before
	}
	held := func(id string) ticket {
		got, err := tickets.Consistent().Get(t.Context(), key.Of(id))
		if err != nil {
			return ticket{ID: id}
		}
		return got
	}
	for name, c := range map[string]call{
		"create": {fresh: true, done: true, other: repo.ErrExists, do: func(ctx context.Context, id string) error {
			return tickets.Create(ctx, &ticket{ID: id, N: 2})
		}},
		"create without times": {fresh: true, done: true, other: repo.ErrExists, do: func(ctx context.Context, id string) error {
			return stubs.Create(ctx, &stub{ID: id, N: 2})
		}},
		"put": {done: true, do: func(ctx context.Context, id string) error { return tickets.Put(ctx, &ticket{ID: id, N: 2}) }},
		"put under a condition": {done: true, other: repo.ErrConditionFailed, do: func(ctx context.Context, id string) error {
			return stubs.If(stubN.Eq(1)).Put(ctx, &stub{ID: id, N: 2})
		}},
		"save": {done: true, other: lock.ErrStale, do: func(ctx context.Context, id string) error {
			one := held(id)
			one.N = 2
			return tickets.Save(ctx, &one)
		}},
		"save of a new one": {fresh: true, done: true, other: lock.ErrStale, do: func(ctx context.Context, id string) error {
			return tickets.Save(ctx, &ticket{ID: id, N: 2})
		}},
		"save changes": {done: true, other: lock.ErrStale, do: func(ctx context.Context, id string) error {
			before := held(id)
			after := before
			after.N = 2
			return tickets.SaveChanges(ctx, &before, &after)
		}},
		"destroy": {done: true, other: lock.ErrStale, do: func(ctx context.Context, id string) error {
			one := held(id)
			return tickets.Destroy(ctx, &one)
		}},
		"delete": {done: true, do: func(ctx context.Context, id string) error { return tickets.Delete(ctx, key.Of(id)) }},
		"delete under a condition": {done: true, other: repo.ErrConditionFailed, do: func(ctx context.Context, id string) error {
			return stubs.If(stubN.Eq(1)).Delete(ctx, key.Of(id))
		}},
		"update, told by its time": {done: true, other: repo.ErrConditionFailed, do: func(ctx context.Context, id string) error {
			got, err := tickets.If(ticketN.Eq(1)).Update(ctx, key.Of(id), ticketN.Set(2))
			if err == nil {
				assert.Equal(t, 2, got.N)
			}
			return err
		}},
		"update, returning the old": {other: repo.ErrConditionFailed, do: func(ctx context.Context, id string) error {
			_, err := tickets.If(ticketN.Eq(1)).Returning(repo.ReturnBefore).Update(ctx, key.Of(id), ticketN.Set(2))
			return err
		}},
		"update, returning nothing": {done: true, other: repo.ErrConditionFailed, do: func(ctx context.Context, id string) error {
			got, err := tickets.If(ticketN.Eq(1)).Returning(repo.ReturnNothing).Update(ctx, key.Of(id), ticketN.Set(2))
			assert.Zero(t, got)
			return err
		}},
		"update, with a time of the caller's": {other: repo.ErrConditionFailed, do: func(ctx context.Context, id string) error {
			_, err := tickets.If(ticketN.Eq(1)).Update(ctx, key.Of(id), ticketN.Set(2), ticketUpdated.Set(time.Unix(1, 0)))
			return err
		}},
		"update, with a time in seconds": {other: repo.ErrConditionFailed, do: func(ctx context.Context, id string) error {
			_, err := seconds.If(cond.Name[secondTicket]("n").Eq(1)).Update(ctx, key.Of(id), cond.Name[secondTicket]("n").Set(2))
			return err
		}},
		"update of what has no time": {other: repo.ErrConditionFailed, do: func(ctx context.Context, id string) error {
			_, err := stubs.If(stubN.Eq(1)).Update(ctx, key.Of(id), stubN.Set(2))
			return err
		}},
		"addition under a condition": {other: repo.ErrConditionFailed, do: func(ctx context.Context, id string) error {
			_, err := tickets.If(ticketN.Eq(1)).Update(ctx, key.Of(id), ticketN.Add(1))
			return err
		}},
		"upsert under a condition": {fresh: true, other: repo.ErrConditionFailed, do: func(ctx context.Context, id string) error {
			_, err := stubs.If(stubN.NotExists()).Upsert(ctx, key.Of(id), stubN.Set(2))
			return err
		}},
		"transact": {done: true, other: lock.ErrStale, do: func(ctx context.Context, id string) error {
			one := held(id)
			one.N = 2
			return db.Transact(ctx, tickets.Ops().Save(&one))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			begin := func() string {
				id := uuid.NewString()
				if !c.fresh {
					require.NoError(t, tickets.Create(t.Context(), &ticket{ID: id, N: 1}))
					require.NoError(t, stubs.Create(t.Context(), &stub{ID: id, N: 1}))
					require.NoError(t, seconds.Create(t.Context(), &secondTicket{ID: id, N: 1}))
				}
				return id
			}
			for kind, fault := range map[string]faults.Fault{"cut": faults.CutAfter(), "500": serverErrorAfter} {
				id := begin()
				injected := tr.On(requests...).Times(1).Do(fault)
				err := c.do(t.Context(), id)
				require.Equal(t, 1, injected.Struck())
				if c.done {
					require.NoError(t, err, kind)
					continue
				}
				require.Error(t, err, kind)
				assert.True(t, errors.Is(err, repo.ErrUnknown) || errors.Is(err, repo.ErrUnread), kind)
			}
			if c.other == nil {
				return
			}
			id := begin()
			injected := tr.On(requests...).Times(1).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
				ctx := context.WithoutCancel(req.Context())
				if _, err := stubs.Upsert(ctx, key.Of(id), stubN.Set(7)); err != nil {
					return nil, err
				}
				if _, err := seconds.Upsert(ctx, key.Of(id), cond.Name[secondTicket]("n").Set(7)); err != nil {
					return nil, err
				}
				if _, err := tickets.Upsert(ctx, key.Of(id), ticketN.Set(7)); err != nil {
					return nil, err
				}
				return faults.CutBefore()(req, send)
			})
			err := c.do(t.Context(), id)
			require.Equal(t, 1, injected.Struck())
			require.ErrorIs(t, err, c.other, "another was faster")
			if name != "transact" { // which DynamoDB itself knows by its token
				require.ErrorIs(t, err, repo.ErrUnknown)
			}
		})
	}
}

// TestUnknownOnlyIfUnknown: a failure whose outcome is known says nothing of an
// unknown one.
func TestUnknownOnlyIfUnknown(t *testing.T) {
	t.Parallel()
	db, tr := openEager(t)
	tickets := create[ticket](t, db, ticketSpec())
	require.NoError(t, tickets.Create(t.Context(), &ticket{ID: "1"}))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tr.On("PutItem").When(func(faults.Request) bool { return tr.Count("PutItem") > 2 }).Do(faults.Throttle())
	for name, err := range map[string]error{
		"exists":          tickets.Create(t.Context(), &ticket{ID: "1"}),
		"ended before":    tickets.Put(ended, &ticket{ID: "2"}),
		"refused":         tickets.Put(t.Context(), &ticket{}),
		"throttled":       tickets.Put(t.Context(), &ticket{ID: "3"}),
		"batch, refused":  db.Batch(t.Context(), tickets.Overwrite().Ops().Put(&ticket{})),
		"batch, ended":    db.Batch(ended, tickets.Overwrite().Ops().Put(&ticket{ID: "4"})),
		"transact, ended": db.Transact(ended, tickets.Ops().Put(&ticket{ID: "4"})),
	} {
		require.Error(t, err, name)
		require.NotErrorIs(t, err, repo.ErrUnknown, name)
	}
}

// a draft has an id that is generated.
type draft struct {
	ID string `dynamodbav:"id"`
	N  int    `dynamodbav:"n"`
}

// TestGeneratedIDsAreKept: an item whose outcome is not known keeps the id that it
// was given, so that sending it again makes no second one, by every verb that makes
// items (rule O4).
func TestGeneratedIDsAreKept(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(context.Context, *repo.Repo[draft], repo.Op, *draft) error{
		"create": func(ctx context.Context, r *repo.Repo[draft], _ repo.Op, d *draft) error { return r.Create(ctx, d) },
		"put":    func(ctx context.Context, r *repo.Repo[draft], _ repo.Op, d *draft) error { return r.Put(ctx, d) },
		"save":   func(ctx context.Context, r *repo.Repo[draft], _ repo.Op, d *draft) error { return r.Save(ctx, d) },
		"batch": func(ctx context.Context, r *repo.Repo[draft], op repo.Op, _ *draft) error {
			return r.DB().Batch(ctx, op)
		},
		"transact": func(ctx context.Context, r *repo.Repo[draft], op repo.Op, _ *draft) error {
			return r.DB().Transact(ctx, op)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, tr := openOnce(t)
			r := create[draft](t, db, repo.Spec{Table: "drafts", Key: key.Spec{Hash: key.String("id")}, ID: uuid.NewString})
			d := draft{N: 1}
			op := r.Ops().Put(&d)
			tr.On("PutItem", "BatchWriteItem", "TransactWriteItems").Times(1).Do(faults.CutAfter())
			err := do(t.Context(), r, op, &d)
			require.ErrorIs(t, err, repo.ErrUnknown)
			require.NotEmpty(t, d.ID)
			kept := d.ID
			if err = do(t.Context(), r, op, &d); name == "create" {
				require.ErrorIs(t, err, repo.ErrExists)
			} else {
				require.NoError(t, err)
			}
			assert.Equal(t, kept, d.ID)
			n, err := r.Scan().Count(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 1, n)
		})
	}
}

// TestTokenAgain: a transaction that is sent again under its token after a success
// runs no callback again and leaves memory alone (rule F4).
func TestTokenAgain(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	after := 0
	r := create[draft](t, db, repo.Spec{Table: "drafts", Key: key.Spec{Hash: key.String("id")}, Callbacks: []repo.Callback{
		repo.On(repo.AfterCreate, func(context.Context, *draft) error { after++; return nil }),
	}})
	d := draft{ID: "1", N: 1}
	op := r.Ops().Create(&d)
	require.NoError(t, db.TransactOnce(t.Context(), "token", op))
	d.N = 99
	require.NoError(t, db.TransactOnce(t.Context(), "token", op))
	assert.Equal(t, 1, after)
	assert.Equal(t, 99, d.N)
}
