package table_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

var (
	userIdx  = index.Global("user_idx", key.String("user_id"), key.Number("points")).Include("tags").WithThroughput(5, 2)
	localIdx = index.Local("points_idx", key.Number("points")).KeysOnly()
	wideIdx  = index.Global("wide_idx", key.Multi(key.String("user_id"), key.Int("account")), key.Multi(key.Int("position"), key.Number("points")))
	tagIdx   = index.Global("tag_idx", key.String("tags")).KeysOnly()
	dayIdx   = index.Global("day_idx", key.Int("position"))
)

func declare(t *testing.T, m table.Model, edit func(*repo.Spec)) *repo.Repo[score] {
	t.Helper()
	s := spec()
	edit(&s)
	r, err := repo.New[score](m.DB(), s)
	require.NoError(t, err)
	return r
}

func with(t *testing.T, m table.Model, s table.Settings) *table.Design {
	t.Helper()
	d, err := table.Of(s, m)
	require.NoError(t, err)
	return d
}

func diff(t *testing.T, m table.Model) table.Plan {
	t.Helper()
	live, err := table.Inspect(t.Context(), m)
	require.NoError(t, err)
	return table.Diff(m, live)
}

// TestDiffAndApply takes a table from one declaration to another on the engine:
// the plan says how, and once it is carried out nothing differs (rule L3).
func TestDiffAndApply(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from, to   func(*repo.Spec)
		has, wants table.Settings
		want       string
		again      bool // the plan can be applied twice
	}{
		"nothing": {},
		"nothing, on demand, TTL, stream, protected": {
			from: func(s *repo.Spec) { s.OnDemand, s.TTL.Attr = true, "account" },
			to:   func(s *repo.Spec) { s.OnDemand, s.TTL.Attr = true, "account" },
			has:  table.Settings{Stream: types.StreamViewTypeNewImage, Protection: aws.Bool(true)}, wants: table.Settings{Stream: types.StreamViewTypeNewImage, Protection: aws.Bool(true)},
		},
		"what is not declared is left": {
			from: func(s *repo.Spec) { s.Throughput = index.Throughput{Read: 3, Write: 4} },
			to:   func(s *repo.Spec) { s.Indexes[0] = s.Indexes[0].WithThroughput(0, 0) },
			has:  table.Settings{Stream: types.StreamViewTypeNewImage, Protection: aws.Bool(true)},
		},
		"indexes one by one": {
			again: true,
			to:    func(s *repo.Spec) { s.Indexes = []index.Spec{tagIdx.WithThroughput(7, 8), localIdx, dayIdx, wideIdx} },
			want: "  1. create index tag_idx: hash tags, projecting KEYS_ONLY\n" +
				"  2. create index day_idx: hash position, projecting ALL\n" +
				"  3. drop index user_idx\n",
		},
		"capacity of table and indexes apart": {
			again: true,
			to: func(s *repo.Spec) {
				s.Throughput = index.Throughput{Read: 50}
				s.Indexes[0], s.Indexes[2] = userIdx.WithThroughput(5, 3), wideIdx.WithThroughput(1, 1)
			},
			want: "  1. provision 50 read and 20 write units, was 100 read and 20 write units\n" +
				"  2. provision 5 read and 3 write units for index user_idx, was 5 read and 2 write units\n" +
				"  3. provision 1 read and 1 write units for index wide_idx, was 100 read and 20 write units\n",
		},
		"on demand, with an index": {
			again: true,
			to:    func(s *repo.Spec) { s.OnDemand, s.Indexes = true, append(s.Indexes, tagIdx) },
			want: "  1. bill the table a request (on demand)\n" +
				"  2. create index tag_idx: hash tags, projecting KEYS_ONLY\n",
		},
		"back to capacity, with an index": {
			from: func(s *repo.Spec) { s.OnDemand = true },
			to: func(s *repo.Spec) {
				s.Throughput, s.Indexes = index.Throughput{Read: 9, Write: 8}, []index.Spec{userIdx, localIdx, tagIdx}
			},
			want: "  1. provision 9 read and 8 write units (was on demand)\n" +
				"  2. create index tag_idx: hash tags, projecting KEYS_ONLY\n" +
				"  3. drop index wide_idx\n",
		},
		"stream, TTL and protection on": {
			to:    func(s *repo.Spec) { s.TTL.Attr = "account" },
			wants: table.Settings{Stream: types.StreamViewTypeNewAndOldImages, Protection: aws.Bool(true)},
			want:  "  1. begin a stream of NEW_AND_OLD_IMAGES\n  2. begin TTL on account\n  3. turn deletion protection on\n",
		},
		"stream, TTL and protection otherwise": {
			from:  func(s *repo.Spec) { s.TTL.Attr = "account" },
			has:   table.Settings{Stream: types.StreamViewTypeKeysOnly, Protection: aws.Bool(true)},
			to:    func(s *repo.Spec) { s.TTL.Attr = "position" },
			wants: table.Settings{Stream: types.StreamViewTypeOldImage, Protection: aws.Bool(false)},
			want: "  1. end the stream of KEYS_ONLY, whose records can be read for 24 hours more\n  2. begin a stream of OLD_IMAGE\n" +
				"  3. end TTL on account\n  4. begin TTL on position\n  5. turn deletion protection off\n",
		},
		"stream and TTL off": {
			from:  func(s *repo.Spec) { s.TTL.Attr = "account" },
			has:   table.Settings{Stream: types.StreamViewTypeKeysOnly},
			wants: table.Settings{Stream: table.NoStream, Protection: aws.Bool(false)},
			want:  "  1. end the stream of KEYS_ONLY, whose records can be read for 24 hours more\n  2. end TTL on account\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var edits []func(*repo.Spec)
			if tt.from != nil {
				edits = append(edits, tt.from)
			}
			m, tr := model(t, edits...)
			created, err := table.Create(t.Context(), with(t, m, tt.has), quick(5))
			require.NoError(t, err)
			require.True(t, created)
			require.True(t, diff(t, with(t, m, tt.has)).Empty(), "a new table is as declared")
			if tt.to == nil {
				tt.to = func(*repo.Spec) {}
			}
			to := with(t, declare(t, m, tt.to), tt.wants)

			plan := diff(t, to)
			if tt.want == "" {
				assert.True(t, plan.Empty(), plan)
				assert.Equal(t, "table "+m.Table()+": as declared\n", plan.String())
				return
			}
			require.Equal(t, "table "+m.Table()+":\n"+tt.want, plan.String())
			tr.Reset()
			var told []table.Progress
			opts := &table.Options{Polls: patience, Interval: 5 * time.Millisecond, Progress: func(p table.Progress) { told = append(told, p) }}
			require.NoError(t, table.Apply(t.Context(), plan, opts))
			assert.Equal(t, len(plan.Steps), tr.Calls("UpdateTable")+tr.Calls("UpdateTimeToLive"), "a request a step")
			for i, s := range plan.Steps {
				assert.Contains(t, told, table.Progress{Table: m.Table(), Step: i + 1, Steps: len(plan.Steps), Text: s.Text})
			}
			assert.True(t, told[len(told)-1].Done)

			again := diff(t, to)
			assert.True(t, again.Empty(), again)
			if tt.again {
				tr.Reset()
				require.NoError(t, table.Apply(t.Context(), plan, opts))
				assert.Zero(t, tr.Calls("UpdateTable"), "what is done already is left out")
			}
		})
	}
}

// TestDiffNoTable: the plan makes the table with what CreateTable can't say
// behind it.
func TestDiffNoTable(t *testing.T) {
	t.Parallel()
	m, tr := model(t, func(s *repo.Spec) { s.TTL.Attr = "account" })
	d := with(t, m, table.Settings{Recovery: aws.Bool(true), Stream: types.StreamViewTypeNewImage, Tags: map[string]string{"a": "b"}})
	plan := diff(t, m)
	assert.Equal(t, "table "+m.Table()+`:
  1. create the table: hash id, sort position; 100 read and 20 write units; global index user_idx: hash user_id, sort points, projecting INCLUDE tags; local index points_idx: hash id, sort points, projecting KEYS_ONLY; global index wide_idx: hash user_id, account, sort position, points, projecting ALL
  2. begin TTL on account
`, plan.String())
	kinds := func(p table.Plan) (all []string) {
		for _, s := range p.Steps {
			all = append(all, s.Kind)
		}
		return all
	}
	assert.Equal(t, []string{"create-table", "set-ttl", "set-recovery"}, kinds(table.Diff(d, nil)))
	tr.Reset()
	require.NoError(t, table.Apply(t.Context(), plan, quick(100)))
	assert.Equal(t, map[string]int{"DescribeTable": 2, "CreateTable": 1, "DescribeTimeToLive": 1, "UpdateTimeToLive": 1}, tr.Counts())
	assert.True(t, diff(t, m).Empty())
}

// TestObstacles: what can't be done in place is told with what to do instead,
// and nothing is sent while it is in the plan.
func TestObstacles(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	to := declare(t, m, func(s *repo.Spec) {
		s.Key = key.Spec{Hash: key.String("user_id")}
		s.Indexes = []index.Spec{
			index.Global("user_idx", key.String("tags")).KeysOnly(),
			index.Global("points_idx", key.Number("points")),
			wideIdx.Include("user_id"),
			tagIdx,
		}
	})
	plan := diff(t, to)
	assert.Equal(t, "table "+m.Table()+`:
  1. create index tag_idx: hash tags, projecting KEYS_ONLY
  not in place: the key is hash id, sort position, and is declared as hash user_id; instead, create a table under another name and copy the items
  not in place: index user_idx: its key is hash user_id, sort points, and is declared as hash tags; it projects INCLUDE tags, and is declared with KEYS_ONLY; instead, declare it under another name, move the readers there, and drop user_idx
  not in place: index points_idx: it is local, and is declared as global; its key is hash id, sort points, and is declared as hash points; it projects KEYS_ONLY, and is declared with ALL; instead, declare a global index under another name and move the readers there, or create a table under another name and copy the items
  not in place: index wide_idx: it projects ALL, and is declared with INCLUDE user_id; instead, declare it under another name, move the readers there, and drop wide_idx
`, plan.String())
	tr.Reset()
	require.ErrorIs(t, table.Apply(t.Context(), plan, nil), table.ErrBlocked)
	assert.Zero(t, tr.Total())

	plan.Obstacles = nil
	require.NoError(t, table.Apply(t.Context(), plan, quick(1000)), "the rest can be done")

	without := diff(t, declare(t, m, func(s *repo.Spec) {
		s.Indexes = []index.Spec{userIdx, wideIdx, tagIdx, index.Local("other_idx", key.String("user_id"))}
	}))
	assert.Empty(t, without.Steps)
	assert.Equal(t, []table.Obstacle{
		{
			Index: "other_idx", Text: "local index other_idx is missing, and exists only from the creation of its table on",
			Instead: "declare a global index, or create a table under another name and copy the items",
		},
		{Index: "points_idx", Text: "local index points_idx is not declared, and ends only with its table", Instead: "declare it, or leave it"},
	}, without.Obstacles)
}

// TestObstacleType: an attribute that is a key has one type.
func TestObstacleType(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	type other struct {
		ID   string `dynamodbav:"id"`
		At   string `dynamodbav:"position"`
		User string `dynamodbav:"user_id"`
	}
	o, err := repo.New[other](m.DB(), repo.Spec{Table: "scores", Key: key.Spec{Hash: key.String("id"), Range: key.String("position")}, Indexes: []index.Spec{localIdx}})
	require.ErrorIs(t, err, repo.ErrInvalid)
	assert.Nil(t, o)
	r, err := repo.New[other](m.DB(), repo.Spec{Table: "scores", Key: key.Spec{Hash: key.String("id"), Range: key.String("position")}})
	require.NoError(t, err)
	assert.Equal(t, "key attribute position is N, and is declared as S", diff(t, r).Obstacles[0].Text)
}

// TestApplyWaits: behind each step until the table and its indexes are ACTIVE
// and as the step says, whatever the answers say meanwhile.
func TestApplyWaits(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	to := declare(t, m, func(s *repo.Spec) {
		s.Throughput, s.Indexes = index.Throughput{Read: 7, Write: 7}, []index.Spec{userIdx, localIdx}
	})
	plan := diff(t, to)
	require.Len(t, plan.Steps, 2)

	t.Run("polls are spent", func(t *testing.T) {
		tr.Reset()
		tr.On("DescribeTable").Times(5).Do(faults.TableStatus(types.TableStatusUpdating))
		err := table.Apply(t.Context(), plan, quick(3))
		require.ErrorIs(t, err, table.ErrNotActive)
		require.ErrorContains(t, err, "table: Apply "+m.Table()+": not active: the table is UPDATING: left to be done: ")
		assert.Zero(t, tr.Count("UpdateTable"), "nothing is sent to a table that is busy")
	})
	t.Run("busy when sent", func(t *testing.T) {
		tr.Reset()
		tr.On("UpdateTable").Times(2).Do(faults.Error(http.StatusBadRequest, "ResourceInUseException"))
		var waits []string
		opts := quick(1000)
		opts.Progress = func(p table.Progress) {
			if p.Waiting != "" {
				waits = append(waits, p.Waiting)
			}
		}
		// The step's own answer, and three more looks, find the index CREATING.
		tr.On("UpdateTable").When(func(faults.Request) bool { return tr.Count("UpdateTable") == 3 }).Do(faults.Creating())
		slow := tr.On("DescribeTable").When(func(faults.Request) bool { return tr.Count("UpdateTable") == 3 }).Times(3).Do(faults.Creating())
		require.NoError(t, table.Apply(t.Context(), plan, opts))
		assert.Equal(t, 3, slow.Struck())
		assert.Contains(t, waits, "the table is CREATING, index user_idx is CREATING, index wide_idx is CREATING")
		assert.Equal(t, 2, tr.Calls("UpdateTable")-2)
		assert.True(t, diff(t, to).Empty())
	})
}

// TestApplyRefused: the service's error ends the plan, and what was done stays.
func TestApplyRefused(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	plan := diff(t, declare(t, m, func(s *repo.Spec) {
		s.Throughput, s.Indexes = index.Throughput{Read: 7, Write: 7}, []index.Spec{userIdx, localIdx, wideIdx, tagIdx}
	}))
	tr.On("UpdateTable").Nth(2).Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
	err := table.Apply(t.Context(), plan, quick(100))
	require.ErrorContains(t, err, "table: Apply "+m.Table()+": AccessDeniedException: a policy denies the operation to these credentials: left to be done: create index tag_idx")
	d, err := table.Describe(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, index.Throughput{Read: 7, Write: 7}, d.Throughput)
	assert.Len(t, d.Indexes, 3)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, table.Apply(ctx, plan, nil), context.Canceled)
}

// TestApplyNothing: the zero plan does nothing, and one that was not made by
// Diff is refused.
func TestApplyNothing(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	require.NoError(t, table.Apply(t.Context(), table.Plan{}, nil))
	require.ErrorIs(t, table.Apply(t.Context(), table.Plan{Steps: []table.Step{{}}}, nil), repo.ErrInvalid)
	plan := table.Diff(m, nil)
	plan.Steps[0].Input = nil
	require.ErrorIs(t, table.Apply(t.Context(), plan, nil), repo.ErrInvalid)
	plan.Steps[0].Input = (*dynamodb.UpdateTableInput)(nil)
	assert.Zero(t, tr.Total())
}

// TestRenameAtTheLimit: where a table has all the indexes that it may, one is
// dropped before another is made, and a plan tells of an index by another name.
func TestRenameAtTheLimit(t *testing.T) {
	t.Parallel()
	m, _ := model(t, func(s *repo.Spec) {
		s.Indexes = nil
		for i := range 20 {
			s.Indexes = append(s.Indexes, index.Global(fmt.Sprintf("i%02d_idx", i), key.String("user_id")).KeysOnly())
		}
	})
	_, err := table.Create(t.Context(), m, &table.Options{Polls: 20, Interval: 2 * time.Second})
	require.NoError(t, err)
	spec := m.Spec()
	spec.Indexes = append(spec.Indexes[:19:19], index.Global("new_idx", key.String("user_id")).KeysOnly())
	renamed, err := repo.New[score](m.DB(), spec)
	require.NoError(t, err)
	plan := diff(t, renamed)
	require.Len(t, plan.Steps, 2)
	assert.Equal(t, "drop index i19_idx; it is declared as new_idx", plan.Steps[0].Text)
	assert.Contains(t, plan.Steps[1].Text, "create index new_idx")
	assert.Contains(t, plan.Steps[1].Text, "it is i19_idx under another name")
}
