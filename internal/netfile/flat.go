package netfile

import (
	"encoding/binary"

	"atelier/internal/badinput"
)

// A flat is a FlatBuffer that is not trusted: every offset is checked, and a first error stays. Tables
// and vectors are named by where they begin.
type flat struct {
	b   []byte
	err error
}

func (f *flat) fail() {
	if f.err == nil {
		f.err = badinput.Errorf("a damaged file: something in it lies outside of it")
	}
}

func (f *flat) u32(at int) int {
	if at < 0 || at > len(f.b)-4 {
		f.fail()
		return 0
	}
	return int(binary.LittleEndian.Uint32(f.b[at:]))
}

func (f *flat) i32(at int) int { return int(int32(f.u32(at))) }

func (f *flat) u16(at int) int {
	if at < 0 || at > len(f.b)-2 {
		f.fail()
		return 0
	}
	return int(binary.LittleEndian.Uint16(f.b[at:]))
}

// field is where field n of a table lies; 0 if it is left out.
func (f *flat) field(table, n int) int {
	if table == 0 {
		return 0
	}
	vtable := table - f.i32(table)
	if 4+2*n >= f.u16(vtable) {
		return 0
	}
	if at := f.u16(vtable + 4 + 2*n); at > 0 {
		return table + at
	}
	return 0
}

// number is a field of four bytes, or its usual value.
func (f *flat) number(table, n, usual int) int {
	if at := f.field(table, n); at > 0 {
		return f.i32(at)
	}
	return usual
}

// small is a field of one byte, 0 if it is left out.
func (f *flat) small(table, n int) int {
	at := f.field(table, n)
	if at <= 0 {
		return 0
	}
	if at >= len(f.b) {
		f.fail()
		return 0
	}
	return int(f.b[at])
}

// table is a field that is a table; 0 if it is left out.
func (f *flat) table(table, n int) int {
	if at := f.field(table, n); at > 0 {
		return at + f.u32(at)
	}
	return 0
}

// vector is where the elements of a field lie, of width bytes each, and how many there are.
func (f *flat) vector(table, n, width int) (at, length int) {
	if at = f.table(table, n); at == 0 {
		return 0, 0
	}
	length = f.u32(at)
	if at += 4; length > (len(f.b)-at)/width || at > len(f.b) {
		f.fail()
		return 0, 0
	}
	return at, length
}

// tables are the elements of a vector of tables.
func (f *flat) tables(table, n int) (all []int) {
	at, length := f.vector(table, n, 4)
	for i := range length {
		all = append(all, at+4*i+f.u32(at+4*i))
	}
	return all
}

// ints are the elements of a vector of numbers of four bytes.
func (f *flat) ints(table, n int) (all []int) {
	at, length := f.vector(table, n, 4)
	for i := range length {
		all = append(all, f.i32(at+4*i))
	}
	return all
}

// bytes are those of a vector, such as a text.
func (f *flat) bytes(table, n int) []byte {
	at, length := f.vector(table, n, 1)
	return f.b[at : at+length]
}
