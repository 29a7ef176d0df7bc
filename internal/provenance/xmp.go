package provenance

import (
	"bytes"
	"encoding/xml"
	"slices"

	"atelier/internal/xmp"
)

const (
	labelSpace = "urn:atelier:" // the name space of the label in XMP
	iptcSpace  = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
	aigcSpace  = "http://www.tc260.org.cn/ns/AIGC/1.0/"
	rdfSpace   = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
)

// own are our own properties in a packet.
var own = []xmp.Name{{Space: iptcSpace, Local: "DigitalSourceType"}, {Space: aigcSpace, Local: aigcKey}, {Space: labelSpace, Local: "label"}}

// XMP is a packet with the statement and, unless it is nil, the label.
func (s Statement) XMP(label []byte) []byte { return stated(nil, s, label) }

// stated is a packet that states what the work is and, if there is one, holds its label: the
// existing packet without our properties, or else a new one. With neither, it is the rest of the
// existing packet, nil if nothing is left.
func stated(old []byte, s Statement, label []byte) []byte {
	kept, err := xmp.Without(old, own...)
	if s.isEmpty() && label == nil {
		return kept
	}
	if err == nil && kept != nil {
		added := bytes.Join(descriptions(` xmlns:rdf="`+rdfSpace+`"`, s, label), nil)
		if whole, err := xmp.With(kept, added); err == nil {
			return whole
		}
	}
	return xmp.Packet(descriptions("", s, label)...)
}

// descriptions are the statement and, if there is one, the label, with namespaces declared by
// themselves.
func descriptions(declared string, s Statement, label []byte) (all [][]byte) {
	add := func(prefix, space, property string, value []byte) {
		if len(value) == 0 {
			return
		}
		var b bytes.Buffer
		b.WriteString(`<rdf:Description rdf:about=""` + declared + ` xmlns:` + prefix + `="` + space + `">
   <` + prefix + `:` + property + `>`)
		xml.EscapeText(&b, value) // a buffer never fails
		b.WriteString(`</` + prefix + `:` + property + `>
  </rdf:Description>`)
		all = append(all, b.Bytes())
	}
	add("Iptc4xmpExt", iptcSpace, "DigitalSourceType", []byte(s.Source))
	add("TC260", aigcSpace, aigcKey, s.AIGC.json())
	add("atelier", labelSpace, "label", label)
	return all
}

// heldIn returns label and statement of a packet.
func heldIn(packet []byte) (held bare) {
	if len(packet) > xmp.Most+labelLimit*6 { // the longest escape is of six bytes
		return held
	}
	d := xml.NewDecoder(bytes.NewReader(packet))
	for {
		token, err := d.Token()
		if err != nil {
			return held // the end, or invalid XML
		}
		at, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range at.Attr { // as other programs write properties
			if a.Value != "" {
				held.take(a.Name, a.Value)
			}
		}
		if !slices.Contains(own, xmp.Name{Space: at.Name.Space, Local: at.Name.Local}) {
			continue
		}
		var text string
		if err := d.DecodeElement(&text, &at); err != nil {
			return held
		}
		held.take(at.Name, text)
	}
}

// take keeps a property of a packet that is one of ours.
func (b *bare) take(name xml.Name, text string) {
	switch (xmp.Name{Space: name.Space, Local: name.Local}) {
	case own[0]:
		b.source = text
	case own[1]:
		b.aigc = []byte(text)
	case own[2]:
		b.label = []byte(text)
	}
}
