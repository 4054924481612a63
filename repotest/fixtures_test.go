package repotest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/repotest"
)

func TestFixtures(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]note{
		"testdata/notes.json": {
			{User: "me", ID: 1, Text: "buy milk", Due: time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)},
			{User: "me", ID: 2, Text: "call Ada"},
			{User: "you", ID: 1, Text: "buy bread"},
		},
		"testdata/scan.json": {
			{User: "me", ID: 1, Text: "buy milk", Tags: []string{"home"}},
			{User: "me", ID: 2, Text: "call Ada"},
		},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			notes := newRepo[note](t, repotest.DB(t), noteSpec())
			repotest.Create(t, notes)
			assert.Equal(t, want, repotest.Fixtures(t, notes, file))
			for _, n := range want {
				got, err := notes.Get(t.Context(), key.Of(n.User).Range(n.ID))
				require.NoError(t, err)
				assert.Equal(t, n, got)
			}
		})
	}
}

// TestFixturesOfATable: what a table holds beside the model's items, such as the
// markers of unique values, is made anew and not taken for items.
func TestFixturesOfATable(t *testing.T) {
	t.Parallel()
	spec := noteSpec()
	spec.Unique = []repo.Unique{repo.UniqueOn[note](text)}
	spec.Indexes = nil
	live := newRepo[note](t, repotest.DB(t), spec)
	repotest.Create(t, live)
	require.NoError(t, live.Create(t.Context(), &note{User: "me", ID: 1, Text: "a"}))
	out, err := live.DB().Client().Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(live.Table())})
	require.NoError(t, err)
	require.Len(t, out.Items, 2)
	var scan struct{ Items []json.RawMessage }
	for _, item := range out.Items {
		text, err := attributevalue.MarshalMapJSON(item)
		require.NoError(t, err)
		scan.Items = append(scan.Items, text)
	}
	dump, err := json.Marshal(scan)
	require.NoError(t, err)

	notes := newRepo[note](t, repotest.DB(t), spec)
	repotest.Create(t, notes)
	assert.Equal(t, []note{{User: "me", ID: 1, Text: "a"}}, repotest.Fixtures(t, notes, write(t, string(dump))))
	require.ErrorIs(t, notes.Create(t.Context(), &note{User: "me", ID: 2, Text: "a"}), repo.ErrUnique)
}

func TestFixturesTellMistakes(t *testing.T) {
	t.Parallel()
	notes := newRepo[note](t, repotest.DB(t), noteSpec())
	repotest.Create(t, notes)
	for text, want := range map[string]string{
		`[]`:                          "it has no items",
		`{"Items":[]}`:                "it has no items",
		`{"items":1}`:                 "json: cannot unmarshal number into Go value of type []json.RawMessage",
		`{"Count":1}`:                 `want an array, or an object with "Items"`,
		`[{"user":"me"},{"usr":""}]`:  `item 2: json: unknown field "usr"`,
		`[{"id":"1"}]`:                "item 1: json: cannot unmarshal string into Go struct field note.id of type int",
		`[`:                           "unexpected end of JSON input",
		`{`:                           "unexpected end of JSON input",
		`{"Items":[{"id":{"S":""}}]}`: "item 1: repo: DecodeJSON ",
		`[{"user":"me","id":1},{"user":"me","id":1}]`: "item 2: ",
	} {
		file := write(t, text)
		got := told(t, func(tb testing.TB) { repotest.Fixtures(tb, notes, file) })
		require.Len(t, got, 1, text)
		assert.Contains(t, got[0], "repotest: "+file+": "+want, text)
	}
	got := told(t, func(tb testing.TB) { repotest.Fixtures(tb, notes, "testdata/none.json") })
	assert.Equal(t, []string{"repotest: testdata/none.json: open testdata/none.json: no such file or directory"}, got)
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "items.json")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	return file
}
