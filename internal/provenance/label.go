// Package provenance labels generated pictures: a PNG carries what it takes to
// make it again, and says to every program that reads XMP that it was generated.
package provenance

import (
	"bytes"
	"encoding/json"
	"fmt"

	"atelier/internal/badinput"
)

// A Label says how a picture was made.
type Label struct {
	Run        string            `json:"run"`                // name of the run, as in 0001-fashion
	Checkpoint string            `json:"checkpoint"`         // hash of the checkpoint
	Seeds      []uint64          `json:"seeds"`              // one a sample, in the order of a sheet
	Settings   map[string]string `json:"settings,omitempty"` // of the app, each as on its command line
	Version    string            `json:"version"`            // of the program
	Engine     string            `json:"engine"`             // path of the arithmetic
}

const (
	labelFormat  = 1
	labelLimit   = 4 << 20 // bytes
	labelKeyword = "atelier"
	xmpKeyword   = "XML:com.adobe.xmp"
)

// xmp states the digital source type of the IPTC: made by a trained model.
const xmp = `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>`

// ErrNoLabel is what Read finds in a PNG of another origin.
var ErrNoLabel = badinput.Errorf("the picture has no Atelier label: it was not made by atelier generate, or another program saved it since")

// stored is a label as it lies in the file.
type stored struct {
	Format int `json:"format"`
	Label
}

// Write returns the PNG with the label and the statement that it was generated,
// in place of such as it may have had. The pixels stay as they are.
func Write(png []byte, l Label) ([]byte, error) {
	text, err := json.Marshal(stored{labelFormat, l})
	if err != nil {
		return nil, err
	}
	if len(text) > labelLimit {
		return nil, fmt.Errorf("a label of %d bytes is too long; at most %d are allowed", len(text), labelLimit)
	}
	out := bytes.NewBuffer(make([]byte, 0, len(png)+len(text)+len(xmp)+200))
	out.WriteString(signature)
	for c, err := range chunks(png) {
		if err != nil {
			return nil, err
		}
		if k := c.keyword(); k == labelKeyword || k == xmpKeyword {
			continue
		}
		out.Write(c.raw)
		if c.kind == "IHDR" {
			out.Write(internationalText(labelKeyword, text))
			out.Write(internationalText(xmpKeyword, []byte(xmp)))
		}
	}
	return out.Bytes(), nil
}

// Read returns the label of a PNG. The error is ErrNoLabel if it has none.
func Read(png []byte) (Label, error) {
	for c, err := range chunks(png) {
		if err != nil {
			return Label{}, err
		}
		if c.keyword() == labelKeyword {
			return parse(c)
		}
	}
	return Label{}, ErrNoLabel
}

func parse(c chunk) (Label, error) {
	text, err := c.text()
	if err != nil {
		return Label{}, err
	}
	if len(text) > labelLimit {
		return Label{}, fmt.Errorf("the Atelier label is damaged: it has %d bytes; at most %d are allowed", len(text), labelLimit)
	}
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return Label{}, fmt.Errorf("the Atelier label is damaged: %w", err)
	}
	if s.Format < 1 || s.Format > labelFormat {
		return Label{}, badinput.Errorf("the Atelier label has format %d; this version of atelier reads formats up to %d: use a newer one", s.Format, labelFormat)
	}
	return s.Label, nil
}
