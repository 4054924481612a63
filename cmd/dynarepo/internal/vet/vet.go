// Package vet finds what the compiler lets pass in programs that use the
// library.
package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/dynarepo/dynarepo/cmd/dynarepo/internal/model"
)

const library = "github.com/dynarepo/dynarepo"

// Analyzer reports iterations whose error is dropped, values that are built and
// thrown away, and names of attributes that a struct does not have.
var Analyzer = &analysis.Analyzer{
	Name:     "dynarepo",
	Doc:      "report dropped errors of iterations, values built and thrown away, and stale attribute names",
	URL:      "https://pkg.go.dev/" + library + "/cmd/dynarepo",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	if !uses(pass.Pkg) {
		return nil, nil //nolint:nilnil // an analyzer without a result
	}
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	loose := looseNames(pass, in)
	in.Preorder([]ast.Node{(*ast.RangeStmt)(nil), (*ast.ExprStmt)(nil), (*ast.CallExpr)(nil)}, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.RangeStmt:
			dropped(pass, n)
		case *ast.ExprStmt:
			unused(pass, n)
		case *ast.CallExpr:
			stale(pass, n, loose)
		}
	})
	return nil, nil //nolint:nilnil // an analyzer without a result
}

// uses tells whether a package imports the library.
func uses(pkg *types.Package) bool {
	for _, p := range pkg.Imports() {
		if isOurs(p.Path()) {
			return true
		}
	}
	return false
}

func isOurs(path string) bool { return path == library || strings.HasPrefix(path, library+"/") }

// dropped reports a range over a sequence of values and errors that leaves the
// errors out.
func dropped(pass *analysis.Pass, n *ast.RangeStmt) {
	if !yieldsError(pass.TypesInfo.TypeOf(n.X)) {
		return
	}
	if n.Value == nil {
		pass.ReportRangef(n.X, "the error of the iteration is dropped: range over the value and the error")
	} else if id, ok := n.Value.(*ast.Ident); ok && id.Name == "_" {
		pass.ReportRangef(id, "the error of the iteration is dropped: name it and look at it")
	}
}

// yieldsError tells whether t is a func(func(V, error) bool).
func yieldsError(t types.Type) bool {
	if t == nil {
		return false
	}
	seq, ok := t.Underlying().(*types.Signature)
	if !ok || seq.Params().Len() != 1 || seq.Results().Len() != 0 {
		return false
	}
	yield, ok := seq.Params().At(0).Type().Underlying().(*types.Signature)
	return ok && yield.Params().Len() == 2 && types.Identical(yield.Params().At(1).Type(), types.Universe.Lookup("error").Type())
}

// values are types of which each method returns a new value and does nothing
// else.
var values = map[string]bool{
	"repo.Query": true, "repo.Reader": true, "repo.Writer": true, "repo.Batcher": true, "repo.Op": true, "repo.ReadOp": true,
	"cond.Cond": true, "cond.Change": true, "cond.Size": true, "cond.Attr": true,
	"index.Spec": true, "key.Part": true, "key.Value": true,
}

// unused reports a statement that makes a value of the library, or a sequence,
// and leaves it: nothing is sent.
func unused(pass *analysis.Pass, n *ast.ExprStmt) {
	call, ok := ast.Unparen(n.X).(*ast.CallExpr)
	if !ok {
		return
	}
	f, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
	if !ok || f.Pkg() == nil || !isOurs(f.Pkg().Path()) {
		return
	}
	t := pass.TypesInfo.TypeOf(call)
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
		name, ours := strings.CutPrefix(named.Obj().Pkg().Path(), library+"/")
		if name += "." + named.Obj().Name(); ours && values[name] {
			pass.ReportRangef(call, "%s returns a new %s, which is thrown away: nothing is changed and nothing is sent", f.Name(), name)
			return
		}
	}
	if yieldsError(t) {
		pass.ReportRangef(call, "%s returns a sequence, which is thrown away: nothing is sent before it is ranged over", f.Name())
	}
}

// stale reports a cond.Name of what the struct has not.
func stale(pass *analysis.Pass, call *ast.CallExpr, loose map[string]bool) {
	f, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != library+"/cond" || f.Name() != "Name" || len(call.Args) != 1 {
		return
	}
	path, ok := text(pass, call.Args[0])
	if !ok || loose[path] {
		return
	}
	instance, ok := pass.TypesInfo.Instances[callee(call.Fun)]
	if !ok || instance.TypeArgs.Len() != 1 {
		return
	}
	t := instance.TypeArgs.At(0)
	s := model.Struct(t)
	if s == nil || model.Find(s, path) {
		return
	}
	pass.ReportRangef(call.Args[0], "%s has no attribute %q", types.TypeString(t, types.RelativeTo(pass.Pkg)), path)
}

// callee is the name of the function that is called.
func callee(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	case *ast.IndexExpr:
		return callee(e.X)
	}
	return nil
}

func text(pass *analysis.Pass, e ast.Expr) (string, bool) {
	v := pass.TypesInfo.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// looseNames are the attributes that a Spec of the package allows beside those
// of its struct.
func looseNames(pass *analysis.Pass, in *inspector.Inspector) map[string]bool {
	names := map[string]bool{}
	in.Preorder([]ast.Node{(*ast.KeyValueExpr)(nil)}, func(n ast.Node) {
		kv := n.(*ast.KeyValueExpr)
		id, ok := kv.Key.(*ast.Ident)
		if !ok {
			return
		}
		field, ok := pass.TypesInfo.Uses[id].(*types.Var)
		if !ok || field.Name() != "Loose" || field.Pkg() == nil || !isOurs(field.Pkg().Path()) {
			return
		}
		ast.Inspect(kv.Value, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				if name, ok := text(pass, e); ok {
					names[name] = true
				}
			}
			return true
		})
	})
	return names
}
