package trust_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// A stock is what operations are swept on.
type stock struct {
	Shop    string    `dynamodbav:"shop"`
	ID      string    `dynamodbav:"id"`
	Code    string    `dynamodbav:"code"`
	N       int       `dynamodbav:"n"`
	Tags    []string  `dynamodbav:"tags,stringset"`
	Made    time.Time `dynamodbav:"made"`
	Seen    time.Time `dynamodbav:"seen"`
	Version int       `dynamodbav:"version"`
}

var (
	stockN    = cond.Field(func(s *stock) *int { return &s.N })
	stockCode = cond.Field(func(s *stock) *string { return &s.Code })
)

func stockSpec(unique bool) repo.Spec {
	spec := repo.Spec{
		Table: "stocks", Key: key.Spec{Hash: key.String("shop"), Range: key.String("id")}, Lock: lock.Version("version"),
		Timestamps: repo.Timestamps{Created: "made", Updated: "seen"},
	}
	if unique {
		spec.Unique = []repo.Unique{repo.UniqueOn(stockCode)}
	}
	return spec
}

// stocks are items as they are before an operation.
func stocks(n int) []stock {
	all := make([]stock, n)
	for i := range all {
		all[i] = stock{Shop: "s", ID: fmt.Sprint(i), Code: fmt.Sprint("secret", i), N: i, Tags: []string{"a", "b"}}
	}
	return all
}

func stockKey(i int) key.Value { return key.Of("s").Range(fmt.Sprint(i)) }

// stored puts stocks into the store and returns them as they are there.
func (w *world) stored(n int) []stock {
	w.tb.Helper()
	all := stocks(n)
	for i := range all {
		require.NoError(w.tb, w.calmStocks.Create(context.Background(), &all[i]))
	}
	return all
}

var (
	errResult = errors.New("the result is not right")
	errTold   = errors.New("told in the result")
)

// right makes a result that is not right an error of its own.
func right(ok bool, err error) error {
	if err == nil && !ok {
		return errResult
	}
	return err
}

// of is an operation on a stock that is there; the call gets it as it was loaded.
func of(do func(ctx context.Context, w *world, s *stock) error, op operation) operation {
	op.begin = func(w *world) func(context.Context) error {
		s := w.stored(3)[1]
		return func(ctx context.Context) error { return do(ctx, w, &s) }
	}
	return op
}

// fresh is an operation that makes a stock.
func fresh(do func(ctx context.Context, w *world, s *stock) error, op operation) operation {
	op.begin = func(w *world) func(context.Context) error {
		w.stored(1)
		s := stock{Shop: "s", ID: "new", Code: "secret new", N: 7}
		return func(ctx context.Context) error { return do(ctx, w, &s) }
	}
	return op
}

// reading is an operation that changes nothing.
func reading(n int, do func(ctx context.Context, w *world) error) operation {
	return operation{begin: func(w *world) func(context.Context) error {
		w.stored(n)
		return func(ctx context.Context) error { return do(ctx, w) }
	}}
}

// changed is a stock with other values than were loaded.
func changed(s *stock) *stock {
	s.N, s.Code = 42, "secret changed"
	return s
}

func init() {
	type writes struct {
		create, put, save, destroy func(w *world) func(context.Context, *stock) error
		changes                    func(w *world) func(ctx context.Context, before, item *stock) error
		remove                     func(w *world) func(context.Context, key.Value) error
		update, upsert             func(w *world) func(context.Context, key.Value, ...cond.Change[stock]) (stock, error)
		touch                      func(w *world) func(context.Context, key.Value, ...cond.Attr[stock, time.Time]) (stock, error)
	}
	for who, v := range map[string]writes{
		"Repo": {
			func(w *world) func(context.Context, *stock) error { return w.stocks.Create },
			func(w *world) func(context.Context, *stock) error { return w.stocks.Put },
			func(w *world) func(context.Context, *stock) error { return w.stocks.Save },
			func(w *world) func(context.Context, *stock) error { return w.stocks.Destroy },
			func(w *world) func(ctx context.Context, before, item *stock) error { return w.stocks.SaveChanges },
			func(w *world) func(context.Context, key.Value) error { return w.stocks.Delete },
			func(w *world) func(context.Context, key.Value, ...cond.Change[stock]) (stock, error) {
				return w.stocks.Update
			},
			func(w *world) func(context.Context, key.Value, ...cond.Change[stock]) (stock, error) {
				return w.stocks.Upsert
			},
			func(w *world) func(context.Context, key.Value, ...cond.Attr[stock, time.Time]) (stock, error) {
				return w.stocks.Touch
			},
		},
		"Writer": {
			func(w *world) func(context.Context, *stock) error { return w.stocks.SkipValidation().Create },
			func(w *world) func(context.Context, *stock) error { return w.stocks.SkipValidation().Put },
			func(w *world) func(context.Context, *stock) error { return w.stocks.SkipValidation().Save },
			func(w *world) func(context.Context, *stock) error { return w.stocks.If(stockN.Eq(1)).Destroy },
			func(w *world) func(ctx context.Context, before, item *stock) error {
				return w.stocks.SkipValidation().SaveChanges
			},
			func(w *world) func(context.Context, key.Value) error { return w.stocks.If(stockN.Exists()).Delete },
			func(w *world) func(context.Context, key.Value, ...cond.Change[stock]) (stock, error) {
				return w.stocks.If(stockN.Exists()).Update
			},
			func(w *world) func(context.Context, key.Value, ...cond.Change[stock]) (stock, error) {
				return w.stocks.If(stockN.NotExists()).Upsert
			},
			func(w *world) func(context.Context, key.Value, ...cond.Attr[stock, time.Time]) (stock, error) {
				return w.stocks.If(stockN.Exists()).Touch
			},
		},
	} {
		gone := operation{again: []error{lock.ErrStale, repo.ErrConditionFailed}}
		maps := map[string]operation{
			"Create": fresh(func(ctx context.Context, w *world, s *stock) error { return v.create(w)(ctx, s) }, operation{again: []error{repo.ErrExists}}),
			"Put":    of(func(ctx context.Context, w *world, s *stock) error { return v.put(w)(ctx, changed(s)) }, operation{}),
			"Save":   of(func(ctx context.Context, w *world, s *stock) error { return v.save(w)(ctx, changed(s)) }, operation{again: []error{lock.ErrStale}}),
			"SaveChanges": of(func(ctx context.Context, w *world, s *stock) error {
				before := stocks(2)[1]
				before.Made, before.Seen, before.Version = s.Made, s.Seen, s.Version
				return v.changes(w)(ctx, &before, changed(s))
			}, operation{again: []error{lock.ErrStale}}),
			"Destroy": of(func(ctx context.Context, w *world, s *stock) error { return v.destroy(w)(ctx, s) }, gone),
			"Delete":  of(func(ctx context.Context, w *world, s *stock) error { return v.remove(w)(ctx, stockKey(1)) }, operation{again: []error{repo.ErrConditionFailed, repo.ErrNotFound}}),
			"Update": of(func(ctx context.Context, w *world, s *stock) error {
				got, err := v.update(w)(ctx, stockKey(1), stockN.Set(42), stockCode.Set("secret changed"))
				return right(got.N == 42 && got.Code == "secret changed", err)
			}, operation{adds: true}),
			"Upsert": fresh(func(ctx context.Context, w *world, s *stock) error {
				got, err := v.upsert(w)(ctx, key.Of("s").Range("new"), stockN.Set(42), stockCode.Set("secret changed"))
				return right(got.N == 42, err)
			}, operation{adds: true, again: []error{repo.ErrConditionFailed}}),
			"Touch": of(func(ctx context.Context, w *world, s *stock) error {
				got, err := v.touch(w)(ctx, stockKey(1))
				return right(got.N == 1, err)
			}, operation{adds: true}),
		}
		for verb, op := range maps {
			operations["repo."+who+"."+verb] = op
		}
	}
	type reads struct {
		get    func(w *world, ctx context.Context, k key.Value) (stock, error)
		exists func(w *world, ctx context.Context, k key.Value) (bool, error)
		many   func(w *world, ctx context.Context, keys []key.Value) (repo.Many[stock], error)
		load   func(w *world, ctx context.Context, k key.Value) (*stock, error)
	}
	for who, v := range map[string]reads{
		"Repo": {
			func(w *world, ctx context.Context, k key.Value) (stock, error) { return w.stocks.Get(ctx, k) },
			func(w *world, ctx context.Context, k key.Value) (bool, error) { return w.stocks.Exists(ctx, k) },
			func(w *world, ctx context.Context, keys []key.Value) (repo.Many[stock], error) {
				return w.stocks.GetMany(ctx, keys)
			},
			func(w *world, ctx context.Context, k key.Value) (*stock, error) { return w.stocks.Load(ctx, k) },
		},
		"Reader": {
			func(w *world, ctx context.Context, k key.Value) (stock, error) {
				return w.stocks.Consistent().Get(ctx, k)
			},
			func(w *world, ctx context.Context, k key.Value) (bool, error) {
				return w.stocks.Consistent().Exists(ctx, k)
			},
			func(w *world, ctx context.Context, keys []key.Value) (repo.Many[stock], error) {
				return w.stocks.Consistent().GetMany(ctx, keys)
			},
			func(w *world, ctx context.Context, k key.Value) (*stock, error) {
				return w.stocks.Consistent().Load(ctx, k)
			},
		},
	} {
		operations["repo."+who+".Get"] = reading(2, func(ctx context.Context, w *world) error {
			got, err := v.get(w, ctx, stockKey(1))
			return right(got.N == 1, err)
		})
		operations["repo."+who+".Exists"] = reading(2, func(ctx context.Context, w *world) error {
			got, err := v.exists(w, ctx, stockKey(1))
			return right(got, err)
		})
		operations["repo."+who+".Load"] = reading(2, func(ctx context.Context, w *world) error {
			ctx = repo.WithIdentityMap(ctx)
			got, err := v.load(w, ctx, stockKey(1))
			if err != nil {
				return err
			}
			again, err := v.load(w, ctx, stockKey(1))
			return right(err != nil || again.N == 1 && got.N == 1, err)
		})
		operations["repo."+who+".GetMany"] = reading(3, func(ctx context.Context, w *world) error {
			var keys []key.Value
			for i := range 130 {
				keys = append(keys, stockKey(i))
			}
			got, err := v.many(w, ctx, keys)
			return right(len(got.Items) == 3 && len(got.Missing) == 127, err)
		})
	}
	queries()
	groups()
}

// queries are the operations of queries, over pages of two items.
func queries() {
	const n = 5
	all := func(w *world) repo.Query[stock] { return w.stocks.Query(key.Of("s")).BatchSize(2) }
	whole := func(got []stock) bool { return len(got) == n && got[0].ID == "0" && got[n-1].ID == "4" }
	operations["repo.Query.All"] = reading(n, func(ctx context.Context, w *world) error {
		for _, q := range []repo.Query[stock]{all(w), all(w).Prefetch(2), w.stocks.Scan().Segments(2).Where(stockN.Gte(0))} {
			got, err := dyniter.Collect(q.All(ctx))
			if err = right(len(got) == n, err); err != nil {
				return err
			}
		}
		return nil
	})
	operations["repo.Query.Collect"] = reading(n, func(ctx context.Context, w *world) error {
		got, err := all(w).Collect(ctx)
		return right(whole(got), err)
	})
	operations["repo.Query.Count"] = reading(n, func(ctx context.Context, w *world) error {
		got, err := all(w).Count(ctx)
		return right(got == n, err)
	})
	operations["repo.Query.First"] = reading(n, func(ctx context.Context, w *world) error {
		got, err := all(w).Where(stockN.Eq(3)).First(ctx)
		return right(got.N == 3, err)
	})
	operations["repo.Query.Load"] = reading(n, func(ctx context.Context, w *world) error {
		got, err := dyniter.Collect(all(w).Load(repo.WithIdentityMap(ctx)))
		return right(len(got) == n, err)
	})
	operations["repo.Query.Pages"] = reading(n, func(ctx context.Context, w *world) error {
		var got []stock
		for page, err := range all(w).Pages(ctx) {
			if err != nil {
				rest, restErr := all(w).From(page.Cursor).Collect(context.Background()) // goes on where it was
				if restErr != nil {
					return restErr
				}
				return errors.Join(err, right(page.Cursor.IsZero() || whole(append(got, rest...)), nil))
			}
			got = append(got, page.Items...)
		}
		return right(whole(got), nil)
	})
	operations["repo.Query.Update"] = operation{parts: true, adds: true, begin: func(w *world) func(context.Context) error {
		w.stored(n)
		return func(ctx context.Context) error {
			_, err := all(w).Update(ctx, stockN.Set(42))
			return err
		}
	}}
	operations["repo.Query.DeleteAll"] = operation{parts: true, begin: func(w *world) func(context.Context) error {
		w.stored(n)
		return func(ctx context.Context) error {
			_, err := all(w).DeleteAll(ctx)
			return err
		}
	}}
}

// groups are operations on several items at once.
func groups() {
	many := func(w *world) []repo.Op {
		var ops []repo.Op
		n := 30 // of two requests
		if w.unique {
			n = 3 // each by itself
		}
		for _, s := range stocks(n) {
			s.N = 42
			ops = append(ops, w.stocks.Overwrite().Ops().Put(&s))
		}
		return append(ops, w.stocks.Ops().Delete(key.Of("s").Range("none")))
	}
	operations["repo.DB.Batch"] = operation{parts: true, begin: func(w *world) func(context.Context) error {
		w.stored(3)
		return func(ctx context.Context) error { return w.db.Batch(ctx, many(w)...) }
	}}
	operations["repo.Batcher.Batch"] = operation{parts: true, begin: func(w *world) func(context.Context) error {
		w.stored(3)
		return func(ctx context.Context) error {
			return w.db.Rate(1e9).Progress(func(repo.Progress) {}).Batch(ctx, many(w)...)
		}
	}}
	together := func(w *world, all []stock) []repo.Op {
		o := w.stocks.Ops()
		return []repo.Op{
			o.Save(changed(&all[0])), o.Check(stockKey(1), stockN.Eq(1)), o.Delete(stockKey(2)), o.Create(&stock{Shop: "s", ID: "new", Code: "secret new"}),
		}
	}
	operations["repo.DB.Transact"] = operation{again: []error{lock.ErrStale, repo.ErrExists}, begin: func(w *world) func(context.Context) error {
		all := w.stored(3)
		return func(ctx context.Context) error { return w.db.Transact(ctx, together(w, all)...) }
	}}
	operations["repo.DB.TransactOnce"] = operation{begin: func(w *world) func(context.Context) error {
		all := w.stored(3)
		ops := together(w, all)
		w.tokens++
		token := fmt.Sprint("token", w.tokens)
		return func(ctx context.Context) error { return w.db.TransactOnce(ctx, token, ops...) }
	}}
	operations["repo.DB.TransactGet"] = reading(2, func(ctx context.Context, w *world) error {
		var a, b stock
		err := w.db.TransactGet(ctx, w.stocks.Into(stockKey(0), &a), w.stocks.Into(stockKey(1), &b))
		return right(a.ID == "0" && b.ID == "1", err)
	})
	operations["repo.Increment"] = of(func(ctx context.Context, w *world, _ *stock) error {
		got, err := repo.Increment(ctx, w.stocks, stockKey(1), stockN, 5)
		return right(got >= 6, err)
	}, operation{adds: true})
}
