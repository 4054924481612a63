package dynarepo_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pages are the documents whose links and samples are checked.
func pages(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			out[file] = string(text)
		}
	}
	return out
}

var (
	fence   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	inline  = regexp.MustCompile("`[^`\n]*`")
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// TestDocsSamples: each Go sample of each page stands in a Go file that is
// compiled and run, but for the indentation.
func TestDocsSamples(t *testing.T) {
	t.Parallel()
	var code strings.Builder
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		if !strings.HasSuffix(path, "_test.go") && !strings.HasPrefix(path, "examples"+string(filepath.Separator)) && !strings.Contains(path, "testdata") {
			return nil
		}
		text, err := os.ReadFile(path)
		code.WriteString("\n" + flat(string(text)) + "\n")
		return err
	}))
	samples := 0
	for page, text := range pages(t) {
		for _, m := range fence.FindAllStringSubmatch(text, -1) {
			if m[1] == "go" {
				samples++
				if !strings.Contains(code.String(), "\n"+flat(m[2])+"\n") {
					t.Errorf("%s: a sample is in no tested code:\n%s", page, m[2])
				}
			}
		}
	}
	assert.Greater(t, samples, 10)
}

// flat is code without indentation and runs of spaces.
func flat(code string) string {
	var lines []string
	for line := range strings.Lines(strings.Trim(code, "\n")) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "\n")
}

// TestDocsLinks: what pages link to in the repository is there, headings
// included, and the index has every page.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for page, text := range all {
		for _, m := range link.FindAllStringSubmatch(inline.ReplaceAllString(fence.ReplaceAllString(text, ""), ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue
			}
			path := page
			if target != "" {
				path = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(path); !assert.NoError(t, err, "%s links to what is not there", page) || anchor == "" {
				continue
			}
			var anchors []string
			for _, h := range heading.FindAllStringSubmatch(fence.ReplaceAllString(all[path], ""), -1) {
				anchors = append(anchors, slug(h[1]))
			}
			assert.Contains(t, anchors, anchor, "%s links to a heading that is not there: %s", page, m[1])
		}
		if dir, file := filepath.Split(page); dir == "docs/" && file != "README.md" {
			assert.Contains(t, all["docs/README.md"], "("+file+")", "the index lacks a page")
		}
	}
}

// slug is the anchor that forges give a heading.
func slug(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			return r
		}
		return -1
	}, strings.ToLower(text))
}

// TestDocsErrors: the page of errors has each sentinel of the public packages,
// and no other.
func TestDocsErrors(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/errors.md")
	require.NoError(t, err)
	told := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+\\.Err\\w+)`").FindAllStringSubmatch(string(page), -1) {
		assert.False(t, told[m[1]], "%s stands twice", m[1])
		told[m[1]] = true
	}
	for dir := range strings.Lines(goList(t, "-f", "{{.Dir}}", "./...")) {
		dir = strings.TrimSpace(dir)
		if strings.Contains(dir, "internal") {
			continue
		}
		for name := range sentinels(t, dir) {
			assert.True(t, told[name], "docs/errors.md lacks %s", name)
			delete(told, name)
		}
	}
	for name := range sentinels(t, "migrate/command") {
		assert.True(t, told[name], "docs/errors.md lacks %s", name)
		delete(told, name)
	}
	assert.Empty(t, told, "docs/errors.md has what is no sentinel")
}

// TestDocsNames: what the guides name of a package, or of a type, is there.
func TestDocsNames(t *testing.T) {
	t.Parallel()
	names, types := map[string]bool{}, map[string]bool{}
	for dir := range strings.Lines(goList(t, "-f", "{{.Dir}}", "./...")) {
		if dir = strings.TrimSpace(dir); !strings.Contains(dir, "internal") {
			exported(t, dir, names, types)
		}
	}
	exported(t, "migrate/command", names, types)
	exported(t, "otel", names, types)
	old := regexp.MustCompile(`(?m)^\| [^|]*\|`) // what is there and not here
	name := regexp.MustCompile(`\b([A-Za-z]+)\.([A-Z]\w*)`)
	variables := map[string]string{"r": "Repo", "scores": "Repo", "q": "Query", "db": "DB", "a": "Attr", "page": "Page"}
	seen := 0
	for page, text := range pages(t) {
		if dir, _ := filepath.Split(page); dir == "docs/adr/" || page == "CHANGELOG.md" || page == "docs/rules.md" {
			continue // these tell of what was, and of other libraries
		}
		if page == "docs/coming-from.md" {
			text = old.ReplaceAllString(text, "")
		}
		for _, span := range inline.FindAllString(fence.ReplaceAllString(text, ""), -1) {
			for _, m := range name.FindAllStringSubmatch(span, -1) {
				if typ, ok := variables[m[1]]; ok {
					m[1], m[0] = typ, typ+"."+m[2]
				}
				if types[m[1]] || names[m[1]+"."] {
					seen++
					assert.True(t, names[m[0]], "%s: there is no %s", page, m[0])
				}
			}
		}
	}
	assert.Greater(t, seen, 100)
}

// exported adds the exported names of a package, as "repo.Open", and those of
// its types, as "Query.Plan", to names, and its types to types.
func exported(t *testing.T, dir string, names, types map[string]bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		pkg := f.Name.Name + "."
		names[pkg] = true
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if fn.Recv == nil {
					names[pkg+fn.Name.Name] = true
				} else {
					names[receiver(fn.Recv.List[0].Type)+"."+fn.Name.Name] = true
				}
				continue
			}
			for _, spec := range d.(*ast.GenDecl).Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						names[pkg+n.Name] = true
					}
				case *ast.TypeSpec:
					names[pkg+spec.Name.Name] = true
					types[spec.Name.Name] = spec.Name.IsExported()
					members(spec, names)
				}
			}
		}
	}
}

func members(spec *ast.TypeSpec, names map[string]bool) {
	var list *ast.FieldList
	switch typ := spec.Type.(type) {
	case *ast.StructType:
		list = typ.Fields
	case *ast.InterfaceType:
		list = typ.Methods
	default:
		return
	}
	for _, field := range list.List {
		for _, n := range field.Names {
			names[spec.Name.Name+"."+n.Name] = true
		}
	}
}

// receiver is the name of a method's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// sentinels are the exported error variables of a package.
func sentinels(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	out := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, spec := range gen.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if strings.HasPrefix(name.Name, "Err") {
						out[f.Name.Name+"."+name.Name] = true
					}
				}
			}
		}
	}
	return out
}
