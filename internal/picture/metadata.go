package picture

import (
	"bytes"
	"slices"

	"atelier/internal/pngchunk"
)

// Profile is the ICC profile of the picture, nil if there is none.
func (f *File) Profile() []byte { return f.icc }

// Animated reports whether the picture has more than one frame.
func (f *File) Animated() bool { return f.has(later) }

// Still returns the file with only its first frame, without re-encoding.
func (f *File) Still() *File { return f.without(later) }

// Anonymous returns the file without metadata, keeping pixels, orientation and colour space. It is
// the same file if there are none.
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
	if orientation != 1 && f.Format != TIFF { // TIFF stores it among the required tags
		out = out.with(exif, plain)
	}
	return out
}

// Bare returns the file without its colour profile.
func (f *File) Bare() *File { return f.without(profile) }

// without returns the file without the parts with some roles.
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

// packet is the first readable packet of XMP, nil if there is none.
func (f *File) packet() []byte {
	if len(f.xmp) == 0 {
		return nil
	}
	body := f.xmp[0]
	switch f.Format {
	case JPEG:
		return body[len(xmpName):]
	case PNG: // keyword, compression flag and method, language, translated keyword
		parts := bytes.SplitN(body[len(pngXMP):], []byte{0}, 5)
		if len(parts) < 5 || len(parts[0])+len(parts[1]) > 0 {
			return nil
		}
		return parts[4]
	}
	return body
}

// with returns the file with added EXIF data, colour profile or, as other metadata, XMP packet,
// none of which it had.
func (f *File) with(r role, body []byte) *File {
	raw, at := body, 1 // after the magic number of a JPEG
	switch {
	case f.Format == JPEG && r == exif:
		raw = appendSegment(nil, markEXIF, append([]byte(exifName), body...))
	case f.Format == JPEG && r == about:
		raw = appendSegment(nil, markEXIF, append([]byte(xmpName), body...))
	case f.Format == JPEG:
		raw = jpegProfile(body)
	case f.Format == PNG && r == exif:
		raw, at = pngchunk.Append(nil, "eXIf", body), 2 // and after the header
	case f.Format == PNG && r == about:
		raw, at = pngchunk.Append(nil, "iTXt", append([]byte(pngXMP+"\x00\x00\x00\x00"), body...)), 2
	case f.Format == PNG:
		raw, at = pngProfile(body), 2
	case f.Format == WebP && r == profile:
		raw = webpChunk("ICCP", body) // after the header
	case f.Format == WebP && r == exif:
		raw, at = webpChunk("EXIF", body), len(f.parts)
	case f.Format == WebP && r == about:
		raw, at = webpChunk("XMP ", body), len(f.parts)
	default:
		return f
	}
	out := *f
	out.whole = false
	out.parts = append(append(append([]part{}, f.parts[:at]...), part{r, raw}), f.parts[at:]...)
	switch r {
	case exif:
		out.tiff = [][]byte{tiffIn(body)}
	case profile:
		out.icc = body
	}
	out.flagWebP()
	return &out
}
