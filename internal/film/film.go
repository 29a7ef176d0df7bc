// Package film reads and writes films: files of many frames, some with sound.
package film

import (
	"bytes"
	"image"
	"iter"

	"atelier/internal/animation"
	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// A Format is a film file format.
type Format string

// The formats. Y4M is uncompressed; AVI holds JPEG frames, and WebM VP8 key frames.
const (
	AVI  Format = "avi"
	Y4M  Format = "y4m"
	WebM Format = "webm"
)

// MediaType is the MIME type of the format.
func (f Format) MediaType() string {
	switch f {
	case AVI:
		return "video/x-msvideo"
	case Y4M:
		return "video/x-yuv4mpeg"
	}
	return "video/" + string(f)
}

// A Sound is PCM of 16 bits, samples of the channels in turn.
type Sound struct {
	Rate, Channels int
	Samples        []int16
}

// A Film is a series of frames of one size.
type Film struct {
	Frames []image.Image
	// Rate is the number of frames per second, 1 to 1000.
	Rate int
	// Sound is played with the frames, nil for none; only AVI holds it.
	Sound *Sound
}

// mostSide is the largest width and height that is written.
const mostSide = 1 << 14

// Encode writes the film. Transparent pixels are blended with white.
func (f Format) Encode(of *Film) ([]byte, error) {
	if len(of.Frames) == 0 {
		return nil, badinput.Errorf("a film without a frame")
	}
	size := of.Frames[0].Bounds().Size()
	if size.X > mostSide || size.Y > mostSide {
		return nil, badinput.Errorf("a film of %d×%d pixels; want at most %d a side", size.X, size.Y, mostSide)
	}
	flat := make([]image.Image, len(of.Frames))
	for i, m := range of.Frames {
		flat[i] = m
		if _, grey := m.(*image.Gray); !grey {
			flat[i] = picture.OnWhite(m)
		}
		if m.Bounds().Size() != size {
			return nil, badinput.Errorf("frame %d has %v pixels, the first has %v", i, m.Bounds().Size(), size)
		}
	}
	whole := *of
	whole.Frames = flat
	switch {
	case of.Sound != nil && f != AVI:
		return nil, badinput.Errorf("a film with sound is written as avi, not as %s", f)
	case f == AVI:
		return encodeAVI(&whole)
	case f == Y4M:
		return encodeY4M(&whole)
	case f == WebM:
		return encodeWebM(&whole)
	}
	return nil, badinput.Errorf("no films are written as %s", f)
}

// FormatOf is the format of a file that [Open] reads, empty if it is none of them or an
// animation of package animation.
func FormatOf(file []byte) Format {
	switch {
	case bytes.HasPrefix(file, []byte(y4mMark)):
		return Y4M
	case len(file) >= riffHead && string(file[:4]) == "RIFF" && string(file[8:riffHead]) == "AVI ":
		return AVI
	}
	return ""
}

// IsWebM reports whether a file is WebM or of another kind of Matroska, none of which is read.
func IsWebM(file []byte) bool { return bytes.HasPrefix(file, []byte("\x1a\x45\xdf\xa3")) }

// A Reel is an opened file, of which no frame is decoded yet.
type Reel struct {
	// N is the number of frames.
	N int
	// Size is that of a frame in pixels.
	Size image.Point
	// Rate is the number of frames per second; 0 if the file does not say.
	Rate int
	// Frames yields the frames in order. An error in a frame is yielded in its place, and is the
	// last.
	Frames iter.Seq2[image.Image, error]
}

// Open opens a film (AVI of JPEG frames, y4m), an animation (GIF, APNG, WebP) or a still picture,
// which has one frame. A damaged file is an error of [badinput], or yields one.
func Open(file []byte) (*Reel, error) {
	var reel *Reel
	var err error
	switch FormatOf(file) {
	case Y4M:
		reel, err = openY4M(file)
	case AVI:
		reel, err = openAVI(file)
	default:
		if IsWebM(file) {
			return nil, badinput.Errorf("WebM is not read; want AVI, y4m, GIF, APNG or WebP")
		}
		if picture.FormatOf(file) == "" {
			return nil, badinput.Errorf("not a clip that can be read; want AVI, y4m, GIF, APNG or WebP")
		}
		reel = &Reel{}
		reel.N, reel.Size, reel.Frames, err = animation.Frames(file)
	}
	return reel, badinput.Mark(err)
}

// Take decodes the first n frames, or all if there are fewer, within [animation.MostPixels].
func (r *Reel) Take(n int) (all []image.Image, err error) {
	if err := animation.Fits(min(n, r.N), r.Size); err != nil {
		return nil, err
	}
	held := 0
	for m, err := range r.Frames {
		if err != nil {
			return nil, err
		}
		// A file may hold frames larger than its first.
		if held += m.Bounds().Dx() * m.Bounds().Dy(); held > animation.MostPixels {
			return nil, badinput.Errorf("the frames have more than %d megapixels in all", animation.MostPixels>>20)
		}
		if all = append(all, m); len(all) == n {
			break
		}
	}
	return all, nil
}
