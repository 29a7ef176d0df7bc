package xmp

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

const (
	head = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">`
	foot = `</r:RDF></x:xmpmeta><?xpacket end="w"?>`
)

var orientation = Name{"http://ns.adobe.com/tiff/1.0/", "Orientation"}

// Properties go as elements and as attributes, whatever their prefix, and a description of
// nothing else goes with them. All else stays byte for byte.
func TestWithout(t *testing.T) {
	const dc = ` xmlns:dc="http://purl.org/dc/elements/1.1/"`
	const tiff = ` xmlns:t="http://ns.adobe.com/tiff/1.0/"`
	kept := `<r:Description r:about=""` + dc + `><dc:rights>mine &amp; yours</dc:rights></r:Description>`
	for _, c := range []struct{ in, want string }{
		{kept, kept},
		{`<r:Description r:about=""` + tiff + ` t:Orientation="6"/>`, ""},
		{`<r:Description r:about=""` + tiff + `><t:Orientation>6</t:Orientation></r:Description>` + kept, kept},
		{kept + `<r:Description r:about=""` + tiff + " t:Orientation = '6'\n t:Make='x'/>", kept + `<r:Description r:about=""` + tiff + "\n t:Make='x'/>"},
		{`<r:Description` + tiff + dc + ` dc:source="a"><t:Orientation><r:Seq><r:li dc:x="y">6</r:li></r:Seq></t:Orientation></r:Description>`, `<r:Description` + tiff + dc + ` dc:source="a"></r:Description>`},
		{`<r:Description xmlns:t="urn:other" t:Orientation="6"/>`, `<r:Description xmlns:t="urn:other" t:Orientation="6"/>`},
		{"", ""},
	} {
		got, err := Without([]byte(head+c.in+foot), orientation)
		want := head + c.want + foot
		if c.want == "" {
			want = ""
		}
		if err != nil || string(got) != want {
			t.Errorf("%s:\n%s, want\n%s; error %v", c.in, got, want, err)
		}
	}
}

func TestWith(t *testing.T) {
	got, err := With([]byte(head+"<r:Description/>"+foot), []byte("<d/>"))
	if want := head + "<r:Description/><d/>" + foot; err != nil || string(got) != want {
		t.Errorf("%s, want %s; error %v", got, want, err)
	}
}

// What is hostile is refused: it is neither expanded nor followed into its depths.
func TestRefused(t *testing.T) {
	for name, packet := range map[string]string{
		"nothing": "", "text": "hello", "no RDF": "<a/>", "RDF without room": `<r:RDF xmlns:r="` + rdf + `"/>`,
		"cut short": head, "other bytes": head + "\xff" + foot, "entity": head + "&lol;" + foot,
		"document type": `<!DOCTYPE a [<!ENTITY lol "lol">]>` + head + foot,
		"too deep":      head + strings.Repeat("<a>", deepest) + strings.Repeat("</a>", deepest) + foot,
		"too large":     head + strings.Repeat(" ", Most) + foot,
	} {
		if _, err := Without([]byte(packet), orientation); err == nil {
			t.Errorf("%s was read", name)
		}
		if _, err := With([]byte(packet), nil); err == nil {
			t.Errorf("%s was added to", name)
		}
	}
}

// What is changed is XML still, and has the property no more.
func FuzzWithout(f *testing.F) {
	f.Add([]byte(head + `<r:Description xmlns:t="http://ns.adobe.com/tiff/1.0/" t:Orientation="6" r:about=""><t:Orientation>6</t:Orientation><t:Make>x</t:Make></r:Description>` + foot))
	f.Fuzz(func(t *testing.T, packet []byte) {
		got, err := Without(packet, orientation)
		if err != nil || got == nil {
			return
		}
		d := xml.NewDecoder(bytes.NewReader(got))
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%q became %q: %v", packet, got, err)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name == (xml.Name{Space: orientation.Space, Local: orientation.Local}) {
				t.Errorf("%q still has it: %q", packet, got)
			}
		}
	})
}
