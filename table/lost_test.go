package table_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// withTTL returns a model with an end of its items.
func withTTL(t *testing.T) (*repo.Repo[score], *faults.Transport) {
	t.Helper()
	return model(t, func(s *repo.Spec) { s.TTL.Attr = "account" })
}

// TestLostAnswers: what came of a request whose answer was lost, or that did not
// arrive, is found out by looking, and the call goes on as if it had been told
// (rule L1).
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	troubles := map[string]faults.Fault{
		"lost":      faults.CutAfter(),
		"unsent":    faults.CutBefore(),
		"throttled": faults.Throttle(),
		"500":       faults.Error(http.StatusInternalServerError, "InternalServerError"),
	}
	for name, op := range map[string]struct {
		request string
		before  operation // what makes the table be otherwise; nil if it is
		do      operation
	}{
		"create":       {"CreateTable", nil, nil},
		"TTL":          {"UpdateTimeToLive", nil, nil},
		"set TTL":      {"UpdateTimeToLive", ttl(""), ttl("account")},
		"throughput":   {"UpdateTable", nil, throughput(7, 7)},
		"index":        {"UpdateTable", nil, indexThroughput("user_idx", 9, 9)},
		"on demand":    {"UpdateTable", nil, onDemand(true)},
		"stream":       {"UpdateTable", nil, stream(types.StreamViewTypeKeysOnly)},
		"protection":   {"UpdateTable", nil, protection(true)},
		"create index": {"UpdateTable", dropIndex("user_idx"), createIndex("user_idx")},
		"delete":       {"DeleteTable", nil, table.Delete},
	} {
		for kind, trouble := range troubles {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				m, tr := withTTL(t)
				do := op.do
				if do == nil {
					do = table.Create
				} else {
					create(t, m, tr)
				}
				if op.before != nil {
					_, err := op.before(t.Context(), m, quick(patience))
					require.NoError(t, err)
				}
				tr.On(op.request).Nth(tr.Count(op.request) + 1).Do(trouble)
				changed, err := do(t.Context(), m, quick(patience))
				require.NoError(t, err)
				assert.True(t, changed)
				if op.request == "DeleteTable" {
					there, err := table.Exists(t.Context(), m)
					require.NoError(t, err)
					assert.False(t, there)
					return
				}
				d, err := table.Inspect(t.Context(), m)
				require.NoError(t, err)
				assert.Equal(t, "account", d.TTL.Attr)
				changed, err = do(t.Context(), m, quick(5))
				require.NoError(t, err)
				assert.False(t, changed, "it is so now")
			})
		}
	}
}

// TestThrottledIsNotDone: a request that was throttled did nothing: who finds the
// table gone, or there, did not do it.
func TestThrottledIsNotDone(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	tr.On("DeleteTable").Nth(1).Do(faults.Throttle())
	deleted, err := table.Delete(t.Context(), m, quick(5))
	require.NoError(t, err)
	assert.False(t, deleted)

	tr.On("CreateTable").Nth(1).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		if resp, err := send(req); err != nil || resp.StatusCode != http.StatusOK { // another's
			return resp, err
		}
		return faults.Throttle()(req, send)
	})
	created, err := table.Create(t.Context(), m, quick(5))
	require.NoError(t, err)
	assert.False(t, created)
}

// TestCreateHalfMade: a table that was made and no more is never taken for one
// that is as declared: the error says what is left, Apply does it (rule L1).
func TestCreateHalfMade(t *testing.T) {
	t.Parallel()
	m, tr := withTTL(t)
	tr.On("UpdateTimeToLive").Times(1).Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
	created, err := table.Create(t.Context(), m, quick(5))
	assert.True(t, created)
	require.EqualError(t, err, "table: Create "+m.Table()+": AccessDeniedException: a policy denies the operation to these credentials: left to be done: begin TTL on account")

	for range 2 { // nothing is changed by itself
		tr.Reset()
		created, err = table.Create(t.Context(), m, quick(5))
		assert.False(t, created)
		require.ErrorIs(t, err, table.ErrDiffers)
		require.EqualError(t, err, "table: Create "+m.Table()+": the table is not as declared: left to be done: begin TTL on account")
		assert.Zero(t, tr.Count("UpdateTimeToLive"))
	}
	e, ok := errors.AsType[*table.Error](err)
	require.True(t, ok)
	require.NoError(t, table.Apply(t.Context(), e.Lacks, quick(5)))
	created, err = table.Create(t.Context(), m, quick(5))
	require.NoError(t, err)
	assert.False(t, created)
}

// TestCreateWaitsForItsMaker: a young table is given time to become what is
// declared.
func TestCreateWaitsForItsMaker(t *testing.T) {
	t.Parallel()
	m, tr := withTTL(t)
	create(t, m, tr)
	_, err := table.SetTTL(t.Context(), m, "", quick(5))
	require.NoError(t, err)
	tr.Reset()
	tr.On("DescribeTimeToLive").Nth(3).Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		if _, err := table.SetTTL(context.Background(), m, "account", quick(5)); err != nil {
			return nil, err
		}
		return send(req)
	})
	created, err := table.Create(t.Context(), m, quick(5))
	require.NoError(t, err)
	assert.False(t, created)
}

// TestCreateTellsWhatIsLacking: each thing that is declared and not there, and
// nothing that is there beside.
func TestCreateTellsWhatIsLacking(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	for text, edit := range map[string]func(*repo.Spec){
		"":                     func(s *repo.Spec) { s.Indexes, s.OnDemand = s.Indexes[1:2], true },
		"create index new_idx": func(s *repo.Spec) { s.Indexes = append(s.Indexes, index.Global("new_idx", key.String("tags"))) },
		"begin TTL on account": func(s *repo.Spec) { s.TTL.Attr = "account" },
		"the key is hash id, sort position, and is declared as hash user_id": func(s *repo.Spec) {
			s.Key, s.Indexes = key.Spec{Hash: key.String("user_id")}, nil
		},
		"local index late_idx is missing": func(s *repo.Spec) { s.Indexes = append(s.Indexes, index.Local("late_idx", key.String("tags"))) },
		"it projects": func(s *repo.Spec) {
			s.Indexes = append(s.Indexes[1:], index.Global("user_idx", key.String("user_id"), key.Number("points")))
		},
	} {
		s := spec()
		edit(&s)
		other, err := repo.New[score](m.DB(), s)
		require.NoError(t, err)
		created, err := table.Create(t.Context(), other, quick(3))
		assert.False(t, created)
		if text == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, table.ErrDiffers, text)
		require.ErrorContains(t, err, text)
	}
}
