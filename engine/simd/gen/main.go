// Gen writes the assembly of the vector kernels: for each path a file of
// assembly and one of Go declarations.
//
//	go run ./gen -dir .
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", ".", "where to write")
	flag.Parse()
	for _, m := range []*machine{
		{suffix: "AVX512", lanes: 16},
		{suffix: "AVX2", lanes: 8},
	} {
		if err := m.write(*dir); err != nil {
			log.Fatalf("gen: %s: %v", m.suffix, err)
		}
	}
}

// write compiles the kernels of a path and writes its two files.
func (m *machine) write(dir string) error {
	m.Context = build.NewContext()
	m.constants = map[uint32]operand.Mem{}
	m.ConstraintExpr("amd64")
	if !m.wide() {
		m.table()
	}
	m.kernels()
	file, err := m.Result()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return err
	}
	cfg := printer.Config{Argv: []string{"go", "generate", "./engine/simd"}, Name: "avo", Pkg: "simd"}
	assembly, err := printer.NewGoAsm(cfg).Print(file)
	if err != nil {
		return err
	}
	if err := m.encodable(assembly); err != nil {
		return err
	}
	stubs, err := printer.NewStubs(cfg).Print(file)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, "kernels_"+strings.ToLower(m.suffix))
	if err := os.WriteFile(name+"_amd64.s", assembly, 0o644); err != nil {
		return err
	}
	return os.WriteFile(name+"_gen.go", stubs, 0o644)
}

// kernels writes every kernel of the path.
func (m *machine) kernels() {
	m.arithmetic()
	m.comparisons()
	m.rounding()
	m.exponentials()
	m.logarithms()
	m.errorFunction()
	m.trigonometry()
	m.reductions()
	m.conversions()
	m.transposition()
}
