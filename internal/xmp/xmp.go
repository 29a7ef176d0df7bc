// Package xmp edits XMP packets (ISO 16684-1), and leaves unknown content unchanged.
package xmp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"sync"
	"unicode/utf8"
)

// Most is the size limit of a packet, in bytes.
const Most = 1 << 20

// deepest is the nesting limit of elements.
const deepest = 100

const (
	rdf       = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	namespace = "xmlns"
)

// A Name is the name of a property: namespace and local name.
type Name struct{ Space, Local string }

var errPacket = errors.New("not a packet of XMP that can be changed")

// Without removes properties with some names from a packet, wherever they are, and returns nil if
// no other property is left. The rest is unchanged byte for byte. It rejects what is not XMP in
// UTF-8, has a document type, is larger than [Most] or nested too deeply.
func Without(packet []byte, names ...Name) ([]byte, error) {
	s, err := scanned(packet, names)
	if err != nil || s.left == 0 {
		return nil, err
	}
	return s.rest(packet), nil
}

// With appends a description to a packet: an rdf:Description that declares its own namespaces. It
// rejects what [Without] rejects.
func With(packet, description []byte) ([]byte, error) {
	s, err := scanned(packet, nil)
	if err != nil {
		return nil, err
	}
	return slices.Concat(packet[:s.end], description, packet[s.end:]), nil
}

// Packet is a new packet of descriptions, whose namespaces are their own except rdf.
func Packet(descriptions ...[]byte) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="` + rdf + `">
`)
	for _, d := range descriptions {
		b.WriteString("  ")
		b.Write(d)
		b.WriteByte('\n')
	}
	b.WriteString(` </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>`)
	return b.Bytes()
}

// A span is a part of a packet.
type span struct{ from, to int }

// A scan is one pass over a packet.
type scan struct {
	names []Name
	drop  []span // in order
	left  int    // properties kept
	end   int    // end of the first rdf:RDF, 0 if there is none

	open []element
}

// An element is an open element.
type element struct {
	name   xml.Name
	at     int
	drops  int  // number of spans before it
	left   int  // properties kept before it
	goes   bool // whether it is a property being removed
	within bool // whether it is inside such a property
}

func scanned(packet []byte, names []Name) (*scan, error) {
	if len(packet) > Most || !utf8.Valid(packet) {
		return nil, errPacket
	}
	s := &scan{names: names}
	d := xml.NewDecoder(bytes.NewReader(packet))
	for {
		at := int(d.InputOffset())
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, errPacket
		}
		to := int(d.InputOffset())
		switch t := token.(type) {
		case xml.Directive:
			return nil, errPacket
		case xml.StartElement:
			if len(s.open) >= deepest {
				return nil, errPacket
			}
			if !s.begin(t, packet[at:to], at) {
				return nil, errPacket
			}
		case xml.EndElement:
			s.finish(at, to)
		}
	}
	if s.end == 0 {
		return nil, errPacket
	}
	return s, nil
}

func (s *scan) named(n xml.Name) bool { return slices.Contains(s.names, Name{n.Space, n.Local}) }

// inRDF reports whether the innermost open element is an rdf:RDF.
func (s *scan) inRDF() bool {
	return len(s.open) > 0 && s.open[len(s.open)-1].name == xml.Name{Space: rdf, Local: "RDF"}
}

// isDescription reports whether an element is an rdf:Description.
func isDescription(n xml.Name) bool { return n == xml.Name{Space: rdf, Local: "Description"} }

// attributes finds the attributes of a tag, each with the preceding space.
var attributes = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*')`)
})

// begin records an element whose tag is at a position, and reports whether it is valid.
func (s *scan) begin(t xml.StartElement, tag []byte, at int) bool {
	places := attributes().FindAllIndex(tag, -1)
	if len(places) != len(t.Attr) {
		return false
	}
	e := element{name: t.Name, at: at, drops: len(s.drop), left: s.left, goes: s.named(t.Name)}
	if n := len(s.open); n > 0 {
		e.within = s.open[n-1].within || s.open[n-1].goes
	}
	if !e.goes && !e.within {
		for i, a := range t.Attr {
			switch {
			case s.named(a.Name):
				s.drop = append(s.drop, span{at + places[i][0], at + places[i][1]})
			case a.Name.Space != namespace && a.Name != xml.Name{Local: namespace} && a.Name.Space != rdf:
				s.left++
			}
		}
		if len(s.open) > 0 && (isDescription(s.open[len(s.open)-1].name) || s.inRDF() && !isDescription(t.Name)) {
			s.left++
		}
	}
	s.open = append(s.open, e)
	return true
}

// finish ends the innermost element. A description with only removed properties is removed as a
// whole.
func (s *scan) finish(at, to int) {
	e := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	emptied := isDescription(e.name) && s.inRDF() && len(s.drop) > e.drops && s.left == e.left
	switch {
	case e.within:
	case e.goes || emptied:
		s.drop = append(s.drop[:e.drops], span{e.at, to})
	case e.name == xml.Name{Space: rdf, Local: "RDF"} && s.end == 0 && at < to:
		s.end = at
	}
}

// rest is the remainder of a packet.
func (s *scan) rest(packet []byte) (out []byte) {
	at := 0
	for _, d := range s.drop {
		out = append(out, packet[at:d.from]...)
		at = d.to
	}
	return append(out, packet[at:]...)
}
