package main

import (
	"bytes"
	"crypto/rand"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/repo"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

var update = flag.Bool("update", false, "write what the example prints to testdata/output.golden")

// TestRun: the example succeeds and prints what it always does.
func TestRun(t *testing.T) {
	t.Parallel()
	const golden = "testdata/output.golden"
	region := "test" + strings.ToLower(rand.Text()) // of the test's own, so that names are those of every run
	client := enginetest.Client(t, func(o *dynamodb.Options) { o.Region = region })
	db, err := repo.NewDB(client, &repo.Config{Namespace: "demo"})
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, db), "printed so far:\n%s", &out)
	if *update {
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), out.String())
}
