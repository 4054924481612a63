package dynarepo_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var updateRules = flag.Bool("update", false, "write the table of docs/rules.md anew")

const rulesHeading = "\n## What shows them\n"

// TestDocsRules: every rule is shown by a test that names it, and the table at the
// end of docs/rules.md says which, and on which ways to DynamoDB it runs. With -update
// it is written anew.
func TestDocsRules(t *testing.T) {
	t.Parallel()
	const page = "docs/rules.md"
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	rules, _, _ := strings.Cut(string(text), rulesHeading)
	shown := testsOfRules(t)
	var table strings.Builder
	table.WriteString(rulesHeading + `
A test names the rules that it shows. Those of package repo run on each way to
DynamoDB: lean (first attempts are the library's own), SDK (through its middleware)
and standard (through attribute values); others on the lean way, or on none where no
request is needed. "go test -run TestDocsRules -args -update ." writes the table.

| Rule | Shown by | Ways |
|---|---|---|
`)
	for _, m := range regexp.MustCompile(`(?m)^- ([A-Z]\d+)\.`).FindAllStringSubmatch(rules, -1) {
		tests := slices.Sorted(maps.Keys(shown[m[1]]))
		assert.NotEmpty(t, tests, "no test names rule %s", m[1])
		ways := map[string]bool{}
		for _, test := range tests {
			ways[waysOf(test)] = true
		}
		way := "none"
		for _, most := range []string{"lean", "lean, SDK, standard"} {
			if ways[most] {
				way = most
			}
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", m[1], strings.Join(tests, ", "), way)
	}
	want := rules + table.String()
	if *updateRules {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(text))
}

// waysOf tells on which ways a test runs.
func waysOf(test string) string {
	switch dir, _, _ := strings.Cut(test, "."); dir {
	case "repo":
		return "lean, SDK, standard"
	case "sti", "assoc", "unique", "table", "migrate", "stream", "command", "validated":
		return "lean"
	}
	return "none"
}

// testsOfRules returns the tests whose comments name a rule, as package.Test.
func testsOfRules(t *testing.T) map[string]map[string]bool {
	t.Helper()
	named := regexp.MustCompile(`(?i)rules? ([A-Z]\d+(?:(?:,| and|, and| to) [A-Z]\d+)*)`)
	one := regexp.MustCompile(`[A-Z]\d+( to [A-Z]\d+)?`)
	shown := map[string]map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "testdata") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !regexp.MustCompile(`^(Test|Fuzz|Example)`).MatchString(fn.Name.Name) {
				continue
			}
			test := strings.TrimPrefix(filepath.Base(filepath.Dir(path))+"."+fn.Name.Name, "..")
			for _, m := range named.FindAllStringSubmatch(strings.ReplaceAll(fn.Doc.Text(), "\n", " "), -1) {
				for _, text := range one.FindAllString(m[1], -1) {
					first, last, ranged := strings.Cut(text, " to ")
					if !ranged {
						last = first
					}
					from, _ := strconv.Atoi(first[1:])
					to, _ := strconv.Atoi(last[1:])
					for n := from; n <= to; n++ {
						rule := first[:1] + strconv.Itoa(n)
						if shown[rule] == nil {
							shown[rule] = map[string]bool{}
						}
						shown[rule][test] = true
					}
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
	return shown
}

// TestDocsRulesLinked: the doc of a package that names rules says where they are.
func TestDocsRulesLinked(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`\brules? [A-Z]\d`)
	for line := range strings.Lines(goList(t, "-f", `{{.Dir}} {{join .GoFiles " "}}`, "./...")) {
		fields := strings.Fields(line)
		names, links := false, false
		for _, file := range fields[1:] {
			text, err := os.ReadFile(filepath.Join(fields[0], file))
			require.NoError(t, err)
			doc, _, _ := bytes.Cut(text, []byte("\npackage "))
			names = names || named.Match(text)
			links = links || bytes.Contains(doc, []byte("https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md"))
		}
		assert.True(t, links || !names, "%s names rules, and its doc does not link them", fields[0])
	}
}

// TestDocsGuidesLinked: the doc of each public package names its guide, so that "go
// doc" leads there.
func TestDocsGuidesLinked(t *testing.T) {
	t.Parallel()
	guide := regexp.MustCompile(`https://github\.com/dynarepo/dynarepo/blob/main/docs[:/]`)
	for line := range strings.Lines(goList(t, "-f", `{{.Name}} {{.ImportPath}} {{.Doc}}`, "./...")) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		path, _, _ := strings.Cut(rest, " ")
		if name == "main" || name == "dynarepo" || strings.Contains(path, "/internal/") {
			continue
		}
		found := false
		files, err := filepath.Glob(filepath.Join(strings.TrimPrefix(path, module+"/"), "*.go"))
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			doc, _, _ := bytes.Cut(text, []byte("\npackage "))
			found = found || guide.Match(doc)
		}
		assert.True(t, found, "the doc of %s names no guide", path)
	}
}
