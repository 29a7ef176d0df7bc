package provenance

import (
	"bytes"
	"encoding/xml"

	"atelier/internal/xmp"
)

const (
	labelSpace = "urn:atelier:" // the name space of the label in XMP
	iptcSpace  = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
	rdfSpace   = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
)

// own are our own properties in a packet.
var own = []xmp.Name{{Space: iptcSpace, Local: "DigitalSourceType"}, {Space: labelSpace, Local: "label"}}

// stated is a packet that states what the picture is and, if there is one, holds its label: the
// existing packet without our properties, or else a new one.
func stated(old []byte, source Source, label []byte) []byte {
	if kept, err := xmp.Without(old, own...); err == nil && kept != nil {
		added := bytes.Join(descriptions(` xmlns:rdf="`+rdfSpace+`"`, source, label), nil)
		if whole, err := xmp.With(kept, added); err == nil {
			return whole
		}
	}
	var b bytes.Buffer
	b.WriteString(`<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="` + rdfSpace + `">
`)
	for _, d := range descriptions("", source, label) {
		b.WriteString("  ")
		b.Write(d)
		b.WriteByte('\n')
	}
	b.WriteString(` </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>`)
	return b.Bytes()
}

// descriptions are the statement and, if there is one, the label, with namespaces declared by
// themselves.
func descriptions(declared string, source Source, label []byte) [][]byte {
	begin := `<rdf:Description rdf:about=""` + declared
	all := [][]byte{[]byte(begin + ` xmlns:Iptc4xmpExt="` + iptcSpace + `">
   <Iptc4xmpExt:DigitalSourceType>` + source.address() + `</Iptc4xmpExt:DigitalSourceType>
  </rdf:Description>`)}
	if label == nil {
		return all
	}
	var b bytes.Buffer
	b.WriteString(begin + ` xmlns:atelier="` + labelSpace + `">
   <atelier:label>`)
	xml.EscapeText(&b, label) // a buffer never fails
	b.WriteString(`</atelier:label>
  </rdf:Description>`)
	return append(all, b.Bytes())
}

// labelIn returns the label in a packet, nil if there is none.
func labelIn(packet []byte) []byte {
	d := xml.NewDecoder(bytes.NewReader(packet))
	for {
		token, err := d.Token()
		if err != nil {
			return nil // the end, or invalid XML
		}
		at, ok := token.(xml.StartElement)
		if !ok || at.Name != (xml.Name{Space: labelSpace, Local: "label"}) {
			continue
		}
		var text string
		if err := d.DecodeElement(&text, &at); err != nil {
			return nil
		}
		return []byte(text)
	}
}
