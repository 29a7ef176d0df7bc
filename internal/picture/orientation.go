package picture

import (
	"bytes"
	"encoding/binary"

	"atelier/internal/pattern"
)

// Orientation is the orientation of the picture, 1 to 8 as in EXIF (CIPA DC-008): from the first
// EXIF data with one, or else XMP, where editors put it in formats without EXIF. It is 1, upright,
// if there is none or the metadata are damaged: the pixels are still useful.
func (f *File) Orientation() int {
	if f.Format == TIFF {
		return f.turn
	}
	for _, tiff := range f.tiff {
		if o := orientationIn(tiff); o > 0 {
			return o
		}
	}
	for _, xmp := range f.xmp {
		if m := xmpOrientation().FindSubmatch(xmp); m != nil {
			return int(m[1][0] - '0')
		}
	}
	return 1
}

// xmpOrientation finds the orientation in XMP (ISO 16684-1), as attribute or element.
var xmpOrientation = pattern.New(`\btiff:Orientation(?:\s*=\s*["']|>)\s*([1-8])\s*["'<]`)

// exifName is the prefix of EXIF data in JPEG. Many programs use it in other formats, too.
const exifName = "Exif\x00\x00"

// tiffIn returns the TIFF structure in EXIF data.
func tiffIn(body []byte) []byte {
	for bytes.HasPrefix(body, []byte(exifName)) {
		body = body[len(exifName):]
	}
	return body
}

const (
	orientationTag = 0x112
	ifdEntry       = 12 // bytes
)

// Types of the orientation tag: SHORT, as specified, and others in use.
const (
	tiffByte  = 1
	tiffShort = 3
	tiffLong  = 4
)

// byteOrder is the byte order of a TIFF structure, nil if it is none.
func byteOrder(tiff []byte) binary.ByteOrder {
	switch {
	case len(tiff) < 8:
	case string(tiff[:4]) == "MM\x00*":
		return binary.BigEndian
	case string(tiff[:4]) == "II*\x00":
		return binary.LittleEndian
	}
	return nil
}

// orientationIn reads the orientation from the first directory of a TIFF structure (TIFF 6.0), 0 if
// there is none.
func orientationIn(tiff []byte) int {
	order := byteOrder(tiff)
	if order == nil {
		return 0
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < ifdEntry {
			return 0
		}
		if order.Uint16(entries) == orientationTag {
			return orientationOf(order, entries)
		}
		entries = entries[ifdEntry:]
	}
	return 0
}

// orientationOf reads the value of an entry, 0 if it is invalid.
func orientationOf(order binary.ByteOrder, entry []byte) int {
	var v uint32
	switch order.Uint16(entry[2:]) {
	case tiffByte:
		v = uint32(entry[8])
	case tiffShort:
		v = uint32(order.Uint16(entry[8:]))
	case tiffLong:
		v = order.Uint32(entry[8:])
	}
	if v > 8 {
		return 0
	}
	return int(v)
}

// orientationExif returns EXIF data with only an orientation.
func orientationExif(orientation int) []byte {
	b := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	b = binary.BigEndian.AppendUint16(b, uint16(orientation))
	return append(b, 0, 0, 0, 0, 0, 0)
}
