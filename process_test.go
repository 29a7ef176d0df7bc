package atelier

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What belongs to the process: its environment and its streams. Several requests share it,
// so that what is below cmd is given what it needs instead.
var ofProcess = []string{"Setenv", "Unsetenv", "Clearenv", "Getenv", "LookupEnv", "Stdin", "Stdout", "Stderr"}

// Those who may use it all the same, and why. There are to be no more.
var mayUseProcess = map[string]string{
	"internal/home":       "says where datasets and mirror lie, to sources that a run file makes",
	"internal/bucket":     "finds the server as every client of S3 does",
	"internal/durable":    "tells /dev/stdout and its like from files",
	"internal/s3test":     "is for tests",
	"engine/simd/path.go": "chooses the vector path once, before there is anything to be given",
	"engine/xla":          "finds its plugin, and tells that plugin's loader to leave it be",
}

func TestProcessIsLeftToCommands(t *testing.T) {
	used := map[string]bool{}
	for _, s := range sources(t) {
		if s.isTest() || strings.HasPrefix(s.path, "cmd/") {
			continue
		}
		for _, at := range s.process() {
			dir, file := mayUseProcess[s.dir()] != "", mayUseProcess[s.path] != ""
			if used[s.dir()], used[s.path] = dir, file; !dir && !file {
				t.Errorf("%s: this belongs to the process; let cmd pass it down", s.set.Position(at.Pos()))
			}
		}
	}
	for of := range mayUseProcess {
		if !used[of] {
			t.Errorf("%s uses nothing of the process, and needs no exception", of)
		}
	}
}

// process are the places where a file uses what belongs to the process.
func (s source) process() (all []ast.Node) {
	named := "os"
	for _, spec := range s.tree.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil && imported == "os" && spec.Name != nil {
			named = spec.Name.Name
		}
	}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(ofProcess, sel.Sel.Name) {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == named {
				all = append(all, sel)
			}
		}
		return true
	})
	return all
}
