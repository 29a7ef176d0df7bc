package netfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

// A flatWriter writes a FlatBuffer front to back: tables are given after what they refer to is laid out by
// the caller in order, since offsets only point forward.
type flatWriter struct{ b []byte }

func (w *flatWriter) u32(v int) int {
	at := len(w.b)
	w.b = binary.LittleEndian.AppendUint32(w.b, uint32(v))
	return at
}

// point makes an offset that was left open refer to what comes next.
func (w *flatWriter) point(at int) { binary.LittleEndian.PutUint32(w.b[at:], uint32(len(w.b)-at)) }

// table writes a table of fields of four bytes, given by their numbers, and returns where each lies.
func (w *flatWriter) table(values map[int]int) map[int]int {
	last := -1
	for n := range values {
		last = max(last, n)
	}
	vtable := len(w.b)
	w.b = binary.LittleEndian.AppendUint16(w.b, uint16(4+2*(last+1)))
	w.b = binary.LittleEndian.AppendUint16(w.b, uint16(4+4*len(values)))
	offset := 4
	for n := range last + 1 {
		if _, ok := values[n]; ok {
			w.b = binary.LittleEndian.AppendUint16(w.b, uint16(offset))
			offset += 4
			continue
		}
		w.b = binary.LittleEndian.AppendUint16(w.b, 0)
	}
	at := len(w.b)
	w.u32(at - vtable)
	places := map[int]int{-1: at}
	for n := range last + 1 {
		if v, ok := values[n]; ok {
			places[n] = w.u32(v)
		}
	}
	return places
}

func (w *flatWriter) ints(values ...int) {
	w.u32(len(values))
	for _, v := range values {
		w.u32(v)
	}
}

func (w *flatWriter) bytes(b []byte) {
	w.u32(len(b))
	w.b = append(w.b, b...)
}

// liteFile is a network of one convolution, of a kernel of one number, and what follows it.
func liteFile(then int) []byte {
	w := &flatWriter{b: append(make([]byte, 4), "TFL3"...)}
	root := w.table(map[int]int{0: 3, 1: 0, 2: 0, 4: 0})
	binary.LittleEndian.PutUint32(w.b, uint32(root[-1]))
	vector := func(at, n int) []int { // of tables
		w.point(at)
		w.u32(n)
		var places []int
		for range n {
			places = append(places, w.u32(0))
		}
		return places
	}
	for i, at := range vector(root[1], 2) {
		w.tableAt(at, map[int]int{3: []int{liteConv, then}[i]})
	}
	for i, at := range vector(root[4], 2) {
		if i == 0 {
			w.tableAt(at, map[int]int{})
			continue
		}
		places := w.tableAt(at, map[int]int{0: 0})
		w.point(places[0])
		w.bytes([]byte{0, 0, 0, 0x40})
	}
	graph := w.tableAt(vector(root[2], 1)[0], map[int]int{0: 0, 1: 0, 2: 0, 3: 0})
	shapes := [][]int{{1, 4, 4, 1}, {1, 1, 1, 1}, {1, 4, 4, 1}, {1, 4, 4, 1}}
	for i, at := range vector(graph[0], len(shapes)) {
		buffer := 0
		if i == 1 {
			buffer = 1
		}
		t := w.tableAt(at, map[int]int{0: 0, 2: buffer})
		w.point(t[0])
		w.ints(shapes[i]...)
	}
	w.point(graph[1])
	w.ints(0)
	w.point(graph[2])
	w.ints(3)
	for i, at := range vector(graph[3], 2) {
		o := w.tableAt(at, map[int]int{0: i, 1: 0, 2: 0, 4: 0})
		w.point(o[1])
		if i == 0 {
			w.ints(0, 1)
		} else {
			w.ints(2)
		}
		w.point(o[2])
		w.ints(2 + i)
		w.tableAt(o[4], map[int]int{1: 1, 2: 1})
	}
	return w.b
}

// tableAt writes a table that an open offset refers to.
func (w *flatWriter) tableAt(at int, values map[int]int) map[int]int {
	places := w.table(values)
	binary.LittleEndian.PutUint32(w.b[at:], uint32(places[-1]-at))
	return places
}

func readLite(b []byte) (*Network, error) {
	n := &Network{}
	err := n.readTFLite(b)
	if err == nil {
		err = n.check()
	}
	return n, err
}

func TestTFLite(t *testing.T) {
	n, err := readLite(liteFile(liteHardSwish))
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Ops) != 2 || n.Ops[0].Kernel.Values[0] != 2 || n.Ops[1].Activation != HardSwish || n.Shape[2] != 1 {
		t.Errorf("%+v", n)
	}
	if _, err := readLite(liteFile(99)); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "operations of the number 99") {
		t.Error(err)
	}
	for name, b := range map[string][]byte{
		"empty": nil, "other": []byte("GGUFGGUFGGUF"), "root outside": append([]byte{0xff, 0xff, 0xff, 0x7f}, "TFL3"...),
		"cut": liteFile(liteReLU)[:120],
	} {
		if _, err := readLite(b); !errors.Is(err, badinput.Err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each byte of a file can be any other: what is read fits together, or is an error of the user.
func TestTFLiteBytes(t *testing.T) {
	whole := liteFile(liteReLU)
	for i := range whole {
		for _, v := range []byte{0, 1, 0x7f, 0x80, 0xff} {
			b := bytes.Clone(whole)
			b[i] = v
			if _, err := readLite(b); err != nil && !errors.Is(err, badinput.Err) {
				t.Fatalf("byte %d is %d: %v", i, v, err)
			}
		}
	}
}

func FuzzTFLite(f *testing.F) {
	f.Add(liteFile(liteReLU))
	f.Add(liteFile(liteCustom))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := readLite(b); err != nil && !errors.Is(err, badinput.Err) {
			t.Error(err)
		}
	})
}
