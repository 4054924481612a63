package repo_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
)

type (
	wholeRow struct {
		PK string `dynamodbav:"pk"`
	}
	wholeUser struct {
		PK string `dynamodbav:"pk"`
	}
	literalRow struct {
		Name string `dynamodbav:"name"`
	}
	kindRow struct {
		PK   string `dynamodbav:"pk"`
		Type string `dynamodbav:"type"`
	}
)

// TestWarnsOfWhole: a model that nothing tells from others is warned of, once,
// where others are in its table (rule K7).
func TestWarnsOfWhole(t *testing.T) {
	t.Parallel()
	plain := repo.Spec{Table: "rows", Key: key.Spec{Hash: key.String("pk")}}
	elsewhere := plain
	elsewhere.Table = "others"
	literal := repo.Spec{Table: "rows", Key: key.Spec{Hash: key.Composite("pk", key.Literal("USER"), key.String("name"))}}
	kinds := plain
	kinds.Kinds = sti.Kinds("type", sti.Of[kindRow]("row"))
	row := func(t *testing.T, db *repo.DB) { declared[wholeRow](t, db, plain) }
	user := func(t *testing.T, db *repo.DB) { declared[wholeUser](t, db, plain) }
	other := func(t *testing.T, db *repo.DB) { declared[wholeUser](t, db, elsewhere) }
	told := func(t *testing.T, db *repo.DB) { declared[literalRow](t, db, literal) }
	kind := func(t *testing.T, db *repo.DB) { declared[kindRow](t, db, kinds) }
	for name, c := range map[string]struct {
		models []func(*testing.T, *repo.DB)
		want   []string // the models warned of, in the order of the warnings
	}{
		"alone":               {slices.Repeat([]func(*testing.T, *repo.DB){row}, 3), nil},
		"in tables apart":     {[]func(*testing.T, *repo.DB){row, other}, nil},
		"both tell":           {[]func(*testing.T, *repo.DB){told, kind}, nil},
		"before a literal":    {[]func(*testing.T, *repo.DB){row, told}, []string{"wholeRow"}},
		"behind a literal":    {[]func(*testing.T, *repo.DB){told, row, row}, []string{"wholeRow"}},
		"beside a kind":       {[]func(*testing.T, *repo.DB){kind, row}, []string{"wholeRow"}},
		"two of them":         {[]func(*testing.T, *repo.DB){row, user}, []string{"wholeUser", "wholeRow"}},
		"once, of two others": {[]func(*testing.T, *repo.DB){row, told, kind, told}, []string{"wholeRow"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			db, _ := open(t, func(c *repo.Config) { c.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
			for _, model := range c.models {
				model(t, db)
			}
			var warned []string
			for d := json.NewDecoder(&log); d.More(); {
				var l struct{ Level, Msg, Model, Beside, Table string }
				require.NoError(t, d.Decode(&l))
				assert.Equal(t, "WARN", l.Level)
				assert.Equal(t, "dynarepo: a model takes every item of its table for its own", l.Msg)
				assert.NotEqual(t, l.Model, l.Beside)
				assert.Equal(t, db.TableName("rows"), l.Table)
				warned = append(warned, l.Model[len("repo_test."):])
			}
			assert.Equal(t, c.want, warned)
		})
	}
}

func declared[T any](t *testing.T, db *repo.DB, s repo.Spec) {
	t.Helper()
	_, err := repo.New[T](db, s)
	require.NoError(t, err)
}
