package quant

// The K types have 256 values per block: eight groups of 32 or sixteen of 16, whose scales are
// themselves quantized (github.com/ggml-org/ggml, src/ggml-quants.c).

// Offsets within a block of Q4_K: two float16 scales, the packed scales and minima of the
// groups, the nibbles.
const (
	q4kScales = 4
	q4kQuants = 16
)

// Q4KScales returns the scales and minima of the eight groups of 32 of a block of Q4_K: a value is
// scale times its nibble minus the minimum.
func Q4KScales(block []byte) (scales, minima [8]float32) {
	d, dmin, s := half(block), half(block[2:]), block[q4kScales:q4kQuants]
	for i := range 4 {
		scales[i] = d * float32(s[i]&63)
		minima[i] = dmin * float32(s[i+4]&63)
		scales[i+4] = d * float32(s[i+8]&15|s[i]>>6<<4)
		minima[i+4] = dmin * float32(s[i+8]>>4|s[i+4]>>6<<4)
	}
	return scales, minima
}

// nibblesQ4K writes the nibbles of a block of Q4_K in order.
func nibblesQ4K(dst *[256]uint8, block []byte) {
	for i, b := range block[q4kQuants : q4kQuants+128] {
		at := i/32*64 + i%32
		dst[at] = b & 15
		dst[at+32] = b >> 4
	}
}

func readQ4K(dst []float32, block []byte) {
	var nibbles [256]uint8
	scales, minima := Q4KScales(block)
	nibblesQ4K(&nibbles, block)
	for i := range dst {
		dst[i] = float32(scales[i/32]*float32(nibbles[i])) - minima[i/32]
	}
}

// Offsets within a block of Q6_K: the lower four bits, the upper two, the scales of the
// groups, a float16 scale.
const (
	q6kUpper  = 128
	q6kScales = 192
	q6kScale  = 208
)

// Q6KScales returns the scales of the sixteen groups of 16 of a block of Q6_K.
func Q6KScales(block []byte) (scales [16]float32) {
	d := half(block[q6kScale:])
	for i := range scales {
		scales[i] = d * float32(int8(block[q6kScales+i]))
	}
	return scales
}

// bitsQ6K writes the 6 bits of each value of a block of Q6_K, which are offset by 32, in units of
// the scale.
func bitsQ6K(dst *[256]uint8, block []byte) {
	for half := range 2 {
		out, low, high := dst[128*half:], block[64*half:], block[q6kUpper+32*half:]
		for i := range 32 {
			out[i] = low[i]&15 | high[i]&3<<4
			out[i+32] = low[i+32]&15 | high[i]>>2&3<<4
			out[i+64] = low[i]>>4 | high[i]>>4&3<<4
			out[i+96] = low[i+32]>>4 | high[i]>>6<<4
		}
	}
}

func readQ6K(dst []float32, block []byte) {
	var bits [256]uint8
	scales := Q6KScales(block)
	bitsQ6K(&bits, block)
	for i := range dst {
		dst[i] = scales[i/16] * float32(int(bits[i])-32)
	}
}
