package repotest_test

import (
	"bufio"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/leaks"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/repotest"
	"github.com/dynarepo/dynarepo/table"
)

// TestDB: each test has tables of its own under the same names.
func TestDB(t *testing.T) {
	t.Parallel()
	for _, owner := range []string{"me", "you", "she", "he"} {
		t.Run(owner, func(t *testing.T) {
			t.Parallel()
			db := repotest.DB(t)
			notes := newRepo[note](t, db, noteSpec())
			repotest.Create(t, notes)
			require.NoError(t, notes.Create(t.Context(), &note{User: owner, ID: 1, Text: "x"}))
			got, err := notes.Scan().Collect(t.Context())
			require.NoError(t, err)
			require.Len(t, got, 1)
			assert.Equal(t, owner, got[0].User)
			assert.Equal(t, "first attempts are the library's own, the rest is the SDK's", db.Path())
		})
	}
}

// TestDBIsGoneAfterwards: the tables are, those too that the test made by itself,
// and the next test has the place.
func TestDBIsGoneAfterwards(t *testing.T) {
	t.Parallel()
	var db *repo.DB
	t.Run("inner", func(t *testing.T) {
		db = repotest.DB(t)
		notes := newRepo[note](t, db, noteSpec())
		_, err := table.Create(t.Context(), notes, nil)
		require.NoError(t, err)
		names, err := table.List(t.Context(), db)
		require.NoError(t, err)
		assert.Equal(t, []string{db.TableName("notes")}, names)
	})
	names, err := table.List(t.Context(), db)
	require.NoError(t, err)
	assert.Empty(t, names)
}

// TestManyTablesWithTTL: the engine has few workers for them in one database.
func TestManyTablesWithTTL(t *testing.T) {
	t.Parallel()
	type session struct {
		ID  string    `dynamodbav:"id"`
		End time.Time `dynamodbav:"end,unixtime"`
	}
	for range 15 {
		sessions := newRepo[session](t, repotest.DB(t), repo.Spec{
			Table: "sessions", Key: key.Spec{Hash: key.String("id")}, TTL: repo.TTL{Attr: "end"},
		})
		repotest.Create(t, sessions)
	}
}

func TestDBTakesTheConfiguration(t *testing.T) {
	t.Parallel()
	db := repotest.DB(t, func(c *repo.Config) {
		c.Namespace = "mine"
		c.ScanPolicy = repo.ScanRefuse
		c.Options = append(c.Options, func(o *dynamodb.Options) { o.AppID = "app" })
	})
	assert.Regexp(t, "^test_TestDBTakesTheConfiguration_[A-Z2-7]{12}_x$", db.TableName("x"))
	assert.Equal(t, repo.ScanRefuse, db.Config().ScanPolicy)
	assert.Equal(t, "app", db.Client().(*dynamodb.Client).Options().AppID)

	assert.Equal(t, []string{"repotest: repo: Config.BatchSize: can't be negative"}, told(t, func(tb testing.TB) {
		repotest.DB(tb, func(c *repo.Config) { c.BatchSize = -1 })
	}))
}

func TestCreate(t *testing.T) {
	t.Parallel()
	db := repotest.DB(t)
	one := newRepo[note](t, db, noteSpec())
	spec := noteSpec()
	spec.Indexes = nil
	other := newRepo[note](t, db, spec)
	spec.Table = "changes"
	design, err := table.Of(table.Settings{Stream: types.StreamViewTypeNewImage}, newRepo[note](t, db, spec))
	require.NoError(t, err)

	repotest.Create(t, other, design, one)

	live, err := table.Inspect(t.Context(), one)
	require.NoError(t, err)
	assert.Equal(t, "table "+one.Table()+": as declared\n", table.Diff(one, live).String(), "the index is that of one of two models")
	live, err = table.Inspect(t.Context(), design)
	require.NoError(t, err)
	assert.Equal(t, "table "+design.Table()+": as declared\n", table.Diff(design, live).String(), "the stream is the design's")

	spec = noteSpec()
	spec.Key = key.Spec{Hash: key.String("text")}
	conflict := told(t, func(tb testing.TB) { repotest.Create(tb, one, newRepo[note](t, db, spec)) })
	require.Len(t, conflict, 1)
	assert.Contains(t, conflict[0], "declares the key otherwise than the models before it")
}

// TestHelperProcess is another test binary, for TestTheEngineEndsWithTheBinary.
func TestHelperProcess(t *testing.T) {
	if os.Getenv("REPOTEST_HELPER") == "" {
		t.Skip("it is run by another test")
	}
	named := os.Getenv("REPOTEST_HELPER") == "named"
	t.Cleanup(func() { // what is left behind is what docs/testing.md says
		err := leaks.Find(time.Second)
		if named {
			require.NoError(t, err)
			return
		}
		require.Error(t, err)
		assert.Equal(t, 1, strings.Count(err.Error(), "\ncreated by "), err.Error())
		assert.Contains(t, err.Error(), "github.com/dynarepo/dynarepo/internal/engine.(*child).wait(")
	})
	db := repotest.DB(t)
	repotest.Create(t, newRepo[note](t, db, noteSpec()))
	t.Log("endpoint", aws.ToString(db.Client().(*dynamodb.Client).Options().BaseEndpoint))
}

// helper runs TestHelperProcess with what is added to the environment.
func helper(t *testing.T, env ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperProcess$", "-test.v")
	cmd.Env = append(append(os.Environ(), "REPOTEST_HELPER=1", "DYNAREPO_ENDPOINT="), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestTheEngineEndsWithTheBinary(t *testing.T) {
	t.Parallel()
	out, err := helper(t)
	require.NoError(t, err, out)
	var at string
	for lines := bufio.NewScanner(strings.NewReader(out)); lines.Scan(); {
		if _, endpoint, ok := strings.Cut(lines.Text(), "endpoint "); ok {
			at = endpoint
		}
	}
	u, err := url.Parse(at)
	require.NoError(t, err)
	assert.Eventually(t, func() bool {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", u.Host)
		if err == nil {
			require.NoError(t, conn.Close())
		}
		return err != nil
	}, 10*time.Second, 50*time.Millisecond)
}

func TestWithoutAnEngine(t *testing.T) {
	t.Parallel()
	out, err := helper(t, "PATH=")
	require.Error(t, err)
	assert.Contains(t, out, "Java 17 or newer is needed")
	assert.Contains(t, out, "to install what is missing: go run github.com/dynarepo/dynarepo/repotest/setup\n")
}

// TestNamedEngine: one that runs already is used as it is.
func TestNamedEngine(t *testing.T) {
	t.Parallel()
	endpoint := aws.ToString(repotest.DB(t).Client().(*dynamodb.Client).Options().BaseEndpoint)
	out, err := helper(t, "DYNAREPO_ENDPOINT="+endpoint, "PATH=", "REPOTEST_HELPER=named")
	require.NoError(t, err, out)
	assert.Contains(t, out, "endpoint "+endpoint+"\n")
}
