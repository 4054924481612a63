package table_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

func TestWait(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault faults.Fault
		text  string // of the error when the polls are spent
	}{
		"table": {
			fault: faults.TableStatus(types.TableStatusUpdating),
			text:  "not active: the table is UPDATING",
		},
		"index": {
			fault: faults.IndexStatus("wide_idx", types.IndexStatusCreating),
			text:  "not active: index wide_idx is CREATING",
		},
		"table and indexes": {
			fault: faults.Creating(),
			text:  "not active: the table is CREATING, index user_idx is CREATING, index wide_idx is CREATING",
		},
		"no table": {
			fault: faults.Error(http.StatusBadRequest, "ResourceNotFoundException"),
			text:  "not active: no such table",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, tr := model(t)
			create(t, m, tr)
			trouble := tr.On("DescribeTable").Times(7).Do(tt.fault)

			err := table.Wait(t.Context(), m, quick(3))
			require.ErrorIs(t, err, table.ErrNotActive)
			require.EqualError(t, err, "table: Wait "+m.Table()+": "+tt.text)
			assert.Equal(t, name == "no table", assert.ObjectsAreEqual((*table.Description)(nil), lastSeen(t, err)))
			assert.Equal(t, map[string]int{"DescribeTable": 3}, tr.Counts())

			require.NoError(t, table.Wait(t.Context(), m, quick(10)))
			assert.Equal(t, 7, trouble.Struck())
			assert.Equal(t, 8, tr.Count("DescribeTable"))
		})
	}
}

func lastSeen(t *testing.T, err error) *table.Description {
	t.Helper()
	var e *table.Error
	require.ErrorAs(t, err, &e)
	return e.Last
}

// TestWaitNoTable: the absence is an error beside the spent polls.
func TestWaitNoTable(t *testing.T) {
	t.Parallel()
	m, _ := model(t)
	err := table.Wait(t.Context(), m, quick(2))
	require.ErrorIs(t, err, table.ErrNotActive)
	require.ErrorIs(t, err, table.ErrNotFound)
}

// TestWaitInVain: a status that does not pass is told at once.
func TestWaitInVain(t *testing.T) {
	t.Parallel()
	for _, status := range []types.TableStatus{
		types.TableStatusArchived, types.TableStatusArchiving, types.TableStatusInaccessibleEncryptionCredentials,
	} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			m, tr := model(t)
			create(t, m, tr)
			tr.On("DescribeTable").Do(faults.TableStatus(status))
			err := table.Wait(t.Context(), m, nil)
			require.ErrorIs(t, err, table.ErrNotActive)
			assert.Equal(t, status, lastSeen(t, err).Status)
			assert.Equal(t, 1, tr.Count("DescribeTable"))
		})
	}
}

// TestWaitCancelled: the end of the context ends the waiting, between polls too.
func TestWaitCancelled(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	tr.On("DescribeTable").Do(faults.Creating())
	ctx, cancel := context.WithCancel(t.Context())
	tr.On("DescribeTable").Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		resp, err := send(req)
		time.AfterFunc(10*time.Millisecond, cancel)
		return resp, err
	})
	err := table.Wait(ctx, m, &table.Options{Interval: time.Hour})
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, table.ErrNotActive)
	assert.Equal(t, 1, tr.Count("DescribeTable"))
}

// TestOptions: 60 polls, 2 seconds apart, unless told otherwise (rule L1).
func TestOptions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		opts     *table.Options
		requests int
		took     time.Duration
	}{
		"none":     {nil, 60, 118 * time.Second},
		"zero":     {&table.Options{}, 60, 118 * time.Second},
		"polls":    {&table.Options{Polls: 4}, 4, 6 * time.Second},
		"interval": {&table.Options{Interval: time.Minute}, 60, 59 * time.Minute},
		"both":     {&table.Options{Polls: 1, Interval: time.Minute}, 1, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				// Only the network is left out: real I/O would stop the clock.
				tr := faults.New(nil)
				tr.On("*").Do(faults.Error(http.StatusBadRequest, "ResourceNotFoundException"))
				client := dynamodb.New(dynamodb.Options{Region: "local", Credentials: aws.AnonymousCredentials{}, HTTPClient: tr})
				db, err := repo.NewDB(client, nil)
				require.NoError(t, err)
				m, err := repo.New[score](db, spec())
				require.NoError(t, err)

				start := time.Now()
				require.ErrorIs(t, table.Wait(t.Context(), m, tt.opts), table.ErrNotActive)
				assert.Equal(t, tt.requests, tr.Count("DescribeTable"))
				assert.Equal(t, tt.took, time.Since(start))
			})
		})
	}
}

// TestRefused: what can't be done is told before any request.
func TestRefused(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	operations := map[string]func(table.Model, *table.Options) error{
		"Create": func(m table.Model, opts *table.Options) error {
			_, err := table.Create(t.Context(), m, opts)
			return err
		},
		"Delete": func(m table.Model, opts *table.Options) error {
			_, err := table.Delete(t.Context(), m, opts)
			return err
		},
		"Wait": func(m table.Model, opts *table.Options) error {
			return table.Wait(t.Context(), m, opts)
		},
	}
	for name, do := range operations {
		for _, opts := range []*table.Options{{Polls: -1}, {Interval: -1}} {
			require.ErrorIs(t, do(m, opts), repo.ErrInvalid, name)
		}
	}
	operations["Describe"] = func(m table.Model, _ *table.Options) error {
		_, err := table.Describe(t.Context(), m)
		return err
	}

	db, err := repo.NewDB(bare{m.DB().Client()}, nil)
	require.NoError(t, err)
	wrapped, err := repo.New[score](db, spec())
	require.NoError(t, err)
	for name, do := range operations {
		err := do(wrapped, nil)
		require.ErrorIs(t, err, table.ErrClient)
		assert.EqualError(t, err, "table: "+name+" scores: the client has no table operations")
	}
	_, err = table.Exists(t.Context(), wrapped)
	require.ErrorIs(t, err, table.ErrClient)
	assert.Zero(t, tr.Total())
}
