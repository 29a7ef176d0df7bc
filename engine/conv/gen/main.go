// Gen writes the assembly that packs pictures for amd64: for each path a file of
// assembly and one of Go declarations.
//
//	go run ./gen -dir .
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

// A machine writes code for one path.
type machine struct {
	*build.Context
	suffix string // of the names of functions
	lanes  int    // float32 in a register
}

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", ".", "where to write")
	flag.Parse()
	for _, m := range []*machine{{suffix: "AVX512", lanes: 16}, {suffix: "AVX2", lanes: 8}} {
		if err := m.write(*dir); err != nil {
			log.Fatalf("gen: %s: %v", m.suffix, err)
		}
	}
}

// write compiles the kernels of a path and writes its two files.
func (m *machine) write(dir string) error {
	m.Context = build.NewContext()
	m.ConstraintExpr("amd64")
	for n := 1; n <= m.lanes; n++ {
		m.gather(n)
		m.rows(n)
	}
	file, err := m.Result()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return err
	}
	cfg := printer.Config{Argv: []string{"go", "generate", "./engine/conv"}, Name: "avo", Pkg: "conv"}
	assembly, err := printer.NewGoAsm(cfg).Print(file)
	if err != nil {
		return err
	}
	stubs, err := printer.NewStubs(cfg).Print(file)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, "pack_"+strings.ToLower(m.suffix))
	if err := os.WriteFile(name+"_amd64.s", assembly, 0o644); err != nil {
		return err
	}
	return os.WriteFile(name+"_gen.go", stubs, 0o644)
}

// begin opens a function named after the path.
func (m *machine) begin(name string, n int, signature, doc string) {
	name = fmt.Sprintf("%s%d%s", name, n, m.suffix)
	m.Function(name)
	m.Attributes(attr.NOSPLIT)
	m.SignatureExpr(signature)
	m.Doc(name + " " + doc)
	m.Pragma("noescape")
}

// end returns from the function.
func (m *machine) end() {
	m.VZEROUPPER()
	m.RET()
}

// vec returns a new vector register.
func (m *machine) vec() reg.VecVirtual {
	if m.lanes == 16 {
		return m.ZMM()
	}
	return m.YMM()
}

// bytes loads a parameter that counts float32.
func (m *machine) bytes(param string) reg.Register {
	r := m.Load(m.Param(param), m.GP64())
	m.SHLQ(operand.U8(2), r)
	return r
}
