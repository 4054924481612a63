package repo_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// TestIf: a condition beside what the write is guarded by itself: whichever
// fails tells its own error, and the store stays as it is (rule F3).
func TestIf(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 1)
	before := rawScore(t, r, "1")
	item, err := r.Get(t.Context(), at(1))
	require.NoError(t, err)
	stale, absent := item, item
	stale.Version, absent.Position = 9, 50
	no, yes := r.If(points.Gt(100)), r.If(points.Lt(100))
	update := func(w repo.Writer[score]) func(context.Context, *score) error {
		return func(ctx context.Context, s *score) error {
			_, err := w.Update(ctx, at(s.Position), points.Add(1))
			return err
		}
	}
	tr.Reset()
	for name, c := range map[string]struct {
		write  func(context.Context, *score) error
		item   score
		want   error
		stored bool
	}{
		"save":                {no.Save, item, repo.ErrConditionFailed, true},
		"save, stale":         {no.Save, stale, lock.ErrStale, true},
		"save, stale, if so":  {yes.Save, stale, lock.ErrStale, true},
		"save, gone":          {yes.Save, absent, lock.ErrStale, false},
		"put":                 {no.Put, item, repo.ErrConditionFailed, true},
		"put, none":           {yes.Put, absent, repo.ErrConditionFailed, false},
		"create, exists":      {yes.Create, item, repo.ErrExists, true},
		"create, none":        {yes.Create, absent, repo.ErrConditionFailed, false},
		"destroy":             {no.Destroy, item, repo.ErrConditionFailed, true},
		"destroy, stale":      {yes.Destroy, stale, lock.ErrStale, true},
		"overwriting save":    {no.Overwrite().Save, stale, repo.ErrConditionFailed, true},
		"overwriting destroy": {no.Overwrite().Destroy, stale, repo.ErrConditionFailed, true},
		"update":              {update(no), item, repo.ErrConditionFailed, true},
		"update, none":        {update(yes), absent, repo.ErrNotFound, false},
	} {
		held := c.item
		n := tr.Total()
		err := c.write(t.Context(), &c.item)
		require.ErrorIs(t, err, c.want, name)
		assert.Equal(t, n+1, tr.Total(), name)
		assert.Equal(t, held, c.item, name)
		if failed, ok := errors.AsType[*repo.ConditionError](err); ok {
			assert.Equal(t, c.stored, failed.Stored != nil, name)
		}
		if failed, ok := errors.AsType[*lock.StaleError](err); ok {
			assert.Equal(t, c.stored, failed.Stored != nil, name)
		}
	}
	assert.Equal(t, before, rawScore(t, r, "1"))
	assert.Nil(t, rawScore(t, r, "50"))

	require.NoError(t, yes.Save(t.Context(), &item))
	assert.Equal(t, int64(2), item.Version)
	require.NoError(t, yes.If(userID.Exists()).Destroy(t.Context(), &item))
	require.NoError(t, r.If(points.NotExists()).Create(t.Context(), &absent))
}

// TestOverwrite: the version rises and is not checked (rule G2).
func TestOverwrite(t *testing.T) {
	t.Parallel()
	r, _ := scores(t, 1)
	stale := score{ModelID: "m", AccountID: 42, Position: 1, Version: 8}
	require.NoError(t, r.Overwrite().Save(t.Context(), &stale))
	assert.Equal(t, int64(9), stale.Version)
	assert.Equal(t, num("9"), rawScore(t, r, "1")["lock_version"])
}

// TestWriterIsAValue: a writer made of another leaves that as it was.
func TestWriterIsAValue(t *testing.T) {
	t.Parallel()
	r, _ := scores(t, 1)
	base := r.If(points.Lt(100))
	no, yes := base.If(points.Gt(50)), base.If(userID.Exists())
	_, err := no.Update(t.Context(), at(1), points.Add(1))
	require.ErrorIs(t, err, repo.ErrConditionFailed)
	for _, w := range []repo.Writer[score]{base, yes, base.Returning(repo.ReturnBefore)} {
		_, err := w.Update(t.Context(), at(1), points.Add(1))
		require.NoError(t, err)
	}
}

// TestBadConditions: a condition that is none stops every write.
func TestBadConditions(t *testing.T) {
	t.Parallel()
	r, tr := scores(t, 0)
	for name, c := range map[string]cond.Cond[score]{
		"zero": {}, "unknown": cond.Name[score]("nothing").Eq(1), "malformed": cond.Name[score]("a[").Exists(), "of no values": points.In(),
	} {
		w := r.If(c)
		item := score{ModelID: "m", AccountID: 42, Position: 1}
		_, updateErr := w.Update(t.Context(), at(1), points.Add(1))
		for _, err := range []error{
			w.Create(t.Context(), &item), w.Put(t.Context(), &item), w.Save(t.Context(), &item),
			w.Destroy(t.Context(), &item), w.Delete(t.Context(), at(1)), updateErr,
			r.DB().Transact(t.Context(), r.Ops().Check(at(1), c)),
		} {
			require.ErrorIs(t, err, repo.ErrInvalid, name)
		}
	}
	assert.Zero(t, tr.Total())
}

// checked is valid where it has a name.
type checked struct {
	ID   string `dynamodbav:"id"`
	Name string `dynamodbav:"name"`
	log  *[]string
}

var errNoName = errors.New("want a name")

func (c *checked) Validate(context.Context) error {
	if c.Name == "" {
		return errNoName
	}
	return nil
}

func (c *checked) BeforeSave(context.Context) error {
	*c.log = append(*c.log, "BeforeSave")
	return nil
}

func (c *checked) BeforeValidation(context.Context) error {
	*c.log = append(*c.log, "BeforeValidation")
	return nil
}

// TestSkipValidation: for one call, the other callbacks still run (rule I2).
func TestSkipValidation(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	r := create[checked](t, db, spec("checked"))
	tr.Reset()
	var log []string
	item := checked{ID: "1", log: &log}
	err := r.Create(t.Context(), &item)
	require.ErrorIs(t, err, repo.ErrInvalid)
	require.ErrorIs(t, err, errNoName)
	require.ErrorIs(t, db.Transact(t.Context(), r.Ops().Create(&item)), errNoName)
	assert.Zero(t, tr.Total())
	assert.Equal(t, []string{"BeforeValidation", "BeforeValidation"}, log)

	log = nil
	w := r.SkipValidation()
	require.NoError(t, w.Create(t.Context(), &item))
	require.NoError(t, w.Put(t.Context(), &item))
	require.NoError(t, w.Save(t.Context(), &item))
	require.NoError(t, db.Transact(t.Context(), w.Ops().Save(&item)))
	assert.Equal(t, []string{"BeforeSave", "BeforeSave", "BeforeSave", "BeforeSave"}, log)
	require.NoError(t, db.Batch(t.Context(), r.Ops().Put(&checked{ID: "2"})), "a batch validates nothing (rule F5)")
	assert.Equal(t, 1, tr.Count("BatchWriteItem"))
}
