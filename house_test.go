package dynarepo_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/dynarepo/dynarepo"

// layers tells which of our packages each may import: those below it.
var layers = map[string][]string{
	"":                         {},
	"iter":                     {"internal/door", "internal/place"},
	"key":                      {"internal/door"},
	"internal/fields":          {},
	"index":                    {"internal/door", "key"},
	"internal/codec":           {"internal/fields"},
	"cond":                     {"internal/expr", "internal/door", "internal/fields", "internal/codec"},
	"internal/expr":            {},
	"internal/planner":         {"internal/expr", "internal/values", "internal/door", "index", "key"},
	"internal/wire":            {"internal/codec"},
	"internal/lean":            {"internal/wire", "internal/codec"},
	"lock":                     {"cond"},
	"internal/values":          {"internal/door", "key"},
	"internal/fault":           {"internal/values", "key"},
	"internal/send":            {"internal/fault", "internal/wire", "iter"},
	"internal/life":            {"internal/fault"},
	"internal/model":           {"internal/expr", "internal/life", "internal/fault", "internal/values", "internal/wire", "internal/door", "internal/codec", "internal/fields", "cond", "index", "key"},
	"internal/instances":       {"internal/model"},
	"internal/read":            {"internal/model", "internal/send", "internal/fault", "internal/values", "internal/wire", "internal/codec", "iter", "key"},
	"internal/query":           {"internal/circle", "internal/planner", "internal/fields", "internal/pager", "internal/place", "internal/door", "internal/expr", "internal/read", "internal/model", "internal/send", "internal/fault", "internal/values", "internal/wire", "internal/codec", "cond", "index", "iter", "key"},
	"internal/upkeep":          {"internal/expr", "internal/model", "internal/values", "internal/codec", "internal/fields", "cond", "key"},
	"internal/write":           {"internal/upkeep", "internal/expr", "internal/query", "internal/read", "internal/instances", "internal/model", "internal/life", "internal/send", "internal/fault", "internal/values", "internal/wire", "internal/codec", "internal/fields", "cond", "iter", "key"},
	"internal/bulk":            {"internal/expr", "internal/write", "internal/query", "internal/life", "internal/fault", "cond", "key"},
	"internal/circle":          {},
	"internal/door":            {},
	"internal/place":           {},
	"internal/pager":           {"iter"},
	"internal/pager/pagertest": {"internal/pager", "iter"},
	"repo": {
		"internal/expr", "internal/bulk", "internal/write", "internal/query", "internal/read", "internal/instances", "internal/model", "internal/life",
		"internal/send", "internal/fault", "internal/lean", "internal/values", "internal/wire", "internal/door", "cond", "index", "iter", "key",
	},
	"unique":                     {"repo", "internal/write", "internal/query", "internal/read", "internal/model", "internal/send", "internal/fault", "internal/values", "internal/door", "iter"},
	"sti":                        {"repo", "internal/door", "internal/model", "internal/send", "index", "key"},
	"table":                      {"repo", "internal/circle", "internal/fault", "internal/wire", "key", "index"},
	"migrate":                    {"table", "repo", "lock", "internal/send", "cond", "key", "index", "iter"},
	"assoc":                      {"repo", "key", "cond", "iter", "internal/door", "internal/fields", "internal/codec"},
	"stream":                     {"repo", "table", "internal/circle", "internal/fault", "internal/wire"},
	"internal/engine":            {},
	"internal/engine/enginetest": {"internal/engine", "internal/leaks"},
	"internal/engine/setup":      {"internal/engine"},
	"internal/faults":            {},
	"internal/leaks":             {},
	"internal/trust":             {},
}

// TestLayers: imports point down only.
func TestLayers(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(goList(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")) {
		imports := strings.Fields(line)
		name := strings.TrimPrefix(strings.TrimPrefix(imports[0], module), "/")
		allowed, known := layers[name]
		if !assert.True(t, known, "package %s is in no layer", name) {
			continue
		}
		for _, path := range imports[1:] {
			if own, ok := strings.CutPrefix(path, module+"/"); ok {
				assert.Contains(t, allowed, own, "%s must not import %s", name, own)
			}
		}
	}
}

// TestDependencies: what a user of the library gets with it is the SDK and
// google/uuid; more needs a page in docs/adr, and a module of its own.
func TestDependencies(t *testing.T) {
	t.Parallel()
	var library []string
	for pkg := range strings.FieldsSeq(goList(t, "./...")) {
		if !strings.HasSuffix(pkg, "test") {
			library = append(library, pkg)
		}
	}
	for mod := range modulesOf(t, library...) {
		assert.True(t, ours(mod), "a new runtime dependency: %s", mod)
	}
}

// ours tells whether a module is one that the library may need at run time.
func ours(mod string) bool {
	return strings.HasPrefix(mod, "github.com/aws/aws-sdk-go-v2") || mod == "github.com/aws/smithy-go" || mod == "github.com/google/uuid"
}

// modulesOf returns the modules that packages need, directly or not.
func modulesOf(t *testing.T, packages ...string) map[string]bool {
	t.Helper()
	modules := map[string]bool{}
	for line := range strings.Lines(goList(t, append([]string{"-deps", "-f", `{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}`}, packages...)...)) {
		path, mod, _ := strings.Cut(strings.TrimSpace(line), " ")
		assert.NotEqual(t, "testing", path, "a production package imports testing")
		if mod != "" && mod != module {
			modules[mod] = true
		}
	}
	return modules
}

func goList(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	out, err := cmd.Output()
	require.NoError(t, err)
	return string(out)
}

// TestReadme: the README's example is the code that Example runs.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	_, code, ok := strings.Cut(string(source), "// README: the example starts here.\n\n")
	require.True(t, ok)
	code, _, ok = strings.Cut(code, "\n// README: the example ends here.")
	require.True(t, ok)
	assert.Contains(t, string(readme), "```go\n"+code+"```\n")
	for _, target := range regexp.MustCompile("make [a-z]+").FindAllString(string(readme), -1) {
		makefile, err := os.ReadFile("Makefile")
		require.NoError(t, err)
		assert.Contains(t, string(makefile), "\n"+strings.TrimPrefix(target, "make ")+":", target)
	}
}
