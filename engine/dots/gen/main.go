// Gen writes the assembly of the kernels for amd64: for each path a file of assembly and
// one of Go declarations.
//
//	go run ./gen -dir .
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// A machine writes code for one path.
type machine struct {
	*build.Context
	suffix    string // of the names of functions
	lanes     int    // float32 in a register
	constants map[uint32]operand.Mem
	ends      operand.Mem // masks, see tailMask
	tables    bytes.Buffer
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

// wide reports whether this is AVX-512, with VNNI where quantized weights are multiplied.
func (m *machine) wide() bool { return m.lanes == 16 }

// write compiles the kernels of a path and writes its two files.
func (m *machine) write(dir string) error {
	m.Context = build.NewContext()
	m.constants = map[uint32]operand.Mem{}
	m.ConstraintExpr("amd64")
	m.kernels()
	file, err := m.Result()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return err
	}
	cfg := printer.Config{Argv: []string{"go", "generate", "./engine/dots"}, Name: "avo", Pkg: "dots"}
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
	declarations, err := format.Source(append(stubs, m.tables.Bytes()...))
	if err != nil {
		return err
	}
	name := filepath.Join(dir, "kernels_"+strings.ToLower(m.suffix))
	if err := os.WriteFile(name+"_amd64.s", assembly, 0o644); err != nil {
		return err
	}
	return os.WriteFile(name+"_gen.go", declarations, 0o644)
}

// kernels writes every kernel of the path, and tables of those of several sizes.
func (m *machine) kernels() {
	if !m.wide() {
		m.tailMask()
		order := m.order()
		m.quantize("quantizeWords32", order, true, 32)
		m.quantize("quantizeWords16", order, true, 16)
		m.quantize("quantizeBytes32", order, false, 32)
		m.quantize("quantizeBytes16", order, false, 16)
	}
	rows := map[bool]int{false: 3, true: 6}[m.wide()]
	fmt.Fprintf(&m.tables, "\n// dense%s are by vectors and outputs.\nvar dense%[1]s = [...][9]denseKernel{\n", m.suffix)
	for r := 1; r <= rows; r++ {
		fmt.Fprintf(&m.tables, "%d: {", r)
		for _, outs := range []int{1, 4, 8} {
			if outs < 8 || r == 1 {
				m.dense(r, outs)
				fmt.Fprintf(&m.tables, "%[1]d: dense%[2]dx%[1]d%[3]s,", outs, r, m.suffix)
			}
		}
		fmt.Fprintln(&m.tables, "},")
	}
	fmt.Fprintln(&m.tables, "}")
	for _, outs := range []int{1, 8} {
		m.narrow("half", outs, m.loadHalf)
		m.narrow("bfloat", outs, m.loadBfloat)
	}
	m.tiles()
	for _, vectors := range []int{1, 2, 4} {
		m.mix(vectors)
	}
	m.direct()
	m.unpackQ80()
	m.unpackQ40()
	m.unpackQ4K()
	m.unpackQ6K()
}

// encodable returns an error if code for AVX2 uses a register that only AVX-512 can name.
func (m *machine) encodable(assembly []byte) error {
	if m.wide() {
		return nil
	}
	if r := regexp.MustCompile(`\b[YX](1[6-9]|2\d|3[01])\b|\b[ZK]\d`).Find(assembly); r != nil {
		return fmt.Errorf("the code needs too many registers: %s", r)
	}
	return nil
}
