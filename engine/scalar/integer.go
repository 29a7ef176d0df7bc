package scalar

func quotient[T integer](out, a, b []T) {
	for i, x := range a {
		if y := b[i]; y != 0 {
			out[i] = x / y
		} else {
			out[i] = ^y
		}
	}
}

func remainder[T integer](out, a, b []T) {
	for i, x := range a {
		if y := b[i]; y != 0 {
			x %= y
		}
		out[i] = x
	}
}

func power[T integer](out, a, b []T) {
	for i, x := range a {
		out[i] = raise(x, b[i])
	}
}

// raise computes x to the n-th power by squaring.
func raise[T integer](x, n T) T {
	y := T(1)
	if n < 0 {
		switch {
		case x == 1, ^x == 0 && n&1 == 0: // 1, or -1 to an even power
			return y
		case ^x == 0:
			return x
		}
		return 0
	}
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			y *= x
		}
		x *= x
	}
	return y
}

func and[T integer](out, a, b []T) {
	out, b = out[:len(a)], b[:len(a)]
	for i, x := range a {
		out[i] = x & b[i]
	}
}

func or[T integer](out, a, b []T) {
	out, b = out[:len(a)], b[:len(a)]
	for i, x := range a {
		out[i] = x | b[i]
	}
}

func xor[T integer](out, a, b []T) {
	out, b = out[:len(a)], b[:len(a)]
	for i, x := range a {
		out[i] = x ^ b[i]
	}
}

// A negative shift counts as a very large one.

func shiftLeft[T integer](out, a, b []T) {
	for i, x := range a {
		out[i] = x << uint64(b[i])
	}
}

func shiftRightArithmetic[T integer](out, a, b []T) {
	for i, x := range a {
		out[i] = x >> uint64(b[i])
	}
}

func shiftRightLogical[T integer](out, a, b []T) {
	for i, x := range a {
		out[i] = T(unsigned(x) >> uint64(b[i]))
	}
}
