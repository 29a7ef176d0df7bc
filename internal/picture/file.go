// Package picture reads untrusted pictures: it parses their files, decodes them within limits, and
// writes them without metadata.
package picture

import (
	"bytes"
	"errors"
	"fmt"
)

// A Format is a picture file format.
type Format string

// The supported formats.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	GIF  Format = "gif"
	WebP Format = "webp"
	PBM  Format = "pbm"
	PGM  Format = "pgm"
	PPM  Format = "ppm"
	BMP  Format = "bmp"
	TIFF Format = "tiff"
)

// MediaType is the MIME type of the format.
func (f Format) MediaType() string {
	switch f {
	case PBM:
		return "image/x-portable-bitmap"
	case PGM:
		return "image/x-portable-graymap"
	case PPM:
		return "image/x-portable-pixmap"
	}
	return "image/" + string(f)
}

var errFormat = errors.New("not a picture that can be read; there are PNG, JPEG, GIF, WebP, BMP, TIFF, PBM, PGM and PPM")

// A File is a picture file, parsed but not decoded. It is immutable.
type File struct {
	Format        Format
	Width, Height int // in pixels, at least 1
	source        []byte
	parts         []part
	whole         bool // parts cover all of source, in order
	icc           []byte
	tiff, xmp     [][]byte // EXIF data and XMP, in file order
	turn          int      // the orientation in a TIFF's own tags
	reversed      bool     // a TIFF fax with black and white swapped
	memory        int      // memory for decoding in bytes, roughly
	least         int      // smallest possible size in bytes of the complete picture, 0 if unknown
}

// A part is a segment, chunk or block of a file.
type part struct {
	role role
	raw  []byte
}

// A role says what a part is for.
type role uint8

const (
	needed  role = iota // the picture itself
	profile             // colour profile
	exif                // EXIF data, including the orientation
	about               // other metadata
	later               // frames after the first
)

// Open parses a file. It rejects files that are not pictures, are truncated, exceed [MaxPixels], or
// take too much memory to decode.
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

// open parses a file without checking what it declares.
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
	case PBM, PGM, PPM:
		err = f.openNetpbm()
	default:
		err = errFormat
	}
	if err == nil && f.Width == 0 {
		err = damaged("it holds no picture")
	}
	return f, err
}

// FormatOf is the format by the file's magic number, empty if unsupported.
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
	}
	return formatOfNetpbm(b)
}

func (f *File) add(r role, raw []byte) { f.parts = append(f.parts, part{r, raw}) }

// has reports whether there is a part with that role.
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

// damaged describes what is wrong with a file that begins as a picture.
func damaged(format string, args ...any) error {
	return fmt.Errorf("the picture is cut short or damaged (%w)", fmt.Errorf(format, args...))
}
