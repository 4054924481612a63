package trust_test

import (
	"bytes"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/dynarepo/dynarepo/"

// exported returns the operations that packages of the library export: functions
// and methods that take a context first, and return more than a context.
func exported(tb testing.TB, packages ...string) []string {
	tb.Helper()
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for _, p := range packages {
		args = append(args, module+p)
	}
	out, err := exec.CommandContext(tb.Context(), "go", args...).Output()
	require.NoError(tb, err)
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	from := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		text, err := os.ReadFile(files[path])
		return io.NopCloser(bytes.NewReader(text)), err
	})
	all := map[string]bool{}
	for _, p := range packages {
		pkg, err := from.Import(module + p)
		require.NoError(tb, err)
		for _, name := range pkg.Scope().Names() {
			switch o := pkg.Scope().Lookup(name).(type) {
			case *types.Func:
				if o.Exported() && isOperation(o) {
					all[p+"."+name] = true
				}
			case *types.TypeName:
				if !o.Exported() || types.IsInterface(o.Type()) {
					continue
				}
				methods := types.NewMethodSet(types.NewPointer(o.Type()))
				for method := range methods.Methods() {
					if m, ok := method.Obj().(*types.Func); ok && m.Exported() && isOperation(m) {
						all[p+"."+name+"."+m.Name()] = true
					}
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func isOperation(f *types.Func) bool {
	sig := f.Signature()
	if sig.Params().Len() == 0 || sig.Params().At(0).Type().String() != "context.Context" {
		return false
	}
	return sig.Results().Len() == 0 || sig.Results().At(0).Type().String() != "context.Context"
}

// TestEverythingIsSwept: every operation of the library is swept, so that a new one
// fails here until it is, and no other is.
func TestEverythingIsSwept(t *testing.T) {
	t.Parallel()
	want := exported(t, "repo", "assoc", "table", "migrate", "stream", "unique")
	have := slices.Sorted(maps.Keys(operations))
	for name := range unswept {
		have = append(have, name)
	}
	assert.ElementsMatch(t, want, have)
}

// unswept are operations that send no request of their own, and why.
var unswept = map[string]string{
	"repo.Open": "it makes a client, and sends nothing to DynamoDB",
}
