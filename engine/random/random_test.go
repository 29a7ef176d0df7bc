package random

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// The known answers that the authors publish with Random123.
func TestKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{want: [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{
			[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
			[2]uint32{0xffffffff, 0xffffffff},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
		},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	} {
		low, high := philox(word(c.counter[0:]), word(c.counter[2:]), word(c.key[:]))
		if low != word(c.want[0:]) || high != word(c.want[2:]) {
			t.Errorf("philox(%#x, %#x) = %#x, %#x, want %#x", c.counter, c.key, low, high, c.want)
		}
	}
}

func word(halves []uint32) uint64 { return uint64(halves[0]) | uint64(halves[1])<<32 }

func state(words ...uint64) tensor.Tensor { return tensor.FromFlat(words, compute.RNGStateShape) }

// draw returns values and the state after them.
func draw(pool *threads.Pool, from tensor.Tensor, shape shapes.Shape) (values, after tensor.Tensor) {
	values, after = tensor.New(shape), tensor.New(compute.RNGStateShape)
	Bits(pool, after, values, from)
	return values, after
}

func TestSameBitsOnAnyNumberOfThreads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := state(rapid.Uint64().Draw(t, "key"), rapid.Uint64().Draw(t, "low"), rapid.Uint64().Draw(t, "high"))
		n := rapid.SampledFrom([]int{0, 1, 5, 16, 17, 1000, size * chunk, 2*size*chunk + 3}).Draw(t, "bytes")
		one, after := draw(threads.Single(), from, shapes.Make(dtypes.Uint8, n))
		two, again := draw(threads.New(3), from, shapes.Make(dtypes.Uint8, n))
		if !bytes.Equal(one.Bytes, two.Bytes) || !bytes.Equal(after.Bytes, again.Bytes) {
			t.Fatal("results differ")
		}
		// A shorter draw is the start of a longer one, and the state says where to go on.
		cut := n / 2 / size * size
		head, middle := draw(threads.Single(), from, shapes.Make(dtypes.Uint8, cut))
		tail, end := draw(threads.Single(), middle, shapes.Make(dtypes.Uint8, n-cut))
		if !bytes.Equal(one.Bytes, append(slices.Clone(head.Bytes), tail.Bytes...)) || !bytes.Equal(end.Bytes, after.Bytes) {
			t.Fatal("two draws are not one")
		}
	})
}

func TestTheCounterCarries(t *testing.T) {
	_, after := draw(threads.Single(), state(7, math.MaxUint64, 3), shapes.Make(dtypes.Uint32, 5))
	if got, want := tensor.Of[uint64](after), []uint64{7, 1, 4}; !slices.Equal(got, want) {
		t.Errorf("got %d, want %d", got, want)
	}
}

func TestTheStateMayBeUpdatedInPlace(t *testing.T) {
	s := state(1, 2, 3)
	values, after := draw(threads.Single(), s, shapes.Make(dtypes.Float32, 33))
	again := tensor.New(values.Shape)
	Bits(threads.Single(), s, again, s)
	if !bytes.Equal(values.Bytes, again.Bytes) || !bytes.Equal(s.Bytes, after.Bytes) {
		t.Error("results differ")
	}
}

func TestBooleansAreFair(t *testing.T) {
	values, _ := draw(threads.Single(), state(5, 0, 0), shapes.Make(dtypes.Bool, 10_000))
	count := 0
	for i, b := range values.Bytes {
		if b > 1 {
			t.Fatalf("byte %d is %d", i, b)
		}
		count += int(b)
	}
	if math.Abs(float64(count)-5000) > 250 { // 5 standard deviations
		t.Errorf("%d of 10000 are true", count)
	}
}

// Every bit of a word is set half of the time, and neighbours do not agree more often.
func TestBitsAreFair(t *testing.T) {
	const n = 1 << 14
	values, _ := draw(threads.Single(), state(11, 0, 0), shapes.Make(dtypes.Uint64, n))
	words := tensor.Of[uint64](values)
	var set [64]int
	agree := 0
	for i, w := range words {
		for b := range set {
			set[b] += int(w >> b & 1)
		}
		agree += 64 - bits.OnesCount64(w^words[(i+1)%n])
	}
	for b, got := range set {
		if math.Abs(float64(got)-n/2) > 5*math.Sqrt(n)/2 {
			t.Errorf("bit %d is set %d times of %d", b, got, n)
		}
	}
	if math.Abs(float64(agree)-32*n) > 5*math.Sqrt(64*n)/2 {
		t.Errorf("neighbours agree in %d bits of %d", agree, 64*n)
	}
}

func TestWrongState(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a state of two words was taken")
		}
	}()
	two := tensor.New(shapes.Make(dtypes.Uint64, 2))
	Bits(threads.Single(), two, two, two)
}

func BenchmarkBits(b *testing.B) {
	values, s := tensor.New(shapes.Make(dtypes.Uint32, 1<<20)), state(1, 2, 3)
	b.SetBytes(int64(len(values.Bytes)))
	pool := threads.New(2)
	for b.Loop() {
		Bits(pool, s, values, s)
	}
}
