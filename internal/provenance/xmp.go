package provenance

import (
	"bytes"
	"encoding/xml"
)

// statement is the digital source type of the IPTC: made by a trained model.
const statement = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

// labelSpace is the name space of the label in XMP.
const labelSpace = "urn:atelier:"

// xmp is a packet that states what the picture is and, if there is one, holds its label.
func xmp(label []byte) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <Iptc4xmpExt:DigitalSourceType>` + statement + `</Iptc4xmpExt:DigitalSourceType>
  </rdf:Description>
`)
	if label != nil {
		b.WriteString(`  <rdf:Description rdf:about="" xmlns:atelier="` + labelSpace + `">
   <atelier:label>`)
		xml.EscapeText(&b, label) // a buffer takes everything
		b.WriteString(`</atelier:label>
  </rdf:Description>
`)
	}
	b.WriteString(` </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>`)
	return b.Bytes()
}

// labelIn returns the label in a packet, nil if there is none.
func labelIn(packet []byte) []byte {
	d := xml.NewDecoder(bytes.NewReader(packet))
	for {
		token, err := d.Token()
		if err != nil {
			return nil // the end, or no XML
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
