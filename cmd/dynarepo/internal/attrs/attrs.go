package attrs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/dynarepo/dynarepo/cmd/dynarepo/internal/model"
)

// ErrStale says that the file of a type's attributes is not what would be
// written now.
var ErrStale = errors.New("stale attributes")

// FileName is the name of the file with the attributes of a type.
func FileName(typ string) string { return strings.ToLower(typ) + "_attrs.go" }

// Write writes the attributes of types of the package in dir, a file each, and
// returns the names of the files. With check it writes none: if one is not what
// it would write the error is [ErrStale] and tells the lines that differ.
func Write(ctx context.Context, dir string, typs []string, check bool) ([]string, error) {
	const mode = packages.NeedName | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps
	// What is stale or missing keeps the package from compiling, and is no
	// matter here as long as the struct is sound.
	pkgs, err := packages.Load(&packages.Config{Context: ctx, Mode: mode, Dir: dir}, ".")
	if err != nil {
		return nil, err
	}
	if len(pkgs) != 1 || pkgs[0].Types == nil || pkgs[0].Name == "" {
		return nil, fmt.Errorf("no Go package in %s", dir)
	}
	var files []string
	var stale []error
	for _, typ := range typs {
		source, err := source(pkgs[0], typ)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, FileName(typ))
		files = append(files, file)
		if !check {
			if err := os.WriteFile(file, source, 0o644); err != nil {
				return nil, err
			}
			continue
		}
		was, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		if !bytes.Equal(was, source) {
			stale = append(stale, fmt.Errorf("%w of %s in %s: %s", ErrStale, typ, file, diff(was, source)))
		}
	}
	return files, errors.Join(stale...)
}

func source(pkg *packages.Package, typ string) ([]byte, error) {
	obj := pkg.Types.Scope().Lookup(typ)
	if obj == nil {
		return nil, fmt.Errorf("package %s has no type %s", pkg.Name, typ)
	}
	if _, ok := obj.(*types.TypeName); !ok {
		return nil, fmt.Errorf("%s is no type", typ)
	}
	if named, ok := obj.Type().(*types.Named); ok && named.TypeParams().Len() > 0 {
		return nil, fmt.Errorf("type %s has type parameters", typ)
	}
	s := model.Struct(obj.Type())
	if s == nil {
		return nil, fmt.Errorf("type %s is no struct with attributes", typ)
	}
	w := walk{pkg: pkg.Types, imports: map[string]string{}, names: map[string]string{}}
	if err := w.fields(s, "", "", "", map[*types.Struct]bool{s: true}); err != nil {
		return nil, fmt.Errorf("type %s: %w", typ, err)
	}
	return Render(pkg.Name, typ, w.list, w.imports)
}

// A walk lists the attributes that a selector reaches.
type walk struct {
	pkg     *types.Package
	imports map[string]string // name for path, "" for the usual one
	names   map[string]string // path for name
	list    []Attr
}

func (w *walk) fields(s *types.Struct, name, path, attr string, above map[*types.Struct]bool) error {
	for _, f := range model.Fields(s) {
		selector := path + strings.Join(f.Path, ".")
		if invalid(f.Type) {
			return fmt.Errorf("the type of field %s does not compile", selector)
		}
		a := Attr{
			Name: name + f.Path[len(f.Path)-1], Path: selector, Attr: attr + f.Attr,
			Type: types.TypeString(f.Type, w.qualify),
		}
		for _, b := range w.list {
			if a.Name == b.Name {
				a.Name = strings.ReplaceAll(selector, ".", "_")
			}
		}
		w.list = append(w.list, a)
		inner := model.Struct(f.Type)
		if inner == nil || above[inner] {
			continue
		}
		above[inner] = true
		if err := w.fields(inner, a.Name, a.Path+".", a.Attr+".", above); err != nil {
			return err
		}
		delete(above, inner)
	}
	return nil
}

// qualify names a package in the file that is written.
func (w *walk) qualify(p *types.Package) string {
	if p == w.pkg {
		return ""
	}
	if alias, ok := w.imports[p.Path()]; ok && alias != "" {
		return alias
	}
	name := p.Name()
	for i := 2; name == "cond" || w.names[name] != "" && w.names[name] != p.Path(); i++ {
		name = fmt.Sprintf("%s%d", p.Name(), i)
	}
	w.names[name] = p.Path()
	w.imports[p.Path()] = ""
	if name != filepath.Base(p.Path()) {
		w.imports[p.Path()] = name
	}
	return name
}

func invalid(t types.Type) bool {
	return strings.Contains(types.TypeString(t, nil), "invalid type")
}

// diff tells the attributes that are in one of two files and not in the other.
func diff(was, is []byte) string {
	if len(was) == 0 {
		return "there is no such file"
	}
	lines := func(b []byte) (list []string, has map[string]bool) {
		has = map[string]bool{}
		for line := range strings.Lines(string(b)) {
			fields := strings.Join(strings.Fields(line), " ")
			if strings.Contains(fields, " cond.Attr[") {
				list, has[fields] = append(list, fields), true
			}
		}
		return list, has
	}
	old, inOld := lines(was)
	now, inNow := lines(is)
	var out []string
	for _, l := range old {
		if !inNow[l] {
			out = append(out, "- "+l)
		}
	}
	for _, l := range now {
		if !inOld[l] {
			out = append(out, "+ "+l)
		}
	}
	if len(out) == 0 {
		return "written otherwise"
	}
	return strings.Join(out, "\n\t")
}
