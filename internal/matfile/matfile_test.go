package matfile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"atelier/internal/home"
)

// element is a data element, padded.
func element(order binary.AppendByteOrder, kind uint32, body []byte) []byte {
	b := order.AppendUint32(order.AppendUint32(nil, kind), uint32(len(body)))
	b = append(b, body...)
	return append(b, make([]byte, -len(body)&7)...)
}

// matrix is a matrix element of a class.
func matrix(order binary.AppendByteOrder, class uint32, name string, dims []int32, rest ...[]byte) []byte {
	var d []byte
	for _, n := range dims {
		d = order.AppendUint32(d, uint32(n))
	}
	body := element(order, typeUint32, order.AppendUint32(order.AppendUint32(nil, class), 0))
	body = append(body, element(order, typeInt32, d)...)
	body = append(body, element(order, typeInt8, []byte(name))...)
	return element(order, typeMatrix, append(body, bytes.Join(rest, nil)...))
}

// written is a file with a matrix, stored as bytes, and a cell array with it, packed.
func written(order binary.AppendByteOrder, mark string) []byte {
	head := append([]byte("MATLAB 5.0 MAT-file"), bytes.Repeat([]byte{' '}, 126-19)...)
	head = append(head, mark...)
	m := matrix(order, classFirstNumber, "m", []int32{2, 3}, element(order, typeUint8, []byte{1, 2, 3, 4, 5, 6}))
	var doubles []byte
	for _, v := range []float64{.5, -1} {
		doubles = order.AppendUint64(doubles, math.Float64bits(v))
	}
	cell := matrix(order, classCell, "c", []int32{1, 2}, matrix(order, classFirstNumber, "", []int32{1, 2}, element(order, typeDouble, doubles)),
		element(order, typeMatrix, nil))
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(cell)
	z.Close()
	tag := order.AppendUint32(order.AppendUint32(nil, typeCompressed), uint32(packed.Len()))
	return bytes.Join([][]byte{head, m, tag, packed.Bytes()}, nil)
}

func TestRead(t *testing.T) {
	for mark, order := range map[string]binary.AppendByteOrder{"IM": binary.LittleEndian, "MI": binary.BigEndian} {
		all, err := Read(written(order, mark))
		if err != nil {
			t.Fatal(mark, err)
		}
		want := map[string]*Array{
			"m": {Name: "m", Dims: []int{2, 3}, Numbers: []float64{1, 2, 3, 4, 5, 6}},
			"c": {Name: "c", Dims: []int{1, 2}, Cells: []*Array{{Dims: []int{1, 2}, Numbers: []float64{.5, -1}}, {Dims: []int{0, 0}}}},
		}
		if !reflect.DeepEqual(all, want) {
			t.Errorf("%s: %+v", mark, all)
		}
		if x := all["m"].At(1, 2); x != 6 {
			t.Error(x)
		}
	}
}

// TestDamaged cuts files off everywhere and claims sizes that are not there.
func TestDamaged(t *testing.T) {
	file := written(binary.LittleEndian, "IM")
	for n := range len(file) - 1 {
		if _, err := Read(file[:n]); err == nil && n != headerBytes && n != len(file)-len(file[bytes.LastIndex(file, []byte{15, 0, 0, 0}):]) {
			t.Errorf("the first %d of %d bytes are read", n, len(file))
		}
	}
	big := bytes.Clone(file)
	at := bytes.Index(big, []byte{2, 0, 0, 0, 3, 0, 0, 0})
	copy(big[at:], []byte{0xFF, 0xFF, 0xFF, 0x7F})
	if _, err := Read(big); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Error(err)
	}
}

// TestChorales reads the file of the published figures, if it is there.
func TestChorales(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(home.Mirror(), "jsb-chorales-tcn.mat"))
	if err != nil {
		t.Skip("the chorales are not there")
	}
	all, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	frames := 0
	for name, pieces := range map[string]int{"traindata": 229, "validdata": 76, "testdata": 77} {
		if len(all[name].Cells) != pieces {
			t.Errorf("%s has %d pieces", name, len(all[name].Cells))
		}
		for _, c := range all[name].Cells {
			if c.Dims[1] != 88 {
				t.Error(name, c.Dims)
			}
			if name == "testdata" {
				frames += c.Dims[0]
			}
		}
	}
	if frames != 4725 {
		t.Errorf("%d frames to test", frames)
	}
}

// FuzzRead reads files of strangers.
func FuzzRead(f *testing.F) {
	f.Add(written(binary.LittleEndian, "IM"))
	f.Add(written(binary.BigEndian, "MI"))
	f.Fuzz(func(t *testing.T, file []byte) {
		all, err := Read(file)
		if err != nil {
			return
		}
		for _, a := range all {
			n := 1
			for _, d := range a.Dims {
				n *= d
			}
			if len(a.Numbers)+len(a.Cells) != n {
				t.Errorf("%d numbers and %d cells in %v", len(a.Numbers), len(a.Cells), a.Dims)
			}
		}
	})
}
