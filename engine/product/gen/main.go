// Gen writes the assembly of the matrix product for amd64: for each path a file
// of assembly and one of Go declarations.
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
	rows   int    // of the largest tile, which is two registers wide
}

// pointers is how many rows there are registers for to point at.
const pointers = 6

// wide is how many registers a tile of a single row takes where B is not packed: of
// more memory in a row the processor fetches more ahead.
const wide = 8

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", ".", "where to write")
	flag.Parse()
	for _, m := range []*machine{
		{suffix: "AVX512", lanes: 16, rows: 12},
		{suffix: "AVX2", lanes: 8, rows: 6},
	} {
		if err := m.write(*dir); err != nil {
			log.Fatalf("gen: %s: %v", m.suffix, err)
		}
	}
}

// write compiles the kernels of a path and writes its two files.
func (m *machine) write(dir string) error {
	m.Context = build.NewContext()
	m.ConstraintExpr("amd64")
	for registers := 1; registers <= 2; registers++ {
		for rows := 1; rows <= m.rows; rows++ {
			m.tile(tile{rows, registers})
			if m.rows <= pointers {
				m.inPlace(tile{rows, registers})
			}
		}
		m.copyRows(registers)
	}
	m.tile(tile{1, wide})
	for n := 1; n <= m.lanes; n++ {
		m.transpose(n)
		m.packRows(n)
	}
	m.packRows(2 * m.lanes)
	file, err := m.Result()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return err
	}
	cfg := printer.Config{Argv: []string{"go", "generate", "./engine/product"}, Name: "avo", Pkg: "product"}
	assembly, err := printer.NewGoAsm(cfg).Print(file)
	if err != nil {
		return err
	}
	stubs, err := printer.NewStubs(cfg).Print(file)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, "kernel_"+strings.ToLower(m.suffix))
	if err := os.WriteFile(name+"_amd64.s", assembly, 0o644); err != nil {
		return err
	}
	declarations, err := format.Source(append(stubs, m.tables()...))
	if err != nil {
		return err
	}
	return os.WriteFile(name+"_gen.go", declarations, 0o644)
}

// tables is Go code that finds the functions by size.
func (m *machine) tables() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n// tiles%s are by registers and rows.\nvar tiles%[1]s = [...][%d]tile{\n", m.suffix, m.rows+1)
	for registers := 1; registers <= 2; registers++ {
		fmt.Fprintf(&b, "%d: {\n", registers)
		for rows := 1; rows <= m.rows; rows++ {
			fmt.Fprintf(&b, "%d: tile%[1]dx%d%s,\n", rows, registers*m.lanes, m.suffix)
		}
		fmt.Fprintln(&b, "},")
	}
	fmt.Fprintf(&b, "%d: {1: tile1x%d%s},\n", wide, wide*m.lanes, m.suffix)
	if m.rows <= pointers {
		fmt.Fprintf(&b, "}\n\n// inPlace%s are by registers and rows.\nvar inPlace%[1]s = [...][%d]inPlace{\n", m.suffix, m.rows+1)
		for registers := 1; registers <= 2; registers++ {
			fmt.Fprintf(&b, "%d: {\n", registers)
			for rows := 1; rows <= m.rows; rows++ {
				fmt.Fprintf(&b, "%d: inPlace%[1]dx%d%s,\n", rows, registers*m.lanes, m.suffix)
			}
			fmt.Fprintln(&b, "},")
		}
	}
	fmt.Fprintf(&b, "}\n\n// transposes%s are by vectors.\nvar transposes%[1]s = [...]transpose{\n", m.suffix)
	for n := 1; n <= m.lanes; n++ {
		fmt.Fprintf(&b, "%d: transpose%[1]d%s,\n", n, m.suffix)
	}
	fmt.Fprintf(&b, "}\n\n// copies%s are by registers.\nvar copies%[1]s = [...]rowCopy{1: copy1%[1]s, 2: copy2%[1]s}\n", m.suffix)
	fmt.Fprintf(&b, "\n// rows%s packs n columns. A table of functions would move the offsets to the heap.\n", m.suffix)
	fmt.Fprintf(&b, "func rows%s(n int, dst *float32, width, panel int, src *float32, step int, offsets *int, count, panels int) {\nswitch n {\n", m.suffix)
	for n := 1; n <= m.lanes; n++ {
		fmt.Fprintf(&b, "case %d:\nrows%[1]d%s(dst, width, panel, src, step, offsets, count, panels)\n", n, m.suffix)
	}
	fmt.Fprintf(&b, "default:\nrows%d%s(dst, width, panel, src, step, offsets, count, panels)\n}\n}\n", 2*m.lanes, m.suffix)
	return b.Bytes()
}

// begin opens a function named after the path.
func (m *machine) begin(name, signature, doc string) {
	name += m.suffix
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

// zero returns a new vector register of zeros.
func (m *machine) zero() reg.VecVirtual {
	v := m.vec()
	if m.lanes == 16 {
		m.VPXORD(v, v, v)
	} else {
		m.VXORPS(v, v, v)
	}
	return v
}

// at is the memory at a pointer and so many bytes after it.
func at(base reg.Register, bytes int) operand.Mem {
	return operand.Mem{Base: base, Disp: bytes}
}
