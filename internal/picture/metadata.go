package picture

import (
	"bytes"
	"slices"

	"atelier/internal/pngchunk"
)

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
	if orientation != 1 && !f.has(about) && f.whole && len(f.tiff) == 1 && bytes.Equal(f.tiff[0], plain) {
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
	if !out.has(about) {
		out.xmp = nil
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
		out.tiff = [][]byte{tiffIn(body)}
	} else {
		out.icc = body
	}
	out.flagWebP()
	return &out
}
