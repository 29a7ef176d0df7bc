// Gen writes the assembly of the kernels that measure patches: a file of assembly
// and one of Go declarations.
//
//	go run ./gen -dir .
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

// A machine writes code for AVX2.
type machine struct{ *build.Context }

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", ".", "where to write")
	flag.Parse()
	m := machine{build.NewContext()}
	m.ConstraintExpr("amd64")
	tail := m.tailMask()
	m.distances(tail, false)
	m.distances(tail, true)
	m.slide()
	m.windows()
	if err := m.write(*dir); err != nil {
		log.Fatalf("gen: %v", err)
	}
}

// write compiles the kernels and writes the two files.
func (m machine) write(dir string) error {
	file, err := m.Result()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return err
	}
	cfg := printer.Config{Argv: []string{"go", "generate", "./engine/match"}, Name: "avo", Pkg: "match"}
	assembly, err := printer.NewGoAsm(cfg).Print(file)
	if err != nil {
		return err
	}
	stubs, err := printer.NewStubs(cfg).Print(file)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "kernels_avx2_amd64.s"), assembly, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "kernels_avx2_gen.go"), stubs, 0o644)
}

// begin starts a function.
func (m machine) begin(name, signature string) {
	m.Function(name + "AVX2")
	m.Attributes(attr.NOSPLIT)
	m.SignatureExpr(signature)
	m.Pragma("noescape")
}

// end leaves the function.
func (m machine) end() {
	m.VZEROUPPER()
	m.RET()
}

// chunk is how many bytes fill a register once each is a word.
const chunk = 16

// distances sums the squared differences of blocks, 16 bytes of a row at a time.
// The last of them overlap those before, of which a mask takes what is counted; the
// masked kernel has one of its own for every byte besides.
func (m machine) distances(ends operand.Mem, masked bool) {
	if masked {
		m.begin("masked", "func(dst, at *int32, n int, a, mask *uint8, aStride int, b *uint8, bStride, width, rows int)")
	} else {
		m.begin("distances", "func(dst, at *int32, n int, a *uint8, aStride int, b *uint8, bStride, width, rows int)")
	}
	dst, at, n := m.Load(m.Param("dst"), m.GP64()), m.Load(m.Param("at"), m.GP64()), m.Load(m.Param("n"), m.GP64())
	b, tail := m.Load(m.Param("b"), m.GP64()), m.Load(m.Param("width"), m.GP64())
	full, table := m.GP64(), m.GP64()
	m.MOVQ(tail, full)
	m.ANDQ(operand.I8(-chunk), full) // bytes in full chunks
	m.MOVQ(tail, table)
	m.SUBQ(full, table)
	start := m.GP64()
	m.LEAQ(ends, start)
	counted := m.YMM()
	m.VMOVDQU(operand.Mem{Base: start, Index: table, Scale: 2}, counted)
	m.SUBQ(operand.U8(chunk), tail) // where the last chunk begins

	m.Label("block")
	p, q, rows := m.Load(m.Param("a"), m.GP64()), m.GP64(), m.Load(m.Param("rows"), m.GP64())
	var known reg.Register
	if masked {
		known = m.Load(m.Param("mask"), m.GP64())
	}
	m.MOVLQSX(operand.Mem{Base: at}, q)
	m.ADDQ(b, q)
	sum := m.YMM()
	m.VPXOR(sum, sum, sum)
	m.Label("row")
	x := m.GP64()
	m.XORQ(x, x)
	m.Label("chunk")
	m.square(m.difference(p, q, known, x), sum)
	m.ADDQ(operand.U8(chunk), x)
	m.CMPQ(x, full)
	m.JL(operand.LabelRef("chunk"))
	last := m.difference(p, q, known, tail)
	m.VPAND(counted, last, last)
	m.square(last, sum)
	m.next(p, "aStride")
	m.next(q, "bStride")
	if masked {
		m.next(known, "aStride")
	}
	m.DECQ(rows)
	m.JNZ(operand.LabelRef("row"))
	m.store(sum, dst)
	m.ADDQ(operand.U8(4), dst)
	m.ADDQ(operand.U8(4), at)
	m.DECQ(n)
	m.JNZ(operand.LabelRef("block"))
	m.end()
}

// next moves a pointer on by a stride.
func (m machine) next(p reg.Register, stride string) {
	at, err := m.Param(stride).Resolve()
	if err != nil {
		panic(err)
	}
	m.ADDQ(at.Addr, p)
}

// tailMask writes 16 words of zeros and then 16 of ones: a mask of the last n
// words starts n after its beginning.
func (m machine) tailMask() operand.Mem {
	mask := m.StaticGlobal("tail")
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 2 * chunk {
		if i < chunk {
			m.AppendDatum(operand.U16(0))
		} else {
			m.AppendDatum(operand.U16(1<<16 - 1))
		}
	}
	return mask
}

// difference is that of 16 bytes of two rows, as words; 0 where the mask is, if
// there is one.
func (m machine) difference(p, q, mask, x reg.Register) reg.VecVirtual {
	v, w := m.YMM(), m.YMM()
	m.VPMOVZXBW(operand.Mem{Base: p, Index: x, Scale: 1}, v)
	m.VPMOVZXBW(operand.Mem{Base: q, Index: x, Scale: 1}, w)
	m.VPSUBW(w, v, v)
	if mask != nil {
		m.VPMOVSXBW(operand.Mem{Base: mask, Index: x, Scale: 1}, w)
		m.VPAND(w, v, v)
	}
	return v
}

// square adds the squares of words, two by two, to sum.
func (m machine) square(v, sum reg.VecVirtual) {
	m.VPMADDWD(v, v, v)
	m.VPADDD(v, sum, sum)
}

// store writes the sum of all lanes.
func (m machine) store(sum reg.VecVirtual, to reg.Register) {
	half, other := sum.AsX(), m.XMM()
	m.VEXTRACTI128(operand.U8(1), sum, other)
	m.VPADDD(other, half, half)
	m.VPSHUFD(operand.U8(0b_01_00_11_10), half, other)
	m.VPADDD(other, half, half)
	m.VPSHUFD(operand.U8(0b_10_11_00_01), half, other)
	m.VPADDD(other, half, half)
	m.VMOVD(half, operand.Mem{Base: to})
}

// lanes is how many columns are done at a time.
const lanes = 8

// slide is [match.Matcher.Slide] over n columns, a multiple of 8 above 0.
func (m machine) slide() {
	m.begin("slide", "func(columns, last *int32, a, b *uint8, n int)")
	columns, last := m.Load(m.Param("columns"), m.GP64()), m.Load(m.Param("last"), m.GP64())
	a, b := m.Load(m.Param("a"), m.GP64()), m.Load(m.Param("b"), m.GP64())
	n := m.Load(m.Param("n"), m.GP64())
	zero, x := m.YMM(), m.GP64()
	m.VPXOR(zero, zero, zero)
	m.XORQ(x, x)
	m.Label("next")
	at := func(base reg.Register) operand.Mem { return operand.Mem{Base: base, Index: x, Scale: 4} }
	v, w, low, high := m.YMM(), m.YMM(), m.YMM(), m.YMM()
	m.VMOVDQU(at(a), v)
	m.VMOVDQU(at(b), w)
	m.VPSUBUSB(w, v, low) // one of the two is 0
	m.VPSUBUSB(v, w, high)
	m.VPOR(low, high, v)
	m.VPUNPCKLBW(zero, v, low)
	m.VPUNPCKHBW(zero, v, high)
	m.VPMADDWD(low, low, low)
	m.VPMADDWD(high, high, high)
	m.VPHADDD(high, low, v)
	m.VMOVDQU(at(columns), w)
	m.VPADDD(v, w, w)
	m.VPSUBD(at(last), w, w)
	m.VMOVDQU(w, at(columns))
	m.VMOVDQU(v, at(last))
	m.ADDQ(operand.U8(lanes), x)
	m.CMPQ(x, n)
	m.JL(operand.LabelRef("next"))
	m.end()
}

// windows is [match.Matcher.Windows] for n sums, a multiple of 8 above 0, over so
// many columns each.
func (m machine) windows() {
	m.begin("windows", "func(dst, columns *int32, n, wide int, add int32)")
	dst, columns := m.Load(m.Param("dst"), m.GP64()), m.Load(m.Param("columns"), m.GP64())
	n, wide := m.Load(m.Param("n"), m.GP64()), m.Load(m.Param("wide"), m.GP64())
	add, start := m.Load(m.Param("add"), m.GP32()), m.YMM()
	m.VMOVD(add, start.AsX())
	m.VPBROADCASTD(start.AsX(), start)
	m.Label("next")
	sum, j := m.YMM(), m.GP64()
	m.VMOVDQA(start, sum)
	m.XORQ(j, j)
	m.Label("column")
	m.VPADDD(operand.Mem{Base: columns, Index: j, Scale: 4}, sum, sum)
	m.INCQ(j)
	m.CMPQ(j, wide)
	m.JL(operand.LabelRef("column"))
	m.VMOVDQU(sum, operand.Mem{Base: dst})
	m.ADDQ(operand.U8(4*lanes), dst)
	m.ADDQ(operand.U8(4*lanes), columns)
	m.SUBQ(operand.U8(lanes), n)
	m.JG(operand.LabelRef("next"))
	m.end()
}
