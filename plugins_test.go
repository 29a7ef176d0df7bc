package atelier

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"testing"
)

// Plug-ins are made by their registry or by a constructor of their package: a literal
// elsewhere would pass over the defaults and over what Check refuses. Only pointers to
// them, and wrappers that embed them, are named elsewhere.
func TestPluginsAreNotBuiltElsewhere(t *testing.T) {
	all := sources(t)
	plugins := map[string]bool{}
	for _, s := range all {
		for _, name := range s.registered(t) {
			plugins["atelier/"+s.dir()+"."+name] = true
		}
	}
	for _, want := range []string{"model/family.GAN", "data/source.CSV", "model/augment.Cutout", "bench.Engine"} {
		if !plugins["atelier/"+want] {
			t.Errorf("%s is not known to be a plug-in", want)
		}
	}
	for _, s := range all {
		for _, at := range s.builds(plugins) {
			t.Errorf("%s: a plug-in is built outside its package; get it from its registry, by registry.Make or registry.Choose, or from a constructor", s.set.Position(at))
		}
	}
}

func TestBuilds(t *testing.T) {
	const text = `package p
import fam "atelier/model/family"
type wrapped struct{ fam.GAN }
var a, b = &fam.GAN{}, new(fam.GAN)
var c fam.GAN
var d = []fam.GAN{{}}
var e = map[string]*fam.GAN{"": {}}
var _ = func(g *fam.GAN, f fam.Family) any { x, _ := f.(*fam.GAN); var all []*fam.GAN; return append(all, g, x) }
`
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, "p.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, at := range (source{"p/p.go", tree, set}).builds(map[string]bool{"atelier/model/family.GAN": true}) {
		lines = append(lines, set.Position(at).Line)
	}
	if want := []int{4, 4, 5, 6, 7}; !slices.Equal(lines, want) {
		t.Errorf("built in the lines %v, want %v", lines, want)
	}
}

// registered names the types that the file adds to registries.
func (s source) registered(t *testing.T) (names []string) {
	if s.isTest() {
		return nil
	}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 3 {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || method.Sel.Name != "Add" {
			return true
		}
		constructor, ok := call.Args[2].(*ast.FuncLit)
		if !ok {
			return true
		}
		name := constructed(constructor)
		if name == "" {
			t.Errorf("%s: want a constructor that returns &T{...} or new(T)", s.set.Position(constructor.Pos()))
		}
		names = append(names, name)
		return true
	})
	return names
}

// constructed is the type of the package that a constructor returns a new one of.
func constructed(f *ast.FuncLit) (name string) {
	last, ok := f.Body.List[len(f.Body.List)-1].(*ast.ReturnStmt)
	if !ok || len(last.Results) != 1 {
		return ""
	}
	switch made := last.Results[0].(type) {
	case *ast.UnaryExpr:
		if literal, ok := made.X.(*ast.CompositeLit); ok && made.Op == token.AND {
			return local(literal.Type)
		}
	case *ast.CallExpr:
		if isNew(made) {
			return local(made.Args[0])
		}
	case *ast.CompositeLit:
		return local(made.Type)
	}
	return ""
}

func local(x ast.Expr) string {
	if id, ok := x.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

func isNew(call *ast.CallExpr) bool { return local(call.Fun) == "new" && len(call.Args) == 1 }

// builds finds where the file builds one of the types of other packages: as a literal, by
// itself or in a list of them, by new, or as a variable.
func (s source) builds(types map[string]bool) (found []token.Pos) {
	packages := map[string]string{}
	for _, spec := range s.tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		packages[name] = imported
	}
	// holds reports whether a value of the type holds one of the types itself.
	var holds func(x ast.Expr) bool
	holds = func(x ast.Expr) bool {
		switch x := x.(type) {
		case *ast.SelectorExpr:
			of, ok := x.X.(*ast.Ident)
			return ok && packages[of.Name] != "atelier/"+s.dir() && types[packages[of.Name]+"."+x.Sel.Name]
		case *ast.ArrayType:
			return holds(pointee(x.Elt))
		case *ast.MapType:
			return holds(pointee(x.Value))
		}
		return false
	}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		var built ast.Expr
		switch n := n.(type) {
		case *ast.CompositeLit:
			built = n.Type
		case *ast.CallExpr:
			if isNew(n) {
				built = n.Args[0]
			}
		case *ast.ValueSpec:
			if _, plain := n.Type.(*ast.SelectorExpr); plain {
				built = n.Type
			}
		}
		if built != nil && holds(built) {
			found = append(found, built.Pos())
		}
		return true
	})
	return found
}

// pointee is what an element of a list points to, for &T may be left out there.
func pointee(x ast.Expr) ast.Expr {
	if p, ok := x.(*ast.StarExpr); ok {
		return p.X
	}
	return x
}
