package provenance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"atelier/internal/c2pa"
)

// A Checked is what a file says of itself, and whether that holds together. Without a signature of
// someone who is trusted it proves nothing: who can change a file can label it again.
type Checked struct {
	// Label is the label, nil if there is none that can be read.
	Label *Label
	// Statement is what the file says in terms of standards; empty if it says nothing.
	Statement Statement
	// Content reports how the work compares with the hash in its label.
	Content Content
	// Signature is the C2PA manifest, nil if there is none. Its faults are among Faults.
	Signature *c2pa.Manifest
	// Faults say why label and statement are not whole, one each; none if they are. A file without
	// label and statement has none.
	Faults []string
}

// Content is how a work compares with the hash in its label.
type Content string

// The results of a comparison.
const (
	Unknown   Content = "unknown"   // there is no hash: there is no label, or an old one
	Unchanged Content = "unchanged" // since it was labelled
	Changed   Content = "changed"   // since it was labelled
)

// Check reads label and statement of a file, or those beside it, nil if there are none, and compares
// them with the work. It follows nothing that they name. The error is one of [badinput] for a file
// that is damaged.
func Check(file, beside []byte) (Checked, error) {
	out := Checked{Content: Unknown}
	var held bare
	content := file
	c, err := containerOf(file)
	if err == nil {
		if held, err = c.read(file); err != nil {
			return out, err
		}
		if content, err = c.write(file, Statement{}, nil); err != nil {
			return out, err
		}
		out.sign(c, file)
	}
	if beside != nil && held.label == nil { // also a text that looks like ABC
		if held, err = besideOf(beside); err != nil {
			return out, err
		}
		content = file
	}
	out.take(held, content)
	return out, nil
}

// sign judges the signature.
func (c *Checked) sign(in container, file []byte) {
	m, err := signatureOf(in, file)
	if err != nil {
		c.Faults = append(c.Faults, err.Error())
		return
	}
	if c.Signature = m; m != nil {
		c.Faults = append(c.Faults, m.Faults...)
	}
}

// take judges what a file holds.
func (c *Checked) take(held bare, content []byte) {
	fault := func(format string, args ...any) { c.Faults = append(c.Faults, fmt.Sprintf(format, args...)) }
	c.Statement.Source = held.source
	if held.aigc != nil {
		var a AIGC
		if len(held.aigc) > labelLimit || json.Unmarshal(held.aigc, &a) != nil {
			fault("the AIGC label (GB 45438-2025) is damaged: it is no JSON object of texts")
		} else {
			c.Statement.AIGC = &a
		}
	}
	if held.label == nil {
		return
	}
	if signed := c.Signature; signed != nil && signed.Source != "" && held.source != "" && signed.Source != held.source {
		fault("signature and statement differ: %s and %s", signed.Source, held.source)
	}
	s, err := parse(held.label)
	if err != nil {
		fault("%v", err)
		return
	}
	c.Label = &s.Label
	switch signer := s.Marks.Signer; {
	case signer == "":
	case c.Signature == nil:
		fault("the label says that the work is signed, but the signature is missing")
	case c.Signature.Fingerprint != signer:
		fault("the label says that the work is signed by %.12s, but the signature is by %.12s", signer, c.Signature.Fingerprint)
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	switch s.Content {
	case "":
	case hash:
		c.Content = Unchanged
	default:
		c.Content = Changed
		fault("the work is not the one that was labelled: its SHA-256 is %.12s, that in the label %.12s", hash, s.Content)
	}
	c.compare(held, s, fault)
}

// compare says where the statement is not the one that belongs to the label. Labels of earlier
// versions hold no hash, and came without an AIGC label.
func (c *Checked) compare(held bare, s stored, fault func(string, ...any)) {
	if s.Sum != "" && !sumHolds(held.label, s.Sum) {
		fault("the label was changed: its sum is not %s", s.Sum)
	}
	want := s.statement()
	if held.source != "" && held.source != want.Source {
		fault("label and statement differ: the label means %s, the statement says %s", want.Source, held.source)
	}
	got := c.Statement.AIGC
	switch {
	case got == nil && held.aigc == nil && (want.AIGC == nil || s.Content == ""):
	case got == nil && held.aigc == nil:
		fault("the AIGC label (GB 45438-2025) is missing: another program removed it")
	case want.AIGC == nil:
		fault("the file says that it was generated, its label that it was not")
	case got != nil && (got.Label != want.AIGC.Label || got.ContentProducer != want.AIGC.ContentProducer ||
		got.ProduceID != want.AIGC.ProduceID || got.ReservedCode1 != want.AIGC.ReservedCode1):
		fault("the AIGC label (GB 45438-2025) does not belong to this label: its number is %.32q, and should be %q", got.ProduceID, want.AIGC.ProduceID)
	}
}

// Whole reports whether there is a label, and nothing is wrong with it or the statement.
func (c Checked) Whole() bool { return c.Label != nil && len(c.Faults) == 0 }
