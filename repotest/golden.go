package repotest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/repo"
)

// update has a name of its own, since the tests that import this package may have
// a flag "update" for what they keep themselves.
var update = flag.Bool("repotest.update", false, "write the plans of queries to their files")

// Plan fails the test if the plan of a query is not what the file holds: the text
// of [repo.Plan], the table without its namespace. With changes, it is the plan of
// the query's Update with them. It sends nothing.
//
// The tests write the file, and its directory, when they run with the flag
// -repotest.update, or with a boolean flag -update of their own.
func Plan[T any](tb testing.TB, db *repo.DB, file string, q repo.Query[T], changes ...cond.Change[T]) {
	tb.Helper()
	plan, err := q.Plan(changes...)
	if err != nil {
		tb.Fatal("repotest:", err)
	}
	text := strings.ReplaceAll(plan.String(), plan.Table, baseName(db, plan.Table)) + "\n"
	if updating() {
		write(tb, file, text)
		return
	}
	switch want, err := os.ReadFile(file); {
	case err != nil:
		tb.Errorf("repotest: %v; -repotest.update writes it", err)
	case string(want) != text:
		tb.Errorf("repotest: another plan than that of %s, which -repotest.update writes anew:\n%sThe file has:\n%s", file, text, want)
	}
}

func updating() bool {
	own := flag.Lookup("update")
	return *update || own != nil && own.Value.String() == "true"
}

func write(tb testing.TB, file, text string) {
	tb.Helper()
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, []byte(text), 0o644)
	}
	if err != nil {
		tb.Fatal("repotest:", err)
	}
}

// baseName returns the name of a table without the namespace.
func baseName(db *repo.DB, table string) string {
	return strings.TrimPrefix(table, db.TableName(""))
}
