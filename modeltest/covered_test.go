package modeltest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/repo"
)

// elsewhere are the exported methods and functions of package repo that programs
// of writes need not call by name, and why.
var elsewhere = map[string]string{
	"Repo.Get": read, "Repo.Load": read, "Repo.Exists": read, "Repo.GetMany": read, "Repo.Consistent": read, "Repo.Into": read,
	"Repo.Query": read, "Repo.Scan": read, "Repo.Where": read, "DB.TransactGet": read,
	"Repo.DB": pure, "Repo.Decode": pure, "Repo.DecodeJSON": pure, "Repo.Key": pure, "Repo.Spec": pure, "Repo.Table": pure, "Repo.Engine": pure,
	"DB.Client": pure, "DB.Config": pure, "DB.Path": pure, "DB.TableName": pure,
	"Query.All": read, "Query.Collect": read, "Query.Count": read, "Query.First": read, "Query.Load": read, "Query.Pages": read, "Query.Plan": pure,
	"Query.Ascending": asked, "Query.BatchSize": asked, "Query.Consistent": asked, "Query.CursorAfter": asked, "Query.Descending": asked,
	"Query.Filter": asked, "Query.From": asked, "Query.Hydrate": asked, "Query.Index": asked, "Query.Partial": asked, "Query.Prefetch": asked,
	"Query.Project": asked, "Query.Rate": asked, "Query.RecordLimit": asked, "Query.ScanLimit": asked, "Query.Resume": asked, "Query.Segment": asked, "Query.Segments": asked, "Query.Sort": asked,
	"Query.StartAfter": asked, "Query.Where": asked,
	"repo.New": declares, "repo.NewDB": declares, "repo.Open": declares, "repo.ConfigFromEnv": declares, "repo.On": declares, "repo.UniqueOn": declares,
	"repo.DefaultTo": declares, "repo.DefaultFunc": declares, "repo.UUIDv7": declares,
	"repo.WithIdentityMap": passes, "repo.WithInput": passes, "repo.WithMeter": passes, "repo.WithOptions": passes,
}

const (
	read     = "reads"
	pure     = "sends nothing"
	asked    = "says what a query asks"
	declares = "declares"
	passes   = "makes a context"
)

// everyWrite returns the exported methods and functions of package repo that
// write, and those that make writers.
func everyWrite(t *testing.T) (all []string) {
	t.Helper()
	add := func(name string) {
		if elsewhere[name] == "" {
			all = append(all, name)
		}
	}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[*repo.Repo[note]](), reflect.TypeFor[repo.Writer[note]](), reflect.TypeFor[repo.Ops[note]](),
		reflect.TypeFor[repo.Query[note]](), reflect.TypeFor[*repo.DB](), reflect.TypeFor[repo.Batcher](),
	} {
		for m := range typ.Methods() {
			add(bare(typ) + "." + m.Name)
		}
	}
	files, err := filepath.Glob("../repo/*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.IsExported() {
				add("repo." + f.Name.Name)
			}
		}
	}
	return all
}

// requireCovered fails where programs have not called one of what writes.
func requireCovered(t *testing.T) {
	t.Helper()
	all := everyWrite(t)
	assert.Contains(t, all, "Repo.Create")
	assert.Contains(t, all, "repo.Increment")
	for _, name := range all {
		_, ok := covered.Load(name)
		assert.True(t, ok, "programs never call %s: give it to them, or say in elsewhere why not", name)
	}
}
