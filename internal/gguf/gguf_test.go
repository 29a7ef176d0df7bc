package gguf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"atelier/internal/quant"
)

// A draft of a file is put together by hand, after the format's description.
type draft struct{ bytes.Buffer }

func begin(version uint32, tensors, pairs uint64) *draft {
	d := &draft{}
	d.WriteString("GGUF")
	return d.put(version, tensors, pairs)
}

func (d *draft) put(values ...any) *draft {
	for _, v := range values {
		if s, ok := v.(string); ok {
			binary.Write(d, binary.LittleEndian, uint64(len(s)))
			d.WriteString(s)
			continue
		}
		binary.Write(d, binary.LittleEndian, v)
	}
	return d
}

func (d *draft) align() *draft {
	for d.Len()%32 != 0 {
		d.WriteByte(0)
	}
	return d
}

// sound is a file of every kind of value and two tensors.
func sound(version uint32) []byte {
	d := begin(version, 2, 15)
	for i, v := range []any{uint8(1), int8(-1), uint16(2), int16(-2), uint32(3), int32(-3), float32(0.5), true, "text"} {
		d.put(fmt.Sprint("k", i), uint32(i), v)
	}
	d.put("u64", uint32(10), uint64(math.MaxUint64), "i64", uint32(11), int64(-4), "f64", uint32(12), 0.25)
	d.put("texts", uint32(9), uint32(8), uint64(2), "a", "bc")
	d.put("floats", uint32(9), uint32(6), uint64(1), float32(1.5))
	d.put("ints", uint32(9), uint32(5), uint64(2), int32(7), int32(-7))
	d.put("a", uint32(2), uint64(2), uint64(3), uint32(0), uint64(0))
	d.put("b", uint32(1), uint64(32), uint32(8), uint64(32))
	d.align().put([6]float32{1, 2, 3, 4, 5, 6}, [8]byte{}, [34]byte{33: 9})
	return d.Bytes()
}

func TestParse(t *testing.T) {
	for _, version := range []uint32{2, 3} {
		f, err := Parse(sound(version))
		if err != nil {
			t.Fatal(err)
		}
		want := "[{k0 1} {k1 -1} {k2 2} {k3 -2} {k4 3} {k5 -3} {k6 0.5} {k7 true} {k8 text} {u64 18446744073709551615} {i64 -4} {f64 0.25}]"
		if got := fmt.Sprint(f.Pairs[:12]); got != want {
			t.Error(got)
		}
		texts, err1 := f.Value("texts").(Array).Strings()
		floats, err2 := f.Value("floats").(Array).Floats()
		ints, err3 := f.Value("ints").(Array).Ints()
		if got := fmt.Sprint(texts, floats, ints, err1, err2, err3); got != "[a bc] [1.5] [7 -7] <nil> <nil> <nil>" {
			t.Error(got)
		}
		a, b := f.Tensors[0], f.Tensors[1]
		if fmt.Sprintln(a.Name, a.Type, a.Dims, b.Name, b.Type, b.Dims, len(b.Data), b.Data[33]) != "a F32 [3 2] b Q8_0 [32] 34 9\n" {
			t.Errorf("%+v %+v", a, b)
		}
		if m, err := a.Matrix(); err != nil || fmt.Sprint(m.Rows, m.Cols, m.Values()) != "3 2 [1 2 3 4 5 6]" {
			t.Error(m, err)
		}
	}
}

// TestPacked: 5 bits are read as the same numbers in 8.
func TestPacked(t *testing.T) {
	block := [22]byte{0: 0, 1: 0x38, 2: 0b0000_0010, 5: 0b1000_0000, 6: 0x21, 7: 0x0f, 21: 0xf0} // scale 0.5
	file := begin(3, 1, 0).put("t", uint32(2), uint64(32), uint64(2), uint32(6), uint64(0)).align().put(block, [22]byte{1: 0x3c}).Bytes()
	f, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.Tensors[0].Matrix()
	if err != nil || m.Type != quant.Q8_0 || m.Rows != 2 {
		t.Fatal(m, err)
	}
	want := make([]float32, 64)
	for i := range want {
		want[i] = -16 // of scale 1, or half of it
		if i < 32 {
			want[i] = -8
		}
	}
	// Nibbles 1 and 2; 15 with its fifth bit; the last one is 15 with its fifth bit as well.
	want[0], want[16], want[1], want[31] = (1-16)/2.0, (2-16)/2.0, (31-16)/2.0, (31-16)/2.0
	if got := m.Values(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v; want %v", got, want)
	}
	if _, err := Parse(file[:len(file)-1]); err == nil {
		t.Error("a truncated tensor was read")
	}
}

func TestWriteAgain(t *testing.T) {
	file := sound(3)
	f, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := Write(&again, f.Pairs, f.Tensors, func(i int) ([]byte, error) { return f.Tensors[i].Data, nil }); err != nil {
		t.Fatal(err)
	}
	// The file is filled up to the alignment behind its last tensor as well.
	if got := again.Bytes(); !bytes.HasPrefix(got, file) || len(got) >= len(file)+32 || len(bytes.Trim(got[len(file):], "\x00")) > 0 {
		t.Errorf("%d bytes, then %d", len(file), again.Len())
	}
}

func TestHostile(t *testing.T) {
	const huge = uint64(1) << 60
	one := func(dims, offset uint64) *draft {
		return begin(3, 1, 0).put("t", uint32(1), dims, uint32(0), offset).align()
	}
	two := func(name string, offset uint64) *draft {
		return begin(3, 2, 0).put("t", uint32(1), uint64(16), uint32(0), uint64(0), name, uint32(1), uint64(8), uint32(0), offset).align().put([32]float32{})
	}
	for _, c := range []struct {
		want string
		file *draft
	}{
		{"not a GGUF file", &draft{}},
		{"version 1", begin(1, 0, 0)},
		{"version 4", begin(4, 0, 0)},
		{"big-endian", begin(0x03000000, 0, 0)},
		{"keys of metadata cannot be", begin(3, 0, huge)},
		{"tensors cannot be", begin(3, huge, 0)},
		{"truncated", begin(3, 0, 1).put(uint64(1000), [20]byte{})},
		{"a name of 1152921504606846976 bytes", begin(3, 0, 1).put(huge, [20]byte{})},
		{"unknown type 13", begin(3, 0, 1).put("k", uint32(13), uint64(0))},
		{"neither true nor false", begin(3, 0, 1).put("k", uint32(7), uint8(2))},
		{"truncated", begin(3, 0, 1).put("k", uint32(8), huge)},
		{"array of 1152921504606846976 elements", begin(3, 0, 1).put("k", uint32(9), uint32(0), huge)},
		{"array of 1152921504606846976 elements", begin(3, 0, 1).put("k", uint32(9), uint32(8), huge)},
		{"array of arrays", begin(3, 0, 1).put("k", uint32(9), uint32(9), uint64(1), uint32(9), uint64(1))},
		{"array of the unknown type", begin(3, 0, 1).put("k", uint32(9), uint32(77), uint64(1))},
		{"truncated", begin(3, 0, 1).put("k", uint32(9), uint32(8), uint64(2), "a", huge)},
		{`key "k" is duplicated`, begin(3, 0, 2).put("k", uint32(4), uint32(1), "k", uint32(4), uint32(1))},
		{"want a power of 2", begin(3, 0, 1).put("general.alignment", uint32(4), uint32(24))},
		{"want a power of 2", begin(3, 0, 1).put("general.alignment", uint32(4), uint32(0))},
		{"want a 32-bit whole number", begin(3, 0, 1).put("general.alignment", uint32(8), "32")},
		{"has 0 dimensions", begin(3, 1, 0).put("t", uint32(0), [40]byte{})},
		{"has 4294967295 dimensions", begin(3, 1, 0).put("t", uint32(math.MaxUint32), [40]byte{})},
		{"a dimension of 0", one(0, 0)},
		{"a dimension of 1152921504606846976", begin(3, 1, 0).put("t", uint32(2), huge, huge, uint32(0), uint64(0))},
		{"claims 64 bytes", one(16, 0).put([8]float32{})},
		{"claims 32 bytes", one(8, 1<<63).put([8]float32{})},
		{"no multiple of the alignment", one(1, 4).put([8]float32{})},
		{"overlap", two("u", 32)},
		{`tensor "t" is duplicated`, two("t", 64)},
		{"Q5_K, which is not read; those that are read are F32, F16, BF16", begin(3, 1, 0).put("t", uint32(1), uint64(256), uint32(13), uint64(0))},
		{"IQ4_XS, which is not read", begin(3, 1, 0).put("t", uint32(1), uint64(256), uint32(23), uint64(0))},
		{"number 99", begin(3, 1, 0).put("t", uint32(1), uint64(256), uint32(99), uint64(0))},
		{"no multiple of the 32 of a block of Q8_0", begin(3, 1, 0).put("t", uint32(1), uint64(33), uint32(8), uint64(0))},
	} {
		_, err := Parse(c.file.Bytes())
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v; want %q", err, c.want)
		}
	}
	file := sound(3)
	for n := range len(file) {
		if _, err := Parse(file[:n]); err == nil {
			t.Errorf("%d bytes of the file were read", n)
		}
	}
}

func TestHeaderMemory(t *testing.T) {
	// The largest number of the smallest pairs costs a small multiple of what they take.
	d := begin(3, 0, mostPairs)
	for i := range mostPairs {
		d.put(fmt.Sprintf("%04x", i), uint32(0), uint8(0))
	}
	file := d.Bytes()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Parse(file); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 24*uint64(len(file)) {
		t.Errorf("%d bytes of memory for a header of %d", n, len(file))
	}
}

func FuzzGGUF(f *testing.F) {
	f.Add(sound(3))
	f.Add(sound(2))
	f.Add(begin(3, 1, 0).put("t", uint32(1), uint64(32), uint32(6), uint64(0)).align().put([22]byte{}).Bytes())
	f.Add(begin(3, 1, 0).put("t", uint32(1), uint64(256), uint32(13), uint64(0)).Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data)
		if err != nil {
			return
		}
		for _, p := range file.Pairs {
			if a, ok := p.Value.(Array); ok {
				a.Strings()
				a.Floats()
				a.Ints()
			}
		}
		for _, tensor := range file.Tensors {
			if m, err := tensor.Matrix(); err == nil {
				m.Row(m.Rows-1, make([]float32, m.Cols))
			}
		}
		var again bytes.Buffer
		data2 := func(i int) ([]byte, error) { return file.Tensors[i].Bytes(), nil }
		if err := Write(&again, file.Pairs, file.Tensors, data2); err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(again.Bytes()); err != nil {
			t.Fatal("what was written is not read: ", err)
		}
	})
}
