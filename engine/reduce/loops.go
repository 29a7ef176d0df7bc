package reduce

type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

type number interface{ integer | float32 | float64 }

func fill[T any](values []T, v T) {
	for i := range values {
		values[i] = v
	}
}

func sum[T number](acc, in []T) {
	acc = acc[:len(in)]
	for i, x := range in {
		acc[i] += x
	}
}

func product[T number](acc, in []T) {
	acc = acc[:len(in)]
	for i, x := range in {
		acc[i] *= x
	}
}

func larger[T number](acc, in []T) {
	acc = acc[:len(in)]
	for i, x := range in {
		acc[i] = max(acc[i], x)
	}
}

func smaller[T number](acc, in []T) {
	acc = acc[:len(in)]
	for i, x := range in {
		acc[i] = min(acc[i], x)
	}
}

func and[T integer](acc, in []T) {
	acc = acc[:len(in)]
	for i, x := range in {
		acc[i] &= x
	}
}

func or[T integer](acc, in []T) {
	acc = acc[:len(in)]
	for i, x := range in {
		acc[i] |= x
	}
}

func xor[T integer](acc, in []T) {
	acc = acc[:len(in)]
	for i, x := range in {
		acc[i] ^= x
	}
}
