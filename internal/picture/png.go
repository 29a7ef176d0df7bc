package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"

	"atelier/internal/pngchunk"
)

const pngMagic = pngchunk.Signature

// maxProfile is the size limit of a decompressed colour profile.
const maxProfile = 1 << 20

// pngRoles are the roles of chunks (PNG, W3C 2025); all others are metadata. The first image of an
// animation is that of a plain PNG.
var pngRoles = map[string]role{
	"IHDR": needed, "PLTE": needed, "IDAT": needed, "IEND": needed, "tRNS": needed,
	"gAMA": needed, "cHRM": needed, "sRGB": needed, "sBIT": needed, "cICP": needed, "bKGD": needed,
	"iCCP": profile, "eXIf": exif, "exIf": exif, "acTL": later, "fcTL": later, "fdAT": later,
}

// pngXMP is the beginning of a text chunk with XMP.
const pngXMP = "XML:com.adobe.xmp\x00"

// openPNG splits a PNG into chunks.
func (f *File) openPNG() error {
	b := f.source
	f.add(needed, b[:len(pngMagic)])
	for at := len(pngMagic); ; {
		if len(b)-at < 12 || uint64(binary.BigEndian.Uint32(b[at:])) > uint64(len(b)-at-12) {
			return damaged("the chunk at byte %d ends after the file", at)
		}
		end := at + 12 + int(binary.BigEndian.Uint32(b[at:]))
		name, raw, body := string(b[at+4:at+8]), b[at:end], b[at+8:end-4]
		r, known := pngRoles[name]
		if !known {
			r = about
		}
		f.add(r, raw)
		switch {
		case name == "IHDR":
			if err := f.header(body); err != nil {
				return err
			}
		case name == "iCCP" && f.icc == nil:
			f.icc = unpackProfile(body)
		case r == exif:
			f.tiff = append(f.tiff, tiffIn(body))
		case name == "iTXt" && bytes.HasPrefix(body, []byte(pngXMP)):
			f.xmp = append(f.xmp, body)
		}
		at = end
		if name != "IEND" {
			continue
		}
		if at < len(b) {
			f.add(about, b[at:])
		}
		return nil
	}
}

// header reads the size of a PNG and its memory per pixel.
func (f *File) header(body []byte) error {
	if len(body) != 13 {
		return damaged("the header is too short")
	}
	width, height := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
	if err := f.setSize(int(min(width, 1<<31-1)), int(min(height, 1<<31-1))); err != nil {
		return err
	}
	depth, kind, interlaced := int(body[8]), body[9], body[12] != 0
	samples := map[byte]int{2: 3, 4: 2, 6: 4}[kind]
	f.least = f.Width * f.Height * max(samples, 1) * depth / 8 / deflateRatio
	perPixel := 1
	if samples > 0 { // in colour, or with alpha
		perPixel = 4
	}
	if depth == 16 {
		perPixel *= 2
	}
	if interlaced {
		perPixel *= 2
	}
	f.memory += f.Width * f.Height * perPixel
	return nil
}

// unpackProfile returns the colour profile of an iCCP chunk, nil if it is damaged.
func unpackProfile(body []byte) []byte {
	_, packed, found := bytes.Cut(body, []byte{0})
	if !found || len(packed) < 2 {
		return nil
	}
	r, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return nil
	}
	icc, err := io.ReadAll(io.LimitReader(r, maxProfile))
	if err != nil || len(icc) == maxProfile {
		return nil
	}
	return icc
}

// pngProfile makes an iCCP chunk.
func pngProfile(icc []byte) []byte {
	var packed bytes.Buffer
	packed.WriteString("ICC\x00\x00")
	w := zlib.NewWriter(&packed)
	w.Write(icc) // writing to memory does not fail
	w.Close()
	return pngchunk.Append(nil, "iCCP", packed.Bytes())
}
