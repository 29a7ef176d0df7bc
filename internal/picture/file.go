// Package picture reads pictures of strangers: it takes their files apart, decodes
// them within limits, and writes them without what does not belong to the picture.
package picture

import (
	"bytes"
	"errors"
	"fmt"
)

// A Format is a way of writing pictures to files.
type Format string

// The formats that can be read.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	GIF  Format = "gif"
	WebP Format = "webp"
	PGM  Format = "pgm"
	BMP  Format = "bmp"
	TIFF Format = "tiff"
)

// MediaType is the MIME type of the format.
func (f Format) MediaType() string {
	if f == PGM {
		return "image/x-portable-graymap"
	}
	return "image/" + string(f)
}

var errFormat = errors.New("not a picture that can be read; there are PNG, JPEG, GIF, WebP, BMP, TIFF and PGM")

// A File is a picture's file, taken apart and not decoded. It is never changed.
type File struct {
	Format        Format
	Width, Height int // in pixels, at least 1
	source        []byte
	parts         []part
	whole         bool // parts are all of source, in its order
	icc           []byte
	tiff, xmp     [][]byte // the EXIF data and XMP, in their order
	turn          int      // the orientation that a TIFF says itself
	memory        int      // bytes that decoding takes, roughly
	least         int      // bytes without which the picture cannot be whole, 0 if that is not known
}

// A part is a segment, chunk or block of a file.
type part struct {
	role role
	raw  []byte
}

// A role says what a part is there for.
type role uint8

const (
	needed  role = iota // the picture itself
	profile             // its colour space
	exif                // EXIF data, the orientation among them
	about               // anything else that is told about it
	later               // frames after the first
)

// Open takes a file apart. It refuses what is no picture, cut short, larger than
// [MaxPixels], or takes too much memory to decode.
func Open(b []byte) (*File, error) {
	f, err := open(b)
	if err == nil {
		err = f.affordable()
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// open takes a file apart whose claims are believed.
func open(b []byte) (*File, error) {
	f := &File{source: b, whole: true, Format: FormatOf(b)}
	var err error
	switch f.Format {
	case JPEG:
		err = f.openJPEG()
	case PNG:
		err = f.openPNG()
	case GIF:
		err = f.openGIF()
	case WebP:
		err = f.openWebP()
	case BMP:
		err = f.openBMP()
	case TIFF:
		err = f.openTIFF()
	case PGM:
		err = f.openPGM()
	default:
		err = errFormat
	}
	if err == nil && f.Width == 0 {
		err = damaged("it holds no picture")
	}
	return f, err
}

// FormatOf is the format that a file begins as, empty if it is none that is read.
func FormatOf(b []byte) Format {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(b, []byte(pngMagic)):
		return PNG
	case bytes.HasPrefix(b, []byte("GIF87a")), bytes.HasPrefix(b, []byte("GIF89a")):
		return GIF
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return WebP
	case isBMP(b):
		return BMP
	case bytes.HasPrefix(b, []byte(tiffLittle)), bytes.HasPrefix(b, []byte(tiffBig)):
		return TIFF
	case len(b) > 2 && string(b[:2]) == "P5" && isPGMSpace(b[2]), bytes.HasPrefix(b, []byte("P5#")):
		return PGM
	}
	return ""
}

func (f *File) add(r role, raw []byte) { f.parts = append(f.parts, part{r, raw}) }

// has reports whether there is a part of that role.
func (f *File) has(r role) bool {
	for _, p := range f.parts {
		if p.role == r {
			return true
		}
	}
	return false
}

// Bytes is what the file holds.
func (f *File) Bytes() []byte {
	if f.whole {
		return f.source
	}
	var raw [][]byte
	for _, p := range f.parts {
		raw = append(raw, p.raw)
	}
	b := bytes.Join(raw, nil)
	if f.Format == WebP {
		return riff(b)
	}
	return b
}

// damaged says what is wrong with a file that began as a picture.
func damaged(format string, args ...any) error {
	return fmt.Errorf("the picture is cut short or damaged (%w)", fmt.Errorf(format, args...))
}
