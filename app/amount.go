package app

import "atelier/internal/picture"

// An Amount is how much a request asks for, by which front ends bound what others may ask.
type Amount struct {
	// Works is how many works are asked for.
	Works int64 `json:"works"`
	// Tokens is how many tokens the texts may have, all together.
	Tokens int64 `json:"tokens,omitempty"`
	// Pixels is how many pixels the pictures among the files have, all together.
	Pixels int64 `json:"pixels,omitempty"`
}

// AmountOf is how much an app is asked for, as far as its inputs say: works are n, tokens n times
// length. The pixels of a picture are those that its file declares; nothing is decoded.
func AmountOf(a App) Amount {
	sum := Amount{Works: 1}
	var length int64
	for _, in := range Inputs(a) {
		switch v := in.Value.Interface().(type) {
		case int:
			switch in.Name {
			case "n":
				sum.Works = int64(max(v, 1))
			case "length":
				length = int64(max(v, 0))
			}
		case File:
			sum.Pixels += declaredPixels(v)
		case Files:
			for _, f := range v {
				sum.Pixels += declaredPixels(f)
			}
		}
	}
	sum.Tokens = sum.Works * length
	return sum
}

// declaredPixels is how many pixels a file declares, 0 if it is no picture that can be read.
func declaredPixels(f File) int64 {
	if picture.FormatOf(f.Bytes) == "" {
		return 0
	}
	p, err := picture.Open(f.Bytes)
	if err != nil {
		return 0
	}
	return int64(p.Width) * int64(p.Height)
}
