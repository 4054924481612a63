package repotest_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/repotest"
)

// ownUpdate is what many tests have.
var ownUpdate = flag.Bool("update", false, "a flag of the tests")

func TestPlan(t *testing.T) {
	t.Parallel()
	db := repotest.DB(t)
	notes := newRepo[note](t, db, noteSpec())
	q := notes.Query(key.Of("me"))
	repotest.Plan(t, db, "testdata/plans/mine.txt", q.RecordLimit(10).Descending())
	repotest.Plan(t, db, "testdata/plans/found.txt", notes.Where(text.Eq("x")))
	repotest.Plan(t, db, "testdata/plans/update.txt", q, text.Set("y"))
}

// TestPlanFiles changes flags, so that it runs alone.
func TestPlanFiles(t *testing.T) {
	db, err := repo.NewDB(&dynamodb.Client{}, &repo.Config{Namespace: "app_dev"})
	require.NoError(t, err)
	notes := newRepo[note](t, db, noteSpec())
	file := filepath.Join(t.TempDir(), "plans", "mine.txt")
	q := notes.Query(key.Of("me"))
	plan := func(q repo.Query[note]) []string {
		return told(t, func(tb testing.TB) { repotest.Plan(tb, db, file, q) })
	}

	assert.Equal(t, []string{"repotest: open " + file + ": no such file or directory; -repotest.update writes it"}, plan(q))
	require.NoError(t, flag.Set("repotest.update", "true"))
	assert.Empty(t, plan(q))
	require.NoError(t, flag.Set("repotest.update", "false"))
	assert.Empty(t, plan(q))
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(before), "Query of notes\n")

	now := plan(q.Descending())
	require.Len(t, now, 1)
	assert.Contains(t, now[0], "repotest: another plan than that of "+file+", which -repotest.update writes anew:\nQuery of notes\n")
	assert.Contains(t, now[0], "descending")
	assert.Contains(t, now[0], "\nThe file has:\n"+strings.TrimSuffix(string(before), "\n"))

	*ownUpdate = true
	assert.Empty(t, plan(q.Descending()))
	*ownUpdate = false
	assert.Empty(t, plan(q.Descending()), "the tests' own flag wrote it")

	bad := plan(q.RecordLimit(-1))
	require.Len(t, bad, 1)
	assert.Contains(t, bad[0], "invalid")
}
