package repo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// TestUniqueClash: a value that another item has is a typed error that names
// the field and holds its owner's key, and nothing is written (rule F8).
func TestUniqueClash(t *testing.T) {
	t.Parallel()
	r, _ := accounts(t, locked, account{ID: "1", Email: "a", Room: "r", Seat: 1}, account{ID: "2", Email: "b", Room: "r", Seat: 2})
	db, o := r.DB(), r.Ops()
	before, _ := everything(t, r)
	held := get(t, r, "2")
	email, place := []string{"email"}, []string{"room", "seat"}
	for name, c := range map[string]struct {
		attrs []string
		do    func(ctx context.Context, a *account) error // a is item 2
	}{
		"create": {email, func(ctx context.Context, _ *account) error { return r.Create(ctx, &account{ID: "3", Email: "a"}) }},
		"a group": {place, func(ctx context.Context, _ *account) error {
			return r.Create(ctx, &account{ID: "3", Room: "r", Seat: 1})
		}},
		"put":               {email, func(ctx context.Context, a *account) error { return r.Put(ctx, changed(a, func() { a.Email = "a" })) }},
		"save":              {place, func(ctx context.Context, a *account) error { return r.Save(ctx, changed(a, func() { a.Seat = 1 })) }},
		"put of a new one":  {email, func(ctx context.Context, _ *account) error { return r.Put(ctx, &account{ID: "3", Email: "a"}) }},
		"save of a new one": {email, func(ctx context.Context, _ *account) error { return r.Save(ctx, &account{ID: "3", Email: "a"}) }},
		"update": {place, func(ctx context.Context, _ *account) error {
			_, err := r.Update(ctx, key.Of("2"), accountSeat.Set(1))
			return err
		}},
		"save changes": {email, func(ctx context.Context, a *account) error {
			was := *a
			return r.SaveChanges(ctx, &was, changed(a, func() { a.Email = "a" }))
		}},
		"transact": {email, func(ctx context.Context, a *account) error {
			return db.Transact(ctx, o.Create(&account{ID: "3"}), o.Save(changed(a, func() { a.Email = "a" })))
		}},
		"batch": {email, func(ctx context.Context, a *account) error {
			return db.Batch(ctx, r.Overwrite().Ops().Put(changed(a, func() { a.Email = "a" })))
		}},
		"update of all": {email, func(ctx context.Context, _ *account) error {
			_, err := r.Scan().Where(accountEmail.Eq("b")).Update(ctx, accountEmail.Set("a"))
			return err
		}},
	} {
		a := *held
		err := c.do(t.Context(), &a)
		require.ErrorIs(t, err, repo.ErrUnique, name)
		for _, other := range []error{repo.ErrExists, repo.ErrConditionFailed, repo.ErrConflict, repo.ErrNotFound, repo.ErrInvalid, lock.ErrStale} {
			require.NotErrorIs(t, err, other, name)
		}
		clash, ok := errors.AsType[*repo.UniqueError](err)
		require.True(t, ok, name)
		assert.Equal(t, c.attrs, clash.Attrs, name)
		assert.Equal(t, av{"id": str("1")}, clash.Owner, name)
		assert.Equal(t, "repo_test.account", clash.Model, name)
		if name != "transact" && name != "batch" {
			assert.Contains(t, err.Error(), "a unique value is taken: repo_test.account: "+strings.Join(c.attrs, ", "), name)
		}
		assert.Equal(t, held.Version, a.Version, "%s: memory is as it was", name)
		require.Equal(t, before, agree(t, r, name), name)
	}

	var failed *repo.TransactError
	err := db.Transact(t.Context(), o.Create(&account{ID: "3"}), o.Create(&account{ID: "4", Email: "a"}))
	require.ErrorAs(t, err, &failed)
	require.Len(t, failed.Failed, 1)
	assert.Equal(t, 1, failed.Failed[0].Position)
	assert.Equal(t, "Create", failed.Failed[0].Op)
	assert.Nil(t, failed.Failed[0].Stored)
	assert.Equal(t, before, agree(t, r))
}

// TestUniqueOwnErrors: where the write's own guard fails, that is the error.
func TestUniqueOwnErrors(t *testing.T) {
	t.Parallel()
	r, tr := accounts(t, locked, account{ID: "1", Email: "a"}, account{ID: "2", Email: "b"})
	stale := get(t, r, "1")
	_, err := r.Update(t.Context(), key.Of("1"), accountEmail.Set("c"))
	require.NoError(t, err)
	before := agree(t, r)
	ctx, o := t.Context(), r.Ops()
	check := func(want error, requests int, name string, err error) {
		t.Helper()
		require.ErrorIs(t, err, want, name)
		require.NotErrorIs(t, err, repo.ErrUnique, name)
		assert.Equal(t, requests, tr.Total(), name)
		require.Equal(t, before, agree(t, r), name)
		tr.Reset()
	}
	tr.Reset()
	again := account{ID: "1", Email: "a"}
	check(repo.ErrExists, 1, "create", r.Create(ctx, &again))
	again.Email = "b"
	check(repo.ErrExists, 1, "create with a clash", r.Create(ctx, &again))
	check(repo.ErrExists, 1, "create in a transaction", r.DB().Transact(ctx, o.Create(&again)))
	check(lock.ErrStale, 1, "save", r.Save(ctx, stale))
	stale.Email = "b"
	check(lock.ErrStale, 1, "save with a clash", r.Save(ctx, stale))
	check(lock.ErrStale, 1, "save in a transaction", r.DB().Transact(ctx, o.Save(stale)))
	check(lock.ErrStale, 1, "destroy", r.Destroy(ctx, stale))
	gone := account{ID: "9", Email: "z", Version: 3}
	check(lock.ErrStale, 1, "save of one that is gone", r.Save(ctx, &gone))
	check(lock.ErrStale, 1, "destroy of one that is gone", r.Destroy(ctx, &gone))
	_, err = r.Update(ctx, key.Of("9"), accountEmail.Set("z"))
	check(repo.ErrNotFound, 2, "update of none", err)
	_, err = r.If(accountNote.Eq("x")).Update(ctx, key.Of("1"), accountEmail.Set("z"))
	check(repo.ErrConditionFailed, 2, "a condition", err)
	check(repo.ErrConditionFailed, 2, "a condition of a delete", r.If(accountNote.Eq("x")).Delete(ctx, key.Of("1")))
	fresh := get(t, r, "1")
	fresh.Email = "z"
	tr.Reset()
	check(repo.ErrConditionFailed, 2, "a condition of a save", r.If(accountNote.Eq("x")).Save(ctx, fresh))
}

// TestUniqueRace: of many that want one value at once, by every way to write
// it, exactly one gets it.
func TestUniqueRace(t *testing.T) {
	t.Parallel()
	const goroutines = 64
	var items []account
	for i := range goroutines / 2 {
		items = append(items, account{ID: fmt.Sprint("old", i), Email: fmt.Sprint("e", i)})
	}
	r, _ := accounts(t, unlocked, items...)
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			a := account{ID: fmt.Sprint("new", i), Email: "wanted"}
			var err error
			switch i % 4 {
			case 0:
				err = r.Create(t.Context(), &a)
			case 1:
				_, err = r.Update(t.Context(), key.Of(fmt.Sprint("old", i/2)), accountEmail.Set("wanted"))
			case 2:
				err = r.DB().Transact(t.Context(), r.Ops().Put(&a))
			case 3:
				a.ID = fmt.Sprint("old", i/2)
				err = r.Put(t.Context(), &a)
			}
			if err == nil {
				won.Add(1)
				return
			}
			assert.ErrorIs(t, err, repo.ErrUnique)
		})
	}
	wg.Wait()
	assert.Equal(t, int32(1), won.Load())
	agree(t, r)
}

// TestUniqueRaceOfOneItem: writers that change the values of one item leave it
// with the markers of what it has.
func TestUniqueRaceOfOneItem(t *testing.T) {
	t.Parallel()
	r, _ := accounts(t, unlocked, account{ID: "1", Email: "e"})
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for n := range 8 {
				var err error
				email := fmt.Sprint("e", (i+n)%5)
				switch (i + n) % 3 {
				case 0:
					err = r.Put(t.Context(), &account{ID: "1", Email: email, Room: "r", Seat: n})
				case 1:
					_, err = r.Update(t.Context(), key.Of("1"), accountEmail.Set(email))
				case 2:
					err = r.Delete(t.Context(), key.Of("1"))
				}
				if err != nil && !errors.Is(err, repo.ErrConflict) && !errors.Is(err, repo.ErrUnread) {
					assert.ErrorIs(t, err, repo.ErrNotFound)
				}
			}
		})
	}
	wg.Wait()
	agree(t, r)
}

// TestUniqueConflict: a transaction that met another write, on the item or on a
// marker, is sent again, up to 10 times.
func TestUniqueConflict(t *testing.T) {
	t.Parallel()
	for _, at := range []int{0, 1} {
		r, tr := accounts(t, unlocked)
		tr.On("TransactWriteItems").Times(2).Do(faults.Conflict(at))
		require.NoError(t, r.Create(t.Context(), &account{ID: "1", Email: "a"}))
		assert.Equal(t, 3, tr.Count("TransactWriteItems"))
		tr.Reset()
		tr.On("TransactWriteItems").Do(faults.Conflict(at))
		err := r.Create(t.Context(), &account{ID: "2", Email: "b"})
		require.ErrorIs(t, err, repo.ErrConflict)
		require.NotErrorIs(t, err, repo.ErrUnique)
		assert.Equal(t, 10, tr.Count("TransactWriteItems"))
		assert.Len(t, agree(t, r), 1)
	}
}
