package random

// philox is Philox4x32-10: 128 random bits of a counter and a key, lower words
// first (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2,
// 3", 2011).
func philox(low, high, key uint64) (uint64, uint64) {
	const (
		multiplier0, multiplier1 = 0xd2511f53, 0xcd9e8d57
		weyl0, weyl1             = 0x9e3779b9, 0xbb67ae85
		rounds                   = 10
	)
	c0, c1, c2, c3 := uint32(low), uint32(low>>32), uint32(high), uint32(high>>32)
	k0, k1 := uint32(key), uint32(key>>32)
	for range rounds {
		p0, p1 := multiplier0*uint64(c0), multiplier1*uint64(c2)
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0 += weyl0
		k1 += weyl1
	}
	return uint64(c0) | uint64(c1)<<32, uint64(c2) | uint64(c3)<<32
}
