package atelier

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The layers of the house: a package imports only what stands in a row above
// its own, or in its own row where the row is a single package.
var layers = [][]string{
	{"internal/*"}, // may import one another
	{"engine/tensor", "engine/vjp"},
	{"engine/threads"},
	{"engine/simd"},
	{"engine/product", "engine/match", "engine/dots"},
	{"engine/random"},
	{"engine/reduce"},
	{"engine/scalar"},
	{"engine/layout"},
	{"engine/window"},
	{"engine/conv"},
	{"engine/chain"},
	{"engine/ir"},
	{"engine/cpu", "engine/xla"},
	{"engine", "recipes"},
	{"data"},
	{"data/*"}, // not one another
	{"data/library"},
	{"model/motion", "model/patch", "model/mincut", "model/blend", "model/traits", "model/wfc", "model/terrain"}, // not one another
	{"model/cutout", "model/figures"},                                   // not one another
	{"model/summary", "model/retrieve", "model/remote", "model/rating"}, // not one another
	{"model/retrieve/about"},
	{"model/verse", "model/grammar"},
	{"model/language"},
	{"model/composing"},
	{"model/weights"},
	{"model/brought"}, // pretrained language models
	{"model/nn"},
	{"model/graphs"},
	{"model/ported"},
	{"model/pixelnet"},
	{"model/feature"},
	{"model/arch", "model/augment", "model/loss"},
	{"model/train"},
	{"model/family"},
	{"model/metric"},
	{"model/run"},
	{"app"},
	{"jobs"},
	{"server"},
	{"page"},
	{"bench"},
	{"cmd/*"},
}

// The only ways to the engine, and to what its backends are made of.
const (
	engineTree = "atelier/engine"
	gradients  = "atelier/engine/vjp" // for layers
	layersTree = "model/nn"
	pluginFile = "cmd/atelier/plugins.go"
)

// The backends that others made.
var foreign = []string{"github.com/gomlx/compute/gobackend", "github.com/gomlx/go-xla"}

// Names that say nothing of what is in a package or a file.
var vague = []string{"util", "utils", "common", "helper", "helpers", "manager", "misc", "base", "core", "shared"}

const (
	longestFile     = 300 // lines, but for tests
	longestFunction = 60
)

// A source is a Go file of the module.
type source struct {
	path string // with slashes, from the root of the module
	tree *ast.File
	set  *token.FileSet
}

func (s source) dir() string  { return path.Dir(s.path) }
func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func TestImportsGoDown(t *testing.T) {
	for _, s := range sources(t) {
		if s.dir() == "." {
			continue
		}
		if layer(s.dir()) < 0 {
			t.Errorf("%s: the layers do not know the folder %s", s.path, s.dir())
		}
		for _, spec := range s.tree.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if wrong := s.wrong(path, spec.Name != nil && spec.Name.Name == "_"); wrong != "" {
				t.Errorf("%s imports %s, %s", s.path, path, wrong)
			}
		}
	}
}

// wrong says what is wrong with an import of the file, if anything.
func (s source) wrong(imported string, blank bool) string {
	from, commands := layer(s.dir()), layer("cmd/atelier")
	to, own := strings.CutPrefix(imported, "atelier/")
	ofEngine := inTree("atelier/"+s.dir(), engineTree)
	switch {
	case own && to != s.dir() && !allowed(from, layer(to)):
		return "which is not below it"
	case s.isTest():
		return ""
	case imported == gradients && inTree(s.dir(), layersTree):
		return ""
	case inTree(imported, engineTree) && !ofEngine && (from != commands || imported != engineTree):
		return "where it should be given a compute.Backend"
	case !ofEngine && slices.ContainsFunc(foreign, func(tree string) bool { return inTree(imported, tree) }):
		return "where it should be given a compute.Backend"
	case own && blank && (from != commands || s.dir() == "cmd/atelier" && s.path != pluginFile):
		return "for its registrations, which " + pluginFile + " does"
	}
	return ""
}

// inTree says whether a path is a folder or below it.
func inTree(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

func TestNamesSaySomething(t *testing.T) {
	for _, s := range sources(t) {
		name := strings.TrimSuffix(strings.TrimSuffix(path.Base(s.path), ".go"), "_test")
		for _, n := range []string{name, path.Base(s.dir()), s.tree.Name.Name} {
			if slices.Contains(vague, n) {
				t.Errorf("%s: the name %q does not say what is in it", s.path, n)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_gen.go") {
			continue
		}
		if n := s.set.Position(s.tree.FileEnd).Line; n > longestFile && !s.isTest() {
			t.Errorf("%s has %d lines, more than %d", s.path, n, longestFile)
		}
		for _, d := range s.tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1
			if n > longestFunction && !s.isTest() {
				t.Errorf("%s: %s has %d lines, more than %d", s.path, f.Name.Name, n, longestFunction)
			}
		}
	}
}

// layer is the row that a folder stands in, -1 if it stands in none. A folder
// below one that is listed stands in its row; a name goes before a pattern.
func layer(dir string) int {
	for ; dir != "."; dir = path.Dir(dir) {
		if i := slices.IndexFunc(layers, func(row []string) bool { return slices.Contains(row, dir) }); i >= 0 {
			return i
		}
		for i, row := range layers {
			for _, pattern := range row {
				if ok, _ := path.Match(pattern, dir); ok {
					return i
				}
			}
		}
	}
	return -1
}

func allowed(from, to int) bool {
	return to >= 0 && (to < from || from == 0 && to == 0)
}

// sources parses every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || len(name) > 1 && d.Name()[0] == '.'):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution|parser.ParseComments)
		all = append(all, source{filepath.ToSlash(name), tree, set})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
