package picture

import (
	"encoding/binary"
	"image"
	"slices"

	"atelier/internal/xmp"
)

// A Whole is a user's picture that is edited and returned: upright, with its alpha channel and
// metadata.
type Whole struct {
	// Pixels are those of the first frame, upright, with 8 bits per channel.
	Pixels *image.NRGBA

	icc  []byte // for RGB, nil if the colours are sRGB
	exif []byte // upright and without thumbnail, nil if there is none
	xmp  []byte // likewise
}

// outdated are the XMP properties that no longer hold: the picture is upright, thumbnails would
// show an earlier version, and extended XMP of JPEGs is not kept.
var outdated = []xmp.Name{
	{Space: "http://ns.adobe.com/tiff/1.0/", Local: "Orientation"},
	{Space: "http://ns.adobe.com/xap/1.0/", Local: "Thumbnails"},
	{Space: "http://ns.adobe.com/xmp/note/", Local: "HasExtendedXMP"},
}

// OpenWhole decodes a picture and makes it upright. Its EXIF data are kept, including place and
// time, except the orientation, which has been applied, and the thumbnail, which would show an
// earlier version; the same goes for XMP. An RGB colour profile is kept; grey with a profile
// becomes sRGB. Unreadable XMP is dropped.
func OpenWhole(b []byte) (*Whole, error) {
	f, err := Open(b)
	if err != nil {
		return nil, err
	}
	img, err := f.Decode()
	if err != nil {
		return nil, err
	}
	w := &Whole{}
	const space = 16 // offset of the colour space in a profile
	if icc := f.icc; len(icc) > space+4 {
		switch string(icc[space : space+4]) {
		case "RGB ":
			w.icc = icc
		case "GRAY":
			if c, err := ParseProfile(icc); err == nil {
				img = c.ToSRGB(img)
			}
		}
	}
	if len(f.tiff) > 0 {
		w.exif = upright(f.tiff[0])
	}
	if len(f.xmp) > 0 {
		if w.xmp, err = xmp.Without(f.packet(), outdated...); err != nil {
			w.xmp = nil
		}
	}
	w.Pixels = NRGBA(Turn(img, f.Orientation()))
	return w, nil
}

// SRGB are the pixels in sRGB, for files that have no room for a colour profile. A profile that cannot
// be read is left out.
func (w *Whole) SRGB() *image.NRGBA {
	if w.icc == nil {
		return w.Pixels
	}
	c, err := ParseProfile(w.icc)
	if err != nil || c.IsSRGB() {
		return w.Pixels
	}
	return NRGBA(c.ToSRGB(w.Pixels))
}

// Describe adds a description, as [xmp.With] takes it, to the XMP of the picture.
func (w *Whole) Describe(description string) {
	if packet, err := xmp.With(w.xmp, []byte(description)); err == nil {
		w.xmp = packet
		return
	}
	w.xmp = xmp.Packet([]byte(description))
}

// Encode writes pixels, with the picture's metadata, to a file of a format that [Format.Encode]
// supports.
func (w *Whole) Encode(pixels image.Image, format Format) ([]byte, error) {
	b, err := format.Encode(pixels)
	if err != nil {
		return nil, err
	}
	f, err := open(b)
	if err != nil {
		return nil, err
	}
	if w.icc != nil {
		f = f.with(profile, w.icc)
	}
	const mostSegment = 1<<16 - 3 // of a JPEG
	if w.exif != nil && (format != JPEG || len(exifName)+len(w.exif) <= mostSegment) {
		f = f.with(exif, w.exif)
	}
	if w.xmp != nil && (format != JPEG || len(xmpName)+len(w.xmp) <= mostSegment) {
		f = f.with(about, w.xmp)
	}
	return f.Bytes(), nil
}

// The tags of a thumbnail (TIFF 6.0, section 22).
const (
	thumbnailTag     = 0x201
	thumbnailSizeTag = 0x202
)

// upright returns a TIFF structure without orientation and thumbnail, nil if it is damaged.
func upright(tiff []byte) []byte {
	order := byteOrder(tiff)
	if order == nil {
		return nil
	}
	tiff = slices.Clone(tiff)
	entries, next, ok := directory(order, tiff, order.Uint32(tiff[4:]))
	if !ok {
		return nil
	}
	for e := range slices.Chunk(entries, ifdEntry) {
		if order.Uint16(e) == orientationTag {
			order.PutUint16(e[2:], tiffShort)
			order.PutUint32(e[4:], 1)
			clear(e[8:])
			order.PutUint16(e[8:], 1)
		}
	}
	entries, _, ok = directory(order, tiff, order.Uint32(next))
	clear(next[:4])
	if !ok {
		return tiff
	}
	var at, size uint32
	for e := range slices.Chunk(entries, ifdEntry) {
		switch order.Uint16(e) {
		case thumbnailTag:
			at = order.Uint32(e[8:])
		case thumbnailSizeTag:
			size = order.Uint32(e[8:])
		}
	}
	clear(entries)
	if uint64(at)+uint64(size) <= uint64(len(tiff)) && at >= 8 {
		clear(tiff[at:][:size])
	}
	return tiff
}

// directory returns the entries of a directory of a TIFF structure and the rest after them, which
// begins with the offset of the next directory.
func directory(order binary.ByteOrder, tiff []byte, offset uint32) (entries, next []byte, ok bool) {
	at := uint64(offset)
	if at < 8 || at+2 > uint64(len(tiff)) {
		return nil, nil, false
	}
	n := uint64(order.Uint16(tiff[at:])) * ifdEntry
	if at+2+n+4 > uint64(len(tiff)) {
		return nil, nil, false
	}
	return tiff[at+2 : at+2+n], tiff[at+2+n:], true
}

// Deep reports whether a PNG has 16 bits per channel.
func (f *File) Deep() bool {
	const depth = 24 // offset of the bit depth
	return f.Format == PNG && len(f.source) > depth && f.source[depth] == 16
}
