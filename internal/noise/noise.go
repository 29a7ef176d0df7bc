// Package noise generates random numbers that depend only on a key: (seed, step, index) always
// gives the same numbers, in any order, on any number of threads, before and after an interruption.
package noise

import "math/rand/v2"

// Stream returns the random numbers of a key: a seed and whatever distinguishes this use from
// others (a purpose, a step, an index).
func Stream(seed uint64, key ...uint64) *rand.Rand {
	hi, lo := mix(seed), mix(^seed)
	for _, k := range key {
		hi = mix(hi ^ k)
		lo = mix(lo + k)
	}
	return rand.New(rand.NewPCG(hi, lo))
}

// Normals fills dst with independent standard normal numbers for the key.
func Normals(dst []float32, seed uint64, key ...uint64) {
	rng := Stream(seed, key...)
	for i := range dst {
		dst[i] = float32(rng.NormFloat64())
	}
}

// Uniforms fills dst with independent uniform numbers in [0, 1) for the key.
func Uniforms(dst []float32, seed uint64, key ...uint64) {
	rng := Stream(seed, key...)
	for i := range dst {
		dst[i] = rng.Float32()
	}
}

// Bits are 64 random bits for a number. What they are drawn for may be its next key.
func Bits(key uint64) uint64 { return mix(key) }

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
