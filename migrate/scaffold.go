package migrate

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"
)

// Scaffold writes the file of a new migration of that name to the directory dir,
// which is made if need be, and returns its path. The file adds the migration
// to the variable All, a [Set], of the package in dir; where there is no package
// yet, a file migrations.go with that variable is written too. The migration's
// ID is now, in UTC, or the second behind the newest of dir if that is later. An
// existing file is never changed.
//
// Errors: repo.ErrInvalid for a name that is none, that a migration of dir has, or
// that ends as the names of files do that Go leaves out of a build, such as _test
// and _windows; those of the file system.
func Scaffold(dir, name string, now time.Time) (path string, err error) {
	if !nameForm.MatchString(name) {
		return "", refuse("a name has small letters, digits and '_', a letter first")
	}
	if !built(name) {
		return "", refuse("a name does not end in _test or the name of a system: Go leaves such files out")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	names, err := goFiles(dir)
	if err != nil {
		return "", err
	}
	id := now.UTC()
	for _, file := range names {
		at, other, ok := parseFile(file)
		if ok && other == name {
			return "", refuse("%s has a migration of that name", dir)
		}
		if ok && !id.Truncate(time.Second).After(at) {
			id = at.Add(time.Second)
		}
	}
	file := scaffold{ID: id.Format(idForm), Name: name}
	if file.Package, err = packageOf(dir, names); err != nil {
		return "", err
	}
	if len(names) == 0 {
		if err := file.write(filepath.Join(dir, "migrations.go"), setTemplate); err != nil {
			return "", err
		}
	}
	path = filepath.Join(dir, title(file.ID, name)+".go")
	return path, file.write(path, migrationTemplate)
}

// built reports whether a file of that name is built for every system.
func built(name string) bool {
	every := build.Context{GOOS: "every", GOARCH: "every", Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p")), nil
	}}
	file := title(idForm, name) + ".go"
	ok, err := every.MatchFile("", file)
	return ok && err == nil && !strings.HasSuffix(file, "_test.go")
}

// goFiles returns the names of the Go files of dir that are no tests.
func goFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// parseFile takes the name of a migration's file apart.
func parseFile(file string) (at time.Time, name string, ok bool) {
	id, name, _ := strings.Cut(strings.TrimSuffix(file, ".go"), "_")
	at, err := time.Parse(idForm, id)
	return at, name, err == nil && len(id) == len(idForm)
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// packageOf returns the name of the package in dir, or what it should be.
func packageOf(dir string, names []string) (string, error) {
	if len(names) > 0 {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, names[0]), nil, parser.PackageClauseOnly)
		if err != nil {
			return "", fmt.Errorf("migrate: %w", err)
		}
		return f.Name.Name, nil
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	name := notInName.ReplaceAllString(strings.ToLower(filepath.Base(abs)), "")
	if !nameForm.MatchString(name) || token.IsKeyword(name) {
		name = "migrations"
	}
	return name, nil
}

// A scaffold is what the templates write.
type scaffold struct{ Package, ID, Name string }

func (s scaffold) write(path string, t *template.Template) error {
	var text bytes.Buffer
	err := t.Execute(&text, s)
	if err != nil {
		return err
	}
	source, err := format.Source(text.Bytes())
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return refuse("%s is there", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(source)
	return errors.Join(err, f.Close())
}

var setTemplate = template.Must(template.New("set").Parse(`// Package {{.Package}} holds what changed the tables, a file a change.
package {{.Package}}

import "github.com/dynarepo/dynarepo/migrate"

// All are the migrations.
var All migrate.Set
`))

var migrationTemplate = template.Must(template.New("migration").Parse(`package {{.Package}}

import (
	"context"

	"github.com/dynarepo/dynarepo/migrate"
)

func init() {
	All.Add(migrate.Migration{
		ID:   "{{.ID}}",
		Name: "{{.Name}}",
		// Up may be run again after it failed or was killed. It begins with
		// steps such as c.CreateTable, c.CreateIndex or migrate.Backfill, which
		// bear that.
		Up: func(ctx context.Context, c *migrate.Context) error {
			return nil
		},
		// Without Down the migration can't be undone.
		Down: func(ctx context.Context, c *migrate.Context) error {
			return nil
		},
	})
}
`))
