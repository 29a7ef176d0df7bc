package quant

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// arbitrary are n blocks of a type, whose float16 scales are ordinary numbers.
func arbitrary(t Type, n int) []byte {
	elements, size := t.Block()
	data := make([]byte, n*t.Bytes(elements))
	x := uint32(1)
	for i := range data {
		x = x*1664525 + 1013904223
		data[i] = byte(x >> 24)
	}
	for at := 0; at < len(data); at += size {
		for _, s := range map[Type][]int{Q8_0: {0}, Q4_0: {0}, Q4_K: {0, 2}, Q6_K: {208}}[t] {
			data[at+s+1] = data[at+s+1]&0x83 | 0x28
		}
	}
	return data
}

// TestBlocks compares with what the GGUF reader of github.com/gomlx/go-huggingface v0.4.2
// makes of the same blocks: some numbers, and the CRC-32 of all.
func TestBlocks(t *testing.T) {
	for _, c := range []struct {
		kind  Type
		sum   uint32
		wants [5]float32
	}{
		{Q8_0, 0x0917a336, [5]float32{-6.185669, -3.7016602, -5.8447266, -0.37698364, -3.3728027}},
		{Q4_0, 0xd5eacc4c, [5]float32{-0.34094238, -0.19482422, 0.14611816, -0.109680176, 0.25253296}},
		{Q4_K, 0x6e385ccb, [5]float32{7.154419, 1.894165, 6.5699463, 0.37719727, 17.3797}},
		{Q6_K, 0xf9192d85, [5]float32{-65.513916, 4.6795654, 114.93469, 87.27185, 165.55957}},
	} {
		elements, _ := c.kind.Block()
		m, err := NewMatrix(c.kind, 3, elements, arbitrary(c.kind, 3))
		if err != nil {
			t.Fatal(err)
		}
		v := m.Values()
		n := len(v)
		if got := [5]float32{v[0], v[1], v[17], v[n/2+5], v[n-1]}; got != c.wants {
			t.Errorf("%s: %v, want %v", c.kind, got, c.wants)
		}
		h := crc32.NewIEEE()
		for _, x := range v {
			if err := binary.Write(h, binary.LittleEndian, x); err != nil {
				t.Fatal(err)
			}
		}
		if h.Sum32() != c.sum {
			t.Errorf("%s: the CRC-32 of all numbers is %#08x, want %#08x", c.kind, h.Sum32(), c.sum)
		}
	}
}

// TestQuantize: a number comes back within half a step, or as it was.
func TestQuantize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]Type{F32, F16, BF16, Q8_0, Q4_0}).Draw(t, "type")
		rows, blocks := rapid.IntRange(1, 3).Draw(t, "rows"), rapid.IntRange(1, 3).Draw(t, "blocks")
		elements, _ := kind.Block()
		values := rapid.SliceOfN(rapid.Float32Range(-100, 100), rows*blocks*elements, rows*blocks*elements).Draw(t, "values")
		if rapid.Bool().Draw(t, "tiny") {
			for i := range values {
				values[i] *= 1e-38
			}
		}
		before := slices.Clone(values)
		m, err := Quantize(kind, rows, blocks*elements, values)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(values, before) {
			t.Fatal("the values have changed")
		}
		for i, got := range m.Values() {
			block := values[i/elements*elements:][:elements]
			most := 0.0
			for _, v := range block {
				most = max(most, math.Abs(float64(v)))
			}
			v := float64(values[i])
			// The scale is rounded to float16, by 2^-11 or the 2^-25 of subnormal numbers. With
			// Q4_0 the end that the scale doesn't point at is a whole step off.
			bound := map[Type]float64{
				F32: 0, F16: math.Abs(v)/2048 + 0x1p-25, BF16: math.Abs(v)/256 + 0x1p-130,
				Q8_0: most*(0.5/127+1.0/2048) + 127*0x1p-25, Q4_0: most*(1.0/8+1.0/2048) + 8*0x1p-25,
			}[kind] * 1.0001
			if !(math.Abs(float64(got)-v) <= bound) {
				t.Fatalf("%s: %g becomes %g, more than %g away", kind, v, got, bound)
			}
		}
	})
}

// TestQuantizeByHand: rounding is that of ggml's reference.
func TestQuantizeByHand(t *testing.T) {
	values := make([]float32, 32)
	values[0], values[1], values[2], values[3], values[31] = 127, 0.5, -0.5, 2.5, -126.6
	m, err := Quantize(Q8_0, 1, 32, values) // halves go away from zero
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.Data[:6], []byte{0, 0x3c, 127, 1, 0xff, 3}; !slices.Equal(got, want) || m.Data[33] != 0x81 {
		t.Errorf("Q8_0: % x ... %x, want % x ... 81", got, m.Data[33], want)
	}
	values = make([]float32, 32)
	values[0], values[1], values[15], values[16], values[17] = -8, 8, 0.5, 6.4, -0.6
	m, err = Quantize(Q4_0, 1, 32, values) // the scale is 1; 8 is clamped to 7, 0.5 goes up
	if err != nil {
		t.Fatal(err)
	}
	want := []byte{0, 0x3c, 0xe0, 0x7f}
	for range 13 {
		want = append(want, 0x88)
	}
	if want = append(want, 0x89); !slices.Equal(m.Data, want) {
		t.Errorf("Q4_0: % x, want % x", m.Data, want)
	}
}

// TestQuantizeRefuses what it can't represent.
func TestQuantizeRefuses(t *testing.T) {
	inf := make([]float32, 64)
	inf[40] = float32(math.Inf(-1))
	for _, c := range []struct {
		kind       Type
		rows, cols int
		values     []float32
		want       string
	}{
		{Q6_K, 1, 256, make([]float32, 256), "numbers can't be stored as Q6_K; possible are F32, F16, BF16, Q8_0 and Q4_0"},
		{Q8_0, 2, 48, make([]float32, 96), "96 numbers are no 2 × 48, a row of which is a whole number of blocks of 32"},
		{F16, 2, 3, make([]float32, 5), "5 numbers are no 2 × 3, a row of which is a whole number of blocks of 1"},
		{Q4_0, 2, 32, inf, "number 8 of row 1 is -Inf, which Q4_0 can't represent"},
	} {
		if _, err := Quantize(c.kind, c.rows, c.cols, c.values); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.kind, err, c.want)
		}
	}
}

// TestHalves: every float16 and bfloat16 comes back as it was, and what lies between two is
// rounded to the nearer.
func TestHalves(t *testing.T) {
	for i := range 0x7c00 - 1 {
		low, high := half([]byte{byte(i), byte(i >> 8)}), half([]byte{byte(i + 1), byte((i + 1) >> 8)})
		for _, sign := range []float32{1, -1} {
			h := uint16(i) | uint16((1-sign)/2)<<15
			quarter := low + (high-low)/4
			if got := toHalf(sign * low); got != h {
				t.Fatalf("float16 %#x comes back as %#x", h, got)
			}
			if got := toHalf(sign * quarter); got != h {
				t.Fatalf("%g becomes %#x, want %#x", sign*quarter, got, h)
			}
			if got, want := toHalf(sign*(low+(high-low)/2)), h+h&1; got != want {
				t.Fatalf("between %#x and the next: %#x, want %#x", h, got, want)
			}
		}
	}
	for i := range 0x7f80 {
		if got := toBfloat(math.Float32frombits(uint32(i) << 16)); int(got) != i {
			t.Fatalf("bfloat16 %#x comes back as %#x", i, got)
		}
	}
	for bits, want := range map[uint32]uint16{0x3f808000: 0x3f80, 0x3f818000: 0x3f82, 0x3f808001: 0x3f81, 0x7fffffff: 0x7fff, 0x7f800001: 0x7fc0} {
		if got := toBfloat(math.Float32frombits(bits)); got != want {
			t.Errorf("%#x becomes the bfloat16 %#x, want %#x", bits, got, want)
		}
	}
}
