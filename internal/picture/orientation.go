package picture

import (
	"bytes"
	"encoding/binary"
	"regexp"
)

// Orientation is how the picture is to be turned, 1 to 8 as in EXIF (CIPA DC-008): what
// the first EXIF data that tell it say, or else XMP, in which editors note it where a
// format had no EXIF. It is 1, upright, where nothing is said or the metadata is damaged:
// the pixels are worth having anyway.
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
		if m := xmpOrientation.FindSubmatch(xmp); m != nil {
			return int(m[1][0] - '0')
		}
	}
	return 1
}

// xmpOrientation finds the orientation in XMP (ISO 16684-1), as attribute or element.
var xmpOrientation = regexp.MustCompile(`\btiff:Orientation(?:\s*=\s*["']|>)\s*([1-8])\s*["'<]`)

// exifName begins EXIF data in JPEG. Many programs put it before those in other formats.
const exifName = "Exif\x00\x00"

// tiffIn returns the TIFF structure that EXIF data are.
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

// The types in which the orientation is written: SHORT, as it should be, and others.
const (
	tiffByte  = 1
	tiffShort = 3
	tiffLong  = 4
)

// orientationIn reads the orientation from the first directory of a TIFF structure
// (TIFF 6.0), 0 if it is not told there.
func orientationIn(tiff []byte) int {
	var order binary.ByteOrder
	switch {
	case len(tiff) < 8:
		return 0
	case string(tiff[:4]) == "MM\x00*":
		order = binary.BigEndian
	case string(tiff[:4]) == "II*\x00":
		order = binary.LittleEndian
	default:
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

// orientationOf reads the value of an entry, 0 if it is none that there is.
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

// orientationExif is EXIF data that hold the orientation and nothing else.
func orientationExif(orientation int) []byte {
	b := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	b = binary.BigEndian.AppendUint16(b, uint16(orientation))
	return append(b, 0, 0, 0, 0, 0, 0)
}
