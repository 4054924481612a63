package repo_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// hooked logs its callbacks and fails at one.
type hooked struct {
	ID   string `dynamodbav:"id"`
	Note string `dynamodbav:"note"`
	Twin string `dynamodbav:"twin"`
}

type hookLog struct {
	events []string
	fail   string
}

type hookKey struct{}

var (
	errHook    = errors.New("no")
	hookedNote = cond.Field(func(h *hooked) *string { return &h.Note })
)

// log notes an event in the context's log.
func log(ctx context.Context, event string) error {
	l, _ := ctx.Value(hookKey{}).(*hookLog)
	if l == nil {
		return nil
	}
	if l.events = append(l.events, event); l.fail == event {
		return errHook
	}
	return nil
}

func (h *hooked) BeforeValidation(ctx context.Context) error { return log(ctx, "BeforeValidation") }
func (h *hooked) Validate(ctx context.Context) error         { return log(ctx, "Validate") }
func (h *hooked) AfterValidation(ctx context.Context) error  { return log(ctx, "AfterValidation") }
func (h *hooked) BeforeSave(ctx context.Context) error {
	h.Twin = h.Note + h.Note
	return log(ctx, "BeforeSave")
}
func (h *hooked) BeforeCreate(ctx context.Context) error { return log(ctx, "BeforeCreate") }
func (h *hooked) AfterCreate(ctx context.Context) error  { return log(ctx, "AfterCreate") }
func (h *hooked) BeforeUpdate(ctx context.Context) error { return log(ctx, "BeforeUpdate") }
func (h *hooked) AfterUpdate(ctx context.Context) error  { return log(ctx, "AfterUpdate") }
func (h *hooked) AfterSave(ctx context.Context) error    { return log(ctx, "AfterSave") }
func (h *hooked) BeforeDelete(ctx context.Context) error { return log(ctx, "BeforeDelete") }
func (h *hooked) AfterDelete(ctx context.Context) error  { return log(ctx, "AfterDelete") }
func (h *hooked) AfterFind(ctx context.Context) error    { return log(ctx, "AfterFind") }

// StructCtx has the method set of go-playground/validator (rule I3).
type structValidator struct{}

func (structValidator) StructCtx(ctx context.Context, item any) error {
	if _, ok := item.(*hooked); !ok {
		return errors.New("want a *hooked")
	}
	return log(ctx, "StructCtx")
}

func hookedRepo(tb testing.TB, db *repo.DB) *repo.Repo[hooked] {
	tb.Helper()
	return create[hooked](tb, db, spec("hooked", func(s *repo.Spec) {
		s.Validator = structValidator{}
		for e := repo.BeforeValidation; e <= repo.AfterFind; e++ {
			s.Callbacks = append(s.Callbacks, repo.On(e, func(ctx context.Context, _ *hooked) error {
				return log(ctx, "func "+e.String())
			}))
		}
	}))
}

// both is each event as a method and then as a function.
func both(events ...string) []string {
	var all []string
	for _, e := range events {
		if all = append(all, e); e != "Validate" && e != "StructCtx" {
			all = append(all, "func "+e)
		}
	}
	return all
}

// hookPaths are the operations with what they run, in order; send is where they
// write (rules I1, F5).
func hookPaths(db *repo.DB, r *repo.Repo[hooked]) map[string]struct {
	do            func(context.Context) error
	before, after []string
} {
	type path = struct {
		do            func(context.Context) error
		before, after []string
	}
	item := func() *hooked { return &hooked{ID: "1", Note: "n"} }
	o := r.Ops()
	valid := []string{"BeforeValidation", "Validate", "StructCtx", "AfterValidation", "BeforeSave"}
	creates := both(append(slices.Clone(valid), "BeforeCreate")...)
	saves := both(append(slices.Clone(valid), "BeforeUpdate")...)
	return map[string]path{
		"create":  {func(ctx context.Context) error { return r.Create(ctx, &hooked{ID: "2", Note: "n"}) }, creates, both("AfterCreate", "AfterSave")},
		"save":    {func(ctx context.Context) error { return r.Save(ctx, item()) }, saves, both("AfterUpdate", "AfterSave")},
		"put":     {func(ctx context.Context) error { return r.Put(ctx, item()) }, both(valid...), both("AfterSave")},
		"destroy": {func(ctx context.Context) error { return r.Destroy(ctx, item()) }, both("BeforeDelete"), both("AfterDelete")},
		"update": {func(ctx context.Context) error {
			_, err := r.Update(ctx, key.Of("1"), hookedNote.Set("x"))
			return err
		}, nil, nil},
		"delete":             {func(ctx context.Context) error { return r.Delete(ctx, key.Of("1")) }, nil, nil},
		"batch":              {func(ctx context.Context) error { return db.Batch(ctx, o.Put(item()), o.Destroy(&hooked{ID: "2"})) }, nil, nil},
		"transacted create":  {func(ctx context.Context) error { return db.Transact(ctx, o.Create(&hooked{ID: "2"})) }, creates, both("AfterCreate", "AfterSave")},
		"transacted save":    {func(ctx context.Context) error { return db.Transact(ctx, o.Save(item())) }, saves, both("AfterUpdate", "AfterSave")},
		"transacted destroy": {func(ctx context.Context) error { return db.Transact(ctx, o.Destroy(item())) }, both("BeforeDelete"), both("AfterDelete")},
		"transacted update": {func(ctx context.Context) error {
			return db.Transact(ctx, o.Update(key.Of("1"), hookedNote.Set("x")), o.Delete(key.Of("2")))
		}, nil, nil},
	}
}

// TestCallbacks: their exact order, and what an error of each does: one before
// the write stops it and sends nothing, one behind it is told though the write
// stands (rules I1, I2).
func TestCallbacks(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := hookedRepo(t, db)
	for name, p := range hookPaths(db, r) {
		reset := func() {
			require.NoError(t, r.Put(t.Context(), &hooked{ID: "1", Note: "old"}))
			require.NoError(t, r.Delete(t.Context(), key.Of("2")))
			tr.Reset()
		}
		reset()
		l := &hookLog{}
		require.NoError(t, p.do(context.WithValue(t.Context(), hookKey{}, l)), name)
		assert.Equal(t, slices.Concat(p.before, p.after), l.events, name)
		assert.Equal(t, 1, tr.Total(), name)

		for i, event := range p.before {
			reset()
			l := &hookLog{fail: event}
			err := p.do(context.WithValue(t.Context(), hookKey{}, l))
			require.ErrorIs(t, err, errHook, "%s: %s", name, event)
			checks := event == "Validate" || event == "StructCtx"
			assert.Equal(t, checks, errors.Is(err, repo.ErrInvalid), "%s: %s", name, event)
			if event == "Validate" {
				i++ // every fault is found, so the validator runs too
			}
			assert.Equal(t, p.before[:i+1], l.events, name)
			assert.Zero(t, tr.Total(), name)
			if cause, ok := errors.AsType[*repo.CallbackError](err); !checks {
				require.True(t, ok)
				assert.Contains(t, event, cause.Event.String())
			}
		}
		for _, event := range p.after {
			reset()
			err := p.do(context.WithValue(t.Context(), hookKey{}, &hookLog{fail: event}))
			require.ErrorIs(t, err, errHook, "%s: %s", name, event)
			assert.Equal(t, 1, tr.Total(), name)
		}
	}
}

// TestCallbacksChange: what a callback before the write changes is stored, and
// in memory after success alone.
func TestCallbacksChange(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := hookedRepo(t, db)
	item := hooked{ID: "1", Note: "ab"}
	require.NoError(t, r.Create(t.Context(), &item))
	assert.Equal(t, hooked{ID: "1", Note: "ab", Twin: "abab"}, item)
	got, err := r.Get(t.Context(), key.Of("1"))
	require.NoError(t, err)
	assert.Equal(t, item, got)
	again := hooked{ID: "1", Note: "x"}
	require.ErrorIs(t, r.Create(t.Context(), &again), repo.ErrExists)
	assert.Empty(t, again.Twin)

	l := &hookLog{fail: "AfterCreate"}
	late := hooked{ID: "2", Note: "y"}
	require.ErrorIs(t, r.Create(context.WithValue(t.Context(), hookKey{}, l), &late), errHook)
	assert.Equal(t, "yy", late.Twin, "the write stands")
	assert.Equal(t, both("AfterSave"), l.events[len(l.events)-2:])
}

// TestAfterFind runs on each item that is read, by every path.
func TestAfterFind(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	r := hookedRepo(t, db)
	for _, id := range []string{"1", "2"} {
		require.NoError(t, r.Put(t.Context(), &hooked{ID: id}))
	}
	var a, b hooked
	for name, p := range map[string]struct {
		do func(context.Context) error
		n  int
	}{
		"get": {func(ctx context.Context) error { _, err := r.Get(ctx, key.Of("1")); return err }, 1},
		"many": {func(ctx context.Context) error {
			_, err := r.GetMany(ctx, []key.Value{key.Of("1"), key.Of("2")})
			return err
		}, 2},
		"query": {func(ctx context.Context) error { _, err := r.Query(key.Of("1")).Collect(ctx); return err }, 1},
		"scan":  {func(ctx context.Context) error { _, err := r.Scan().Collect(ctx); return err }, 2},
		"transact": {func(ctx context.Context) error {
			return db.TransactGet(ctx, r.Into(key.Of("1"), &a), r.Into(key.Of("2"), &b))
		}, 2},
		"missing": {func(ctx context.Context) error { _, err := r.GetMany(ctx, []key.Value{key.Of("3")}); return err }, 0},
		"count":   {func(ctx context.Context) error { _, err := r.Scan().Count(ctx); return err }, 0},
	} {
		l := &hookLog{}
		require.NoError(t, p.do(context.WithValue(t.Context(), hookKey{}, l)), name)
		assert.Equal(t, slices.Repeat(both("AfterFind"), p.n), append([]string{}, l.events...), name)
		if p.n > 0 {
			l = &hookLog{fail: "func AfterFind"}
			require.ErrorIs(t, p.do(context.WithValue(t.Context(), hookKey{}, l)), errHook, name)
		}
	}
}

// misfit has a method of a callback's name that is none.
type misfit struct {
	ID string `dynamodbav:"id"`
}

func (misfit) BeforeSave() {}
func (misfit) Validate()   {}

// TestBadCallbacks are faults of the declaration (rule L2).
func TestBadCallbacks(t *testing.T) {
	t.Parallel()
	db, err := repo.NewDB(&recorder{}, nil)
	require.NoError(t, err)
	_, err = repo.New[misfit](db, spec("misfit", func(s *repo.Spec) {
		s.Callbacks = []repo.Callback{
			repo.On(repo.AfterFind+1, func(context.Context, *misfit) error { return nil }), repo.On[misfit](repo.AfterSave, nil),
			repo.On(repo.AfterSave, func(context.Context, *hooked) error { return nil }),
			{},
		}
	}))
	require.ErrorIs(t, err, repo.ErrInvalid)
	for _, text := range []string{
		"method BeforeSave is a callback and must be a func(context.Context) error",
		"Callbacks[0]: no such event", "Callbacks[1]: want a function", "Callbacks[2]: the function is for items of repo_test.hooked", "Callbacks[3]: no such event",
	} {
		assert.ErrorContains(t, err, text)
	}
	assert.NotContains(t, err.Error(), "Validate")
	assert.Equal(t, "Event(12)", (repo.AfterFind + 1).String())
}
