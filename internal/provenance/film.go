package provenance

import (
	"bytes"
	"encoding/binary"
	"slices"

	"atelier/internal/badinput"
)

// An AVI is a RIFF file like a WAV, with the same list INFO, which comes last, so that the index of
// the frames stays right.
type aviFile struct{}

func (aviFile) is(file []byte) bool { return isRIFF(file, "AVI ") }

func (aviFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	return wavFile{}.write(file, s, label)
}

func (aviFile) read(file []byte) (bare, error) { return wavFile{}.read(file) }

// A WebM is an EBML file (RFC 8794, RFC 9559): elements of an ID, a length and data, some of which
// are elements in turn. Label and statement are tags of the last element of the segment.
type webmFile struct{}

// The elements by their IDs, with the bits that tell their lengths.
const (
	ebmlHeader   = 0x1a45dfa3
	webmSegment  = 0x18538067
	webmSeek     = 0x114d9b74
	webmCues     = 0x1c53bb6b
	webmCluster  = 0x1f43b675
	webmTags     = 0x1254c367
	webmTag      = 0x7373
	webmTargets  = 0x63c0
	webmSimple   = 0x67c8
	webmTagName  = 0x45a3
	webmTagText  = 0x4487
	webmLabel    = "ATELIER"
	webmSource   = "DIGITAL_SOURCE_TYPE"
	mostEBMLSize = 1<<56 - 1 // of 8 bytes; all ones is an unknown length
)

func (webmFile) is(file []byte) bool {
	return bytes.HasPrefix(file, []byte{0x1a, 0x45, 0xdf, 0xa3}) && bytes.Contains(file[:min(len(file), 128)], []byte("webm"))
}

// An ebmlElement is an element of an EBML file.
type ebmlElement struct {
	id   uint64
	data []byte
	raw  []byte // with ID and length
}

// ebmlNumber reads a number of variable length; an ID keeps the bit that tells its length.
func ebmlNumber(b []byte, isID bool) (v uint64, n int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	for n = 1; b[0]>>(8-n) == 0; n++ {
	}
	if len(b) < n {
		return 0, 0
	}
	for _, c := range b[:n] {
		v = v<<8 | uint64(c)
	}
	switch mask := uint64(1)<<(7*n) - 1; {
	case isID:
		return v, n
	case v&mask == mask:
		return mostEBMLSize, n
	default:
		return v & mask, n
	}
}

// ebmlFirst reads the first element. One of unknown length takes all that is left.
func ebmlFirst(b []byte) (ebmlElement, error) {
	id, n := ebmlNumber(b, true)
	size, m := ebmlNumber(b[n:], false)
	if size == mostEBMLSize {
		size = uint64(len(b) - n - m)
	}
	if n == 0 || m == 0 || size > uint64(len(b)-n-m) {
		return ebmlElement{}, badinput.Errorf("the WebM file is damaged or cut short")
	}
	end := n + m + int(size)
	return ebmlElement{id, b[n+m : end : end], b[:end:end]}, nil
}

// ebmlAll reads all elements.
func ebmlAll(b []byte) (all []ebmlElement, err error) {
	for len(b) > 0 {
		e, err := ebmlFirst(b)
		if err != nil {
			return nil, err
		}
		all, b = append(all, e), b[len(e.raw):]
	}
	return all, nil
}

// appendEBML appends an element.
func appendEBML(to []byte, id uint64, data []byte) []byte {
	var text [8]byte
	binary.BigEndian.PutUint64(text[:], id)
	to = append(to, bytes.TrimLeft(text[:], "\x00")...)
	to = binary.BigEndian.AppendUint64(to, uint64(len(data))|1<<56)
	return append(to, data...)
}

// segment are the header and the elements of the segment.
func (webmFile) segment(file []byte) (header []byte, all []ebmlElement, err error) {
	head, err := ebmlFirst(file)
	if err != nil {
		return nil, nil, err
	}
	s, err := ebmlFirst(file[len(head.raw):])
	if err != nil || s.id != webmSegment {
		return nil, nil, badinput.Errorf("the WebM file is damaged: it has no segment")
	}
	all, err = ebmlAll(s.data)
	return head.raw, all, err
}

// write puts the tags before the frames or, if the file says where those are, behind all else.
func (f webmFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	header, all, err := f.segment(file)
	if err != nil {
		return nil, err
	}
	tag := appendEBML(nil, webmTargets, nil)
	for _, t := range []struct {
		name string
		text []byte
	}{{webmLabel, label}, {webmSource, []byte(s.Source)}, {aigcKey, s.AIGC.json()}} {
		if len(t.text) > 0 {
			tag = appendEBML(tag, webmSimple, appendEBML(appendEBML(nil, webmTagName, []byte(t.name)), webmTagText, t.text))
		}
	}
	var tags, segment []byte
	if label != nil || !s.isEmpty() {
		tags = appendEBML(nil, webmTags, appendEBML(nil, webmTag, tag))
	}
	placed := slices.ContainsFunc(all, func(e ebmlElement) bool { return e.id == webmSeek || e.id == webmCues })
	for _, e := range all {
		if e.id == webmCluster && !placed {
			segment, tags = append(segment, tags...), nil
		}
		if e.id != webmTags || webmHeld(e) == (webmTexts{}) {
			segment = append(segment, e.raw...)
		}
	}
	segment = append(segment, tags...)
	return appendEBML(bytes.Clone(header), webmSegment, segment), nil
}

func (f webmFile) read(file []byte) (held bare, err error) {
	_, all, err := f.segment(file)
	for _, e := range all {
		if t := webmHeld(e); t != (webmTexts{}) {
			held.source = t.source
			if t.label != "" {
				held.label = []byte(t.label)
			}
			if t.aigc != "" {
				held.aigc = []byte(t.aigc)
			}
		}
	}
	return held, err
}

// webmTexts are the texts that write adds.
type webmTexts struct{ label, source, aigc string }

// webmHeld are those among tags, empty where there are none.
func webmHeld(tags ebmlElement) (held webmTexts) {
	if tags.id != webmTags {
		return held
	}
	each := func(of []ebmlElement, id uint64) (inner []ebmlElement) {
		for _, e := range of {
			if e.id == id {
				all, err := ebmlAll(e.data)
				if err != nil {
					return nil
				}
				inner = append(inner, all...)
			}
		}
		return inner
	}
	var name string
	for _, e := range each(each(each([]ebmlElement{tags}, webmTags), webmTag), webmSimple) {
		switch {
		case e.id == webmTagName:
			name = string(e.data)
		case e.id != webmTagText:
		case name == webmLabel:
			held.label = string(e.data)
		case name == webmSource:
			held.source = string(e.data)
		case name == aigcKey:
			held.aigc = string(e.data)
		}
	}
	return held
}
