package simd

import "math"

func fromBoolGo(dst []float32, src []bool) {
	for i, b := range src {
		dst[i] = mask(b)
	}
}

func toBoolGo(dst []bool, src []float32) {
	for i, x := range src {
		dst[i] = x != 0
	}
}

func fromInt32Go(dst []float32, src []int32) {
	for i, n := range src {
		dst[i] = float32(n)
	}
}

func toInt32Go(dst []int32, src []float32) {
	for i, x := range src {
		switch {
		case x >= 1<<31:
			dst[i] = math.MaxInt32
		case x >= -1<<31:
			dst[i] = int32(x)
		case x < -1<<31:
			dst[i] = math.MinInt32
		default:
			dst[i] = 0
		}
	}
}

func fromBfloat16Go(dst []float32, src []uint16) {
	for i, h := range src {
		dst[i] = math.Float32frombits(uint32(h) << 16)
	}
}

func toBfloat16Go(dst []uint16, src []float32) {
	for i, x := range src {
		bits := math.Float32bits(x)
		if x != x {
			dst[i] = uint16(bits>>16) | 0x40
		} else {
			dst[i] = uint16((bits + 0x7fff + bits>>16&1) >> 16)
		}
	}
}

func fromFloat16Go(dst []float32, src []uint16) {
	for i, h := range src {
		dst[i] = fromFloat16(h)
	}
}

func toFloat16Go(dst []uint16, src []float32) {
	for i, x := range src {
		dst[i] = toFloat16(x)
	}
}

// fromFloat16 widens a float16: 1 bit of sign, 5 of exponent, 10 of fraction.
// NaN becomes a quiet one.
func fromFloat16(h uint16) float32 {
	sign := uint32(h>>15) << 31
	bits := uint32(h&0x7fff) << 13
	switch {
	case h&0x7fff > 0x7c00:
		bits |= 0xff<<23 | 1<<22
	case h&0x7c00 == 0x7c00:
		bits |= 0xff << 23
	case h&0x7c00 == 0: // subnormal: a multiple of 2^-24
		bits = math.Float32bits(float32(h&0x3ff) * (1.0 / (1 << 24)))
	default:
		bits += (127 - 15) << 23
	}
	return math.Float32frombits(sign | bits)
}

// toFloat16 rounds to the nearest float16, ties to even.
func toFloat16(x float32) uint16 {
	bits := math.Float32bits(x)
	sign := uint16(bits >> 16 & 0x8000)
	bits &^= 1 << 31
	switch {
	case bits > 0xff<<23: // NaN
		return sign | 0x7e00 | uint16(bits>>13&0x3ff)
	case bits >= (127+16)<<23:
		return sign | 0x7c00
	case bits < (127-14)<<23:
		// Below 2^-14 the last place is 2^-24, which is that of a float32 near 1/2.
		return sign | uint16(math.Float32bits(math.Float32frombits(bits)+0.5)-math.Float32bits(0.5))
	}
	bits -= (127 - 15) << 23
	return sign | uint16((bits+0xfff+bits>>13&1)>>13)
}
