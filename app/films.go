package app

import (
	"image"
	"math"
	"time"

	"atelier/internal/animation"
	"atelier/internal/film"
)

// The formats of films, besides those of animations.
const (
	formatAVI  = "avi"
	formatY4M  = "y4m"
	formatWebM = "webm"
)

// filmFormats are the formats of moving pictures, the usual one first.
var filmFormats = []string{formatWebM, formatGIF, formatAPNG, formatWebP, formatAVI, formatY4M}

// mostSides are the largest sides of moving pictures in pixels, by format.
var mostSides = map[string]int{
	formatGIF: math.MaxUint16, formatWebP: 1<<14 - 1, formatAPNG: math.MaxInt32, formatAVI: 1 << 14, formatY4M: 1 << 14, formatWebM: 1<<14 - 1,
}

// moving encodes frames in one of these formats, with so many frames per second. Only AVI holds
// sound; nil is none.
func moving(format string, frames []image.Image, rate int, sound *film.Sound) (file []byte, mediaType string, err error) {
	switch format {
	case formatAVI, formatY4M, formatWebM:
		f := film.Format(format)
		file, err = f.Encode(&film.Film{Frames: frames, Rate: rate, Sound: sound})
		return file, f.MediaType(), err
	}
	f := animation.Format(format)
	file, err = f.Encode(frames, time.Second/time.Duration(rate))
	return file, f.MediaType(), err
}
