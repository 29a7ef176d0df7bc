package clean

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("near-texts", "drops near-duplicate texts and keeps the most complete, then the longest: MinHash of shingles (Broder 1997, doi:10.1109/SEQUEN.1997.666900) in one permutation, densified (Li et al. 2012, arXiv:1208.1259; Shrivastava 2017, arXiv:1703.04664)",
		func() data.Cleaner { return &NearTexts{Letters: 5, Ideographs: 3, Jaccard: 0.75} })
}

// Sizes of the signature of a text.
const (
	bins  = 512 // of the permutation; two bytes each
	bands = 32
	rows  = 7 // bins per band: at a Jaccard index of 0.75, 99 of 100 pairs share one of 32
)

// NearTexts drops a text if most of its shingles, runs of characters, are those of another; the
// least garbled, then the longest text is kept. Case, punctuation and spaces are ignored.
//
// A changed word of English changes about nine shingles of five letters, five of them its own: with
// 5 % of the words changed, the Jaccard index is about 0.87; with shingles of five words it would
// be 0.64.
type NearTexts struct {
	Letters    int     `help:"shingle length in characters, 2 to 64"`
	Ideographs int     `help:"shingle length for texts that are mostly Chinese, 1 to 64"`
	Jaccard    float64 `help:"smallest Jaccard similarity of shingles of near duplicates, 0.5 to 1"`
}

// Check refuses settings outside their range.
func (c *NearTexts) Check() error {
	switch {
	case c.Letters < 2 || c.Letters > 64:
		return registry.Unfit("letters", fmt.Sprintf("want 2 to 64 characters, got %d", c.Letters))
	case c.Ideographs < 1 || c.Ideographs > 64:
		return registry.Unfit("ideographs", fmt.Sprintf("want 1 to 64 characters, got %d", c.Ideographs))
	case !(c.Jaccard >= 0.5 && c.Jaccard <= 1):
		return registry.Unfit("jaccard", fmt.Sprintf("want 0.5 to 1, got %g", c.Jaccard))
	}
	return nil
}

// Clean implements [data.Cleaner]. Texts are compared by their sketches.
func (c *NearTexts) Clean(*data.Piece) error { return nil }

// Reason implements [data.Comparing].
func (c *NearTexts) Reason() string { return "near duplicate" }

// Sketch implements [data.Comparing].
func (c *NearTexts) Sketch(p *data.Piece) (data.Sketch, bool, error) {
	t, ok := textOf(p)
	if !ok {
		return data.Sketch{}, false, nil
	}
	var least minima
	if !least.read(t.body, c) {
		return data.Sketch{}, false, nil
	}
	sketch := least.sketch()
	sketch.Rank = t.rank(p)
	return sketch, true, nil
}

// Alike implements [data.Comparing].
func (c *NearTexts) Alike(a, b []byte) bool {
	return alike(a, b, int(math.Round(c.Jaccard*1000)))
}

// alike reports whether the estimated Jaccard index of two signatures, in thousandths, is at least
// a bound: the share, among bins that are filled in either, of those with the same minimum.
func alike(a, b []byte, thousandths int) bool {
	if len(a) != 2*bins || len(b) != 2*bins {
		return false
	}
	same, used := 0, 0
	for i := 0; i < len(a); i += 2 {
		x, y := binary.LittleEndian.Uint16(a[i:]), binary.LittleEndian.Uint16(b[i:])
		if x|y != 0 {
			used++
			if x == y {
				same++
			}
		}
	}
	return same*1000 >= thousandths*used
}

// minima are the smallest hashes in each bin.
type minima [bins]least

// least is the smallest hash of a bin, complemented; 0 in an empty bin.
type least uint64

// short is the part of a value that is compared: 0 only in an empty bin.
func (v least) short() uint16 {
	if v == 0 {
		return 0
	}
	return uint16(mix(uint64(v))%math.MaxUint16) + 1
}

// add puts a hash into its bin.
func (m *minima) add(hash uint64) {
	h := mix(hash)
	at := &m[h%bins]
	*at = max(*at, least(h|bins)) // complemented, so the largest is the minimum
}

// sketch returns the signature, and fills the empty bins.
func (m *minima) sketch() data.Sketch {
	signature := make([]byte, 0, 2*bins)
	for _, v := range m {
		signature = binary.LittleEndian.AppendUint16(signature, v.short())
	}
	m.densify()
	return data.Sketch{Bands: m.bands(), Signature: signature}
}

// densify fills each empty bin with the value of another, found by hashing.
func (m *minima) densify() {
	full := *m
	for i, v := range full {
		for try := uint64(1); v == 0; try++ {
			v = full[mix(uint64(i)<<32|try)%bins]
		}
		m[i] = v
	}
}

func (m *minima) bands() []uint64 {
	all := make([]uint64, bands)
	for b := range all {
		h := uint64(b)
		for _, v := range m[b*rows : (b+1)*rows] {
			h = mix(h ^ uint64(v))
		}
		all[b] = h
	}
	return all
}

// read adds the shingles of a text; false if it has no letter or digit.
func (m *minima) read(s string, c *NearTexts) bool {
	size, spaced := c.Letters, true
	if mostlyHan(s) {
		size, spaced = c.Ideographs, false
	}
	var ring [64]uint64
	power := uint64(1) // of the character that leaves the window
	for range size {
		power *= base
	}
	hash, n := uint64(0), 0
	gap := false
	push := func(r rune) {
		hash = hash*base + uint64(r) - power*ring[n%size]
		ring[n%size] = uint64(r)
		if n++; n >= size {
			m.add(hash)
		}
	}
	for _, r := range s {
		if r = folded(r); r == 0 {
			gap = spaced && n > 0
			continue
		}
		if gap {
			push(' ')
			gap = false
		}
		push(r)
	}
	if n > 0 && n < size {
		m.add(hash)
	}
	return n > 0
}

// base is the base of the polynomial hash of a shingle.
const base = 0x9e3779b97f4a7c15

// mix is the finalizer of SplitMix64 (Steele et al. 2014, doi:10.1145/2660193.2660195).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// folded is a letter in lower case, or a digit; 0 for anything else.
func folded(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return foldedASCII[r]
	case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
		return unicode.ToLower(r)
	}
	return 0
}

var foldedASCII = func() (table [utf8.RuneSelf]rune) {
	for r := range rune(utf8.RuneSelf) {
		if isASCIILetter(r) || r >= '0' && r <= '9' {
			table[r] = unicode.ToLower(r)
		}
	}
	return table
}()

// mostlyHan reports whether most of the first letters of a text are Chinese.
func mostlyHan(s string) bool {
	han, others := 0, 0
	for _, r := range s[:min(len(s), 4096)] {
		switch {
		case r >= 0x2e80 && unicode.Is(unicode.Han, r):
			han++
		case folded(r) != 0:
			others++
		}
	}
	return han > others/2
}
