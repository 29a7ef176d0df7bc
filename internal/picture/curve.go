package picture

import (
	"encoding/binary"
	"math"
)

// toneCurve reads a tone curve of a profile, from levels to linear light, both in [0, 1]; nil if it
// is damaged.
func toneCurve(t []byte) func(float64) float64 {
	if len(t) < 12 {
		return nil
	}
	switch string(t[:4]) {
	case "curv":
		return sampledCurve(t[8:])
	case "para":
		return parametricCurve(t[8:])
	}
	return nil
}

func sampledCurve(t []byte) func(float64) float64 {
	count := uint64(binary.BigEndian.Uint32(t))
	if uint64(len(t)) < 4+2*count {
		return nil
	}
	value := func(i int) float64 { return float64(binary.BigEndian.Uint16(t[4+2*i:])) }
	switch count {
	case 0:
		return func(v float64) float64 { return v }
	case 1:
		gamma := value(0) / 256
		return func(v float64) float64 { return math.Pow(v, gamma) }
	}
	return func(v float64) float64 {
		at := v * float64(count-1)
		i := min(int(at), int(count)-2)
		far := at - float64(i)
		return (float64(value(i)*(1-far)) + float64(value(i+1)*far)) / 65535
	}
}

// parametricCurve reads a parametric curve of ICC.1:2022, table 68.
func parametricCurve(t []byte) func(float64) float64 {
	kind := binary.BigEndian.Uint16(t)
	if kind > 4 || len(t) < 4+4*[]int{1, 3, 4, 5, 7}[kind] {
		return nil
	}
	var p [7]float64 // g a b c d e f
	for i := range []int{1, 3, 4, 5, 7}[kind] {
		p[i] = fixed(t[4+4*i:])
	}
	g, a, b, c, d, e, f := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	power := func(v float64) float64 { return math.Pow(max(float64(a*v)+b, 0), g) }
	switch kind {
	case 0:
		return func(v float64) float64 { return math.Pow(v, g) }
	case 1, 2: // c is added to both branches, and is 0 for kind 1
		return func(v float64) float64 {
			if float64(a*v)+b < 0 {
				return c
			}
			return power(v) + c
		}
	}
	return func(v float64) float64 { // e and f are 0 for kind 3
		if v < d {
			return float64(c*v) + f
		}
		return power(v) + e
	}
}
