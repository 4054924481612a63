// House measures the packages of the module in the working directory and fails
// where one has outgrown its bounds: files that need each other in a circle,
// lines, methods of one type, exported names.
//
//	make house           print a line for each package, and what is out of bounds
//	bin/house -why DIR   print what holds the largest circle of a package together
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// The bounds of a package, and of the public names of all, which must not grow.
const (
	maxCircle   = 8
	maxLines    = 3000
	maxMethods  = 40
	maxExported = 850
)

// Packages that were beyond a bound when it was set, and must not grow.
var (
	circles = map[string]int{"internal/codec": 10}
	lines   = map[string]int{"internal/codec": 4300}
	methods = map[string]int{"internal/codec": 48, "internal/faults": 48}
)

func main() {
	why := flag.String("why", "", "the package whose largest circle is explained")
	flag.Parse()
	const mode = packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedFiles | packages.NeedModule
	pkgs, err := packages.Load(&packages.Config{Mode: mode}, "./...")
	if err != nil || packages.PrintErrors(pkgs) > 0 {
		fmt.Fprintln(os.Stderr, "house:", err)
		os.Exit(2)
	}
	if *why != "" {
		for _, p := range pkgs {
			if room(p) == *why {
				explain(measure(p))
			}
		}
		return
	}
	if !report(pkgs) {
		os.Exit(1)
	}
}

// report prints a line for each package and reports whether all are in bounds.
func report(pkgs []*packages.Package) (ok bool) {
	ok = true
	fault := func(format string, args ...any) {
		ok = false
		fmt.Printf("OUT OF BOUNDS: "+format+"\n", args...)
	}
	fmt.Printf("%-32s %5s %6s %6s %8s %9s\n", "package", "files", "lines", "circle", "methods", "exported")
	public := 0
	for _, p := range pkgs {
		name, h := room(p), measure(p)
		circle := len(h.circle())
		fmt.Printf("%-32s %5d %6d %6d %8d %9d\n", name, len(h.files), h.lines, circle, h.most, h.exported)
		if isPublic(name) {
			public += h.exported
		}
		if strings.HasPrefix(name, "examples/") {
			continue
		}
		if most := bound(circles, name, maxCircle); circle > most {
			fault("%s has a circle of %d files, more than %d; -why %s tells", name, circle, most, name)
		}
		if most := bound(lines, name, maxLines); h.lines > most {
			fault("%s has %d lines, more than %d", name, h.lines, most)
		}
		if most := bound(methods, name, maxMethods); h.most > most {
			fault("%s.%s has %d methods, more than %d", name, h.which, h.most, most)
		}
	}
	fmt.Printf("exported names of public packages, members included: %d\n", public)
	if public > maxExported {
		fault("more exported names than %d", maxExported)
	}
	return ok
}

func bound(of map[string]int, name string, usual int) int {
	if most, ok := of[name]; ok {
		return most
	}
	return usual
}

func isPublic(name string) bool {
	return name != "" && !strings.Contains("/"+name+"/", "/internal/") && !strings.HasPrefix(name, "examples/")
}

// room is the directory of a package in its module.
func room(p *packages.Package) string {
	return strings.TrimPrefix(strings.TrimPrefix(p.PkgPath, p.Module.Path), "/")
}

// A house is what was measured of a package.
type house struct {
	files    []string
	needs    map[string]map[string][]string // file, file, names
	lines    int
	most     int    // methods of one type
	which    string // that type
	exported int
}

func measure(p *packages.Package) *house {
	h := &house{needs: map[string]map[string][]string{}}
	methods := map[string]int{}
	for _, f := range p.Syntax {
		file := p.Fset.File(f.Pos())
		h.files = append(h.files, file.Name())
		h.needs[file.Name()] = map[string][]string{}
		h.lines += file.LineCount()
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
				name, _, _ := strings.Cut(types.ExprString(fn.Recv.List[0].Type), "[")
				methods[strings.TrimLeft(name, "*")]++
			}
		}
	}
	for name, n := range methods {
		if n > h.most {
			h.most, h.which = n, name
		}
	}
	for id, o := range p.TypesInfo.Uses {
		if o.Pkg() != p.Types || !o.Pos().IsValid() || isLocal(o, p.Types) {
			continue
		}
		from, to := p.Fset.Position(id.Pos()).Filename, p.Fset.Position(o.Pos()).Filename
		if from != to {
			h.needs[from][to] = append(h.needs[from][to], o.Name())
		}
	}
	h.exported = exported(p.Types)
	return h
}

func isLocal(o types.Object, p *types.Package) bool {
	v, ok := o.(*types.Var)
	return ok && !v.IsField() && o.Parent() != p.Scope()
}

// exported counts the exported names of a package, with methods and fields.
func exported(p *types.Package) int {
	n := 0
	for _, name := range p.Scope().Names() {
		o := p.Scope().Lookup(name)
		if !o.Exported() {
			continue
		}
		n++
		t, ok := o.Type().(*types.Named)
		if _, isType := o.(*types.TypeName); !ok || !isType {
			continue
		}
		for m := range t.Methods() {
			if m.Exported() {
				n++
			}
		}
		if s, ok := t.Underlying().(*types.Struct); ok {
			for f := range s.Fields() {
				if f.Exported() {
					n++
				}
			}
		}
	}
	return n
}

// circle returns the files of the largest circle, each of which needs, directly
// or not, every other; one file where there is none.
func (h *house) circle() []string {
	reach := map[string]map[string]bool{}
	for _, from := range h.files {
		seen := map[string]bool{}
		for next := []string{from}; len(next) > 0; {
			at := next[len(next)-1]
			next = next[:len(next)-1]
			for to := range h.needs[at] {
				if !seen[to] {
					seen[to] = true
					next = append(next, to)
				}
			}
		}
		reach[from] = seen
	}
	var best []string
	for _, from := range h.files {
		circle := []string{from}
		for _, to := range h.files {
			if to != from && reach[from][to] && reach[to][from] {
				circle = append(circle, to)
			}
		}
		if len(circle) > len(best) {
			best = circle
		}
	}
	return best
}

// explain prints which names tie the files of the largest circle together.
func explain(h *house) {
	circle := h.circle()
	slices.Sort(circle)
	for _, from := range circle {
		fmt.Println(filepath.Base(from))
		for _, to := range slices.Sorted(maps.Keys(h.needs[from])) {
			if slices.Contains(circle, to) {
				names := slices.Compact(slices.Sorted(slices.Values(h.needs[from][to])))
				fmt.Printf("    %-20s %s\n", filepath.Base(to), strings.Join(names, " "))
			}
		}
	}
}
