package picture

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/bep/imagemeta"

	"atelier/internal/pngchunk"
)

var metadataFormats = map[Format]imagemeta.ImageFormat{
	JPEG: imagemeta.JPEG, PNG: imagemeta.PNG, WebP: imagemeta.WebP,
}

// Orientation is how the picture is to be turned, 1 to 8 as in EXIF (CIPA DC-008). It
// is 1, upright, where nothing is said or the metadata is damaged: the pixels are worth
// having anyway.
func (f *File) Orientation() int {
	if f.Format == TIFF {
		return f.turn
	}
	kind, ok := metadataFormats[f.Format]
	if !ok || f.tiff == nil {
		return 1
	}
	found := 1
	isOrientation := func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" && t.Namespace == "IFD0" }
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(f.Bytes()), ImageFormat: kind, Sources: imagemeta.EXIF,
		ShouldHandleTag: isOrientation,
		HandleTag: func(t imagemeta.TagInfo) error {
			if v, ok := t.Value.(uint16); ok && v >= 1 && v <= 8 {
				found = int(v)
			}
			return imagemeta.ErrStopWalking
		},
	})
	return found
}

// Profile is the ICC profile of the picture's colours, nil if there is none.
func (f *File) Profile() []byte { return f.icc }

// Animated reports whether the picture has frames after the first.
func (f *File) Animated() bool { return f.has(later) }

// Still returns the file with nothing but the first frame, whose bytes stay as they are.
func (f *File) Still() *File { return f.without(later) }

// Anonymous returns the file without all that is told about the picture; its pixels,
// their orientation and their colour space stay as they are. It is the same file if
// there is nothing of that kind.
func (f *File) Anonymous() *File {
	if !f.has(exif) && !f.has(about) && f.whole {
		return f
	}
	orientation := f.Orientation()
	plain := orientationExif(orientation)
	if orientation != 1 && !f.has(about) && f.whole && bytes.Equal(f.tiff, plain) {
		return f
	}
	out := f.without(about, exif)
	if orientation != 1 && f.Format != TIFF { // which says it among what is needed
		out = out.with(exif, plain)
	}
	return out
}

// Bare returns the file without its colour profile.
func (f *File) Bare() *File { return f.without(profile) }

// without returns the file without the parts of some roles.
func (f *File) without(roles ...role) *File {
	out := *f
	out.parts, out.whole = nil, false
	for _, p := range f.parts {
		if !slices.Contains(roles, p.role) {
			out.parts = append(out.parts, p)
		}
	}
	if !out.has(exif) {
		out.tiff = nil
	}
	if !out.has(profile) {
		out.icc = nil
	}
	out.flagWebP()
	return &out
}

// with returns the file with EXIF data or a colour profile, which it did not have.
func (f *File) with(r role, body []byte) *File {
	raw, at := body, 1 // after the magic number of a JPEG
	switch {
	case f.Format == JPEG && r == exif:
		raw = appendSegment(nil, markEXIF, append([]byte(exifName), body...))
	case f.Format == JPEG:
		raw = jpegProfile(body)
	case f.Format == PNG && r == exif:
		raw, at = pngchunk.Append(nil, "eXIf", body), 2 // and after the header
	case f.Format == PNG:
		raw, at = pngProfile(body), 2
	case f.Format == WebP && r == exif:
		raw, at = webpChunk("EXIF", body), len(f.parts)
	default:
		return f
	}
	out := *f
	out.whole = false
	out.parts = append(append(append([]part{}, f.parts[:at]...), part{r, raw}), f.parts[at:]...)
	if r == exif {
		out.tiff = body
	} else {
		out.icc = body
	}
	out.flagWebP()
	return &out
}

// orientationExif is EXIF data that hold the orientation and nothing else.
func orientationExif(orientation int) []byte {
	b := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	b = binary.BigEndian.AppendUint16(b, uint16(orientation))
	return append(b, 0, 0, 0, 0, 0, 0)
}
