package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/examples/internal/program/programtest"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/repotest"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// TestRun: the program succeeds and prints what it always does.
func TestRun(t *testing.T) {
	t.Parallel()
	programtest.Golden(t, config, run, func(text string) string { return text })
}

func newTest(t *testing.T, changes ...func(*repo.Config)) *store {
	t.Helper()
	s, err := newStore(repotest.DB(t, changes...))
	require.NoError(t, err)
	repotest.Create(t, s.models()...)
	return s
}

// told keeps what an import tells.
func told(refused *[]string) options {
	return options{
		refused:  func(record int, reason error) { *refused = append(*refused, fmt.Sprint(record, " ", reason)) },
		progress: func(status) {},
	}
}

func TestImportFile(t *testing.T) {
	t.Parallel()
	s := newTest(t)
	var refused []string
	file := "a,A,1\nb,B\n\"c,C,3\nd\",D,4\na,\"A, again\",5\ne,E,-1\nf,\"F\"x,6\ng,G,7\n"
	place, err := s.importFile(t.Context(), "f", strings.NewReader(file), told(&refused))
	require.NoError(t, err)
	assert.Equal(t, Place{File: "f", Records: 7, Refused: 3}, place)
	assert.Equal(t, []string{
		"2 2 columns, not 3",
		"5 the third column is no price",
		`6 parse error on line 7, column 5: extraneous or missing " in quoted-field`,
	}, refused)
	got, err := s.products.Scan().Collect(t.Context())
	require.NoError(t, err)
	slices.SortFunc(got, func(a, b Product) int { return strings.Compare(a.SKU, b.SKU) })
	assert.Equal(t, []Product{{"a", "A, again", 5}, {"c,C,3\nd", "D", 4}, {"g", "G", 7}}, got)
}

// TestTrouble: what DynamoDB leaves of a batch is sent again, and what a broken
// import has not written is written by the next run.
func TestTrouble(t *testing.T) {
	t.Parallel()
	text := sample(600)
	for name, test := range map[string]struct {
		faults   []string
		file     io.Reader
		attempts int // of the SDK; 0 for its own number
		records  int // that are done after the first run
	}{
		"leftovers":      {faults: []string{"unprocessed", "unprocessed"}, records: 600},
		"a lost answer":  {faults: []string{"pass", "lost answer"}, records: 600},
		"throttled":      {faults: slices.Concat(slices.Repeat([]string{"pass"}, 10), slices.Repeat([]string{"throttle"}, 10)), attempts: 1, records: 250},
		"a broken file":  {file: io.MultiReader(strings.NewReader(text[:len(text)/2]), iotest.ErrReader(io.ErrUnexpectedEOF)), records: 250},
		"nothing of all": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTest(t, func(c *repo.Config) {
				c.Concurrency, c.BatchAttempts = 1, 1
				c.Options = append(c.Options, func(o *dynamodb.Options) { o.RetryMaxAttempts = test.attempts })
			})
			var refused []string
			if test.records > 0 {
				repotest.Inject(t, s.db, "BatchWriteItem", test.faults...)
				file := test.file
				if file == nil {
					file = strings.NewReader(text)
				}
				place, err := s.importFile(t.Context(), "f", file, told(&refused))
				assert.Equal(t, test.records < 600, err != nil, "%v", err)
				assert.Equal(t, test.records, place.Records)
			}
			place, err := s.importFile(t.Context(), "f", strings.NewReader(text), told(&refused))
			require.NoError(t, err)
			assert.Equal(t, Place{File: "f", Records: 600, Refused: 5}, place)
			n, err := s.products.Scan().Count(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 595, n)
		})
	}
}

// TestImportTwice: a file that was imported costs a read; a shorter one of its name
// is refused.
func TestImportTwice(t *testing.T) {
	t.Parallel()
	s := newTest(t)
	name := filepath.Join(t.TempDir(), "products.csv")
	require.NoError(t, os.WriteFile(name, []byte("a,A,1\nb,B,2\n"), 0o644))
	var out strings.Builder
	require.NoError(t, s.importNamed(t.Context(), &out, name))
	assert.Equal(t, "  100 %, 2 records\n"+name+": 2 records, 0 refused\n", out.String())
	end := repotest.Budget(t, s.db, repotest.Requests(1))
	require.NoError(t, s.importNamed(t.Context(), &out, name))
	end()
	require.NoError(t, os.WriteFile(name, []byte("a,A,1\n"), 0o644))
	require.ErrorContains(t, s.importNamed(t.Context(), &out, name), "shorter")
}
