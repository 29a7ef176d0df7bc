package picture

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/image/tiff"
)

// The magic numbers of TIFF, by byte order.
const (
	tiffLittle = "II*\x00"
	tiffBig    = "MM\x00*"
)

// The tags of a TIFF (TIFF 6.0, Adobe 1992) that locate the pixels, and those that decide whether
// they can be read.
const (
	tagWidth, tagHeight       = 256, 257
	tagBits, tagCompression   = 258, 259
	tagColours                = 262
	tagOrientation            = 274
	tagStrips, tagStripBytes  = 273, 279
	tagTiles, tagTileBytes    = 324, 325
	tagSamples, tagPlanar     = 277, 284
	tagProfile, tagSampleKind = 34675, 339
)

// tiffTags are the tags needed to display the picture; the others are metadata.
var tiffTags = []uint16{
	tagWidth, tagHeight, tagBits, tagCompression, tagColours, 266, tagStrips, tagOrientation, tagSamples, 278, tagStripBytes, tagPlanar, 292, 293, 317, 320,
	322, 323, tagTiles, tagTileBytes, 338, tagSampleKind, tagProfile,
}

// tiffRatios are the largest expansions of a byte, by compression; a fax has none.
var tiffRatios = map[uint32]int{1: 1, 5: lzwRatio, 8: deflateRatio, 32773: packBitsRatio, 32946: deflateRatio}

// Names of unsupported kinds of TIFF, by compression and by colours.
var (
	unreadPacking = map[uint32]string{6: "packed as JPEG", 7: "packed as JPEG", 34712: "packed as JPEG 2000", 34925: "packed by LZMA", 50000: "packed by Zstandard", 50001: "packed as WebP"}
	unreadColours = map[uint32]string{5: "in the colours of print (CMYK)", 6: "in YCbCr", 8: "in CIE Lab", 9: "in CIE Lab", 10: "in CIE Lab"}
)

// unread names the kind of an unsupported page.
func (p *tiffPage) unread() string {
	switch {
	case p.number(tagPlanar, 1) != 1 && p.number(tagSamples, 1) > 1:
		return "with its colours one after another"
	case p.number(tagSampleKind, 1) != 1:
		return "with numbers that are negative or not whole"
	}
	return cmp.Or(unreadPacking[p.number(tagCompression, 1)], unreadColours[p.number(tagColours, 0)])
}

// maxTIFFEntries is more than any page has.
const maxTIFFEntries = 4096

// A tiffEntry is a tag of a page.
type tiffEntry struct {
	tag, kind uint16
	count     uint32
	value     []byte
}

// A tiffPage is the first page of a TIFF.
type tiffPage struct {
	order   binary.ByteOrder
	entries []tiffEntry
	pieces  [][]byte // strips or tiles
	next    uint32   // offset of the second page, 0 if there is none
}

// openTIFF extracts the first page of a TIFF: metadata and further pages may be anywhere in the
// file.
func (f *File) openTIFF() error {
	p, err := readTIFF(f.source)
	if err != nil {
		return damaged("%w", err)
	}
	width, height := p.number(tagWidth, 0), p.number(tagHeight, 0)
	if err := f.setSize(int(width), int(height)); err != nil {
		return err
	}
	if what := p.unread(); what != "" {
		return fmt.Errorf("a TIFF %s is not read; save it as PNG, as with: magick FILE.tif FILE.png", what)
	}
	if f.turn = int(p.number(tagOrientation, 1)); f.turn < 1 || f.turn > 8 {
		f.turn = 1
	}
	plain := p.write()
	if _, err := tiff.DecodeConfig(bytes.NewReader(plain)); err != nil {
		return tiffError(err)
	}
	f.memory = f.Width * f.Height * p.pixelBytes()
	// The library treats what a fax calls black as black, whichever value means it in the file.
	packing := p.number(tagCompression, 1)
	f.reversed = (packing == 3 || packing == 4) && p.number(tagColours, 0) == 1
	if ratio := tiffRatios[packing]; ratio > 0 {
		f.least = f.Width * f.Height * int(min(p.number(tagSamples, 1), 4)*min(p.number(tagBits, 1), 16)) / 8 / ratio
	}
	f.icc = p.entry(tagProfile).value
	f.add(needed, plain)
	if !bytes.Equal(plain, f.source) {
		f.add(about, nil)
	}
	if p.next != 0 {
		f.add(later, nil)
	}
	return nil
}

// pixelBytes is the size of a decoded pixel.
func (p *tiffPage) pixelBytes() int {
	n := 1
	if p.number(tagSamples, 1) > 1 || p.entry(tagBits).count > 1 {
		n = 4
	}
	if p.number(tagBits, 1) > 8 {
		n *= 2
	}
	return n
}

var errTIFF = errors.New("a TIFF of a kind that is not read; save it as PNG")

// tiffError distinguishes damaged files from unsupported ones.
func tiffError(err error) error {
	var unsupported tiff.UnsupportedError
	if errors.As(err, &unsupported) {
		return fmt.Errorf("%w (%w)", errTIFF, err)
	}
	return damaged("%w", err)
}

var errTIFFEnds = errors.New("a value ends after the file")

// readTIFF reads the first page.
func readTIFF(b []byte) (p tiffPage, err error) {
	if len(b) < 8 {
		return p, errTIFFEnds
	}
	p.order = binary.LittleEndian
	if string(b[:4]) == tiffBig {
		p.order = binary.BigEndian
	}
	list, err := piece(b, p.order.Uint32(b[4:]), 2)
	if err != nil {
		return p, err
	}
	n := uint32(p.order.Uint16(list))
	if n > maxTIFFEntries {
		return p, fmt.Errorf("a page of %d values", n)
	}
	if list, err = piece(b, p.order.Uint32(b[4:])+2, 12*n+4); err != nil {
		return p, err
	}
	p.next = p.order.Uint32(list[12*n:])
	for ; len(list) >= 12; list = list[12:] {
		e := tiffEntry{tag: p.order.Uint16(list), kind: p.order.Uint16(list[2:]), count: p.order.Uint32(list[4:]), value: list[8:12]}
		if !slices.Contains(tiffTags, e.tag) {
			continue
		}
		size := uint64(e.count) * uint64(tiffSize(e.kind))
		if size == 0 || size > uint64(len(b)) {
			return p, errTIFFEnds
		}
		if size > 4 {
			if e.value, err = piece(b, p.order.Uint32(e.value), uint32(size)); err != nil {
				return p, err
			}
		}
		e.value = e.value[:size]
		p.entries = append(p.entries, e)
	}
	return p, p.findPieces(b)
}

// tiffSize is the size of a value of a type, 0 if no relevant tag has it.
func tiffSize(kind uint16) int {
	switch kind {
	case 1, 2, 7:
		return 1
	case 3:
		return 2
	case 4:
		return 4
	}
	return 0
}

// piece is a part of the file.
func piece(b []byte, at, size uint32) ([]byte, error) {
	if uint64(at)+uint64(size) > uint64(len(b)) {
		return nil, errTIFFEnds
	}
	return b[at:][:size:size], nil
}

// findPieces finds the strips or tiles, which together must not exceed the file.
func (p *tiffPage) findPieces(b []byte) error {
	at, sizes := p.entry(tagStrips), p.entry(tagStripBytes)
	if p.entry(tagTiles).count > 0 {
		at, sizes = p.entry(tagTiles), p.entry(tagTileBytes)
	}
	if at.count == 0 || at.count != sizes.count {
		return errors.New("it does not say where the pixels are")
	}
	left := uint64(len(b))
	for i := range int(at.count) {
		size := p.at(sizes, i)
		if uint64(size) > left {
			return errors.New("its strips lie over each other")
		}
		left -= uint64(size)
		strip, err := piece(b, p.at(at, i), size)
		if err != nil {
			return err
		}
		p.pieces = append(p.pieces, strip)
	}
	return nil
}

// entry is the value of a tag, with count 0 if it is missing.
func (p *tiffPage) entry(tag uint16) tiffEntry {
	for _, e := range p.entries {
		if e.tag == tag {
			return e
		}
	}
	return tiffEntry{}
}

// number is the first number of a tag, or the default.
func (p *tiffPage) number(tag uint16, absent uint32) uint32 {
	e := p.entry(tag)
	if e.count == 0 {
		return absent
	}
	return p.at(e, 0)
}

// at is number i of a tag.
func (p *tiffPage) at(e tiffEntry, i int) uint32 {
	switch tiffSize(e.kind) {
	case 2:
		return uint32(p.order.Uint16(e.value[2*i:]))
	case 4:
		return p.order.Uint32(e.value[4*i:])
	}
	return uint32(e.value[i])
}
