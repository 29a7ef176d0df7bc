package app

import (
	"cmp"
	"crypto/x509"
	"slices"
	"time"

	"atelier/internal/c2pa"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/internal/watermark"
	"atelier/model/brought"
	"atelier/model/composing"
	"atelier/model/run"
)

// A Verification is what was found about a file: what it says of itself, whether that holds
// together, and whether what made it is here.
type Verification struct {
	// File is its name.
	File string `json:"file"`
	// Labelled reports whether the file has a label or a statement.
	Labelled bool `json:"labelled"`
	// Whole reports whether it has a label, and nothing is wrong.
	Whole bool `json:"whole"`
	// Label is the label; nil if there is none that can be read.
	Label *provenance.Label `json:"label,omitempty"`
	// DigitalSourceType and AIGC are the statement in terms of IPTC and of GB 45438-2025.
	DigitalSourceType string           `json:"digital_source_type,omitempty"`
	AIGC              *provenance.AIGC `json:"aigc,omitempty"`
	// Content is unchanged, changed or unknown: the work, since it was labelled.
	Content provenance.Content `json:"content"`
	// Signature is that of a C2PA manifest; nil if there is none.
	Signature *Signature `json:"signature,omitempty"`
	// Watermark is what the search for the invisible watermark found; nil if none was made: the work is
	// no still picture, or there is no key.
	Watermark *Watermark `json:"watermark,omitempty"`
	// Maker says whether the run or the weights that the label names are here.
	Maker Presence `json:"maker"`
	// Error says why the file cannot be read; empty if it can, and all else is empty if it cannot.
	Error string `json:"error,omitempty"`
	// Faults say what is wrong, one each.
	Faults []string `json:"faults,omitempty"`
}

// A Signature says who signed a work.
type Signature struct {
	// Valid reports whether nothing was changed since.
	Valid bool `json:"valid"`
	// By is whom the signer's certificate names, and Fingerprint its SHA-256.
	By          string `json:"by"`
	Fingerprint string `json:"fingerprint"`
	// Trust says why the name can be believed.
	Trust Trust `json:"trust"`
	// Expired reports whether the certificate is not valid now.
	Expired bool `json:"expired,omitempty"`
	// Program is what signed.
	Program string `json:"program"`
}

// Trust says why the name of a signer can be believed.
type Trust string

// The reasons to believe a name.
const (
	Untrusted Trust = "none"         // nobody here vouches for it
	Own       Trust = "this machine" // it was signed by this machine's own key
	Given     Trust = "given"        // by a certificate that was given as trusted
)

// A Watermark is what the search for an invisible watermark found.
type Watermark struct {
	Found bool    `json:"found"`
	Z     float64 `json:"z"`
	// Key is the fingerprint of the key that was searched with.
	Key string `json:"key"`
}

// A Verifier checks files.
type Verifier struct {
	// Studio holds the runs and weights.
	Studio *run.Studio
	// Signer is this machine's own, and Key that of the watermark that is searched for; nil for none.
	Signer *c2pa.Signer
	Key    *watermark.Key
	// Trusted are certificates of signers, or of authorities, that are believed.
	Trusted []*x509.Certificate
}

// A Presence says whether what made a work is here.
type Presence string

// What can be known of a maker.
const (
	NoMaker    Presence = "none"             // the label names none: no model took part
	Here       Presence = "here"             // with the checkpoint
	Otherwise  Presence = "other checkpoint" // here, with others
	Absent     Presence = "not here"
	Elsewhere  Presence = "at a server"
	NotOpened  Presence = "not looked for" // it is named by a path, and paths of labels are not followed
	Unreadable Presence = "unreadable"
)

// Verify checks what a file says of itself in its label, or in that beside it, nil if there is none.
// It reads the runs and weights of the studio by name only, and follows nothing that a label names.
// The error is for a file that is damaged.
func (c Verifier) Verify(work File, beside []byte) (*Verification, error) {
	checked, err := provenance.Check(work.Bytes, beside)
	if err != nil {
		return nil, &FileError{work.Name, err}
	}
	v := &Verification{
		File: work.Name, Labelled: checked.Label != nil || len(checked.Faults) > 0 || checked.Statement != provenance.Statement{},
		Whole: checked.Whole(), Label: checked.Label,
		DigitalSourceType: checked.Statement.Source, AIGC: checked.Statement.AIGC,
		Content: checked.Content, Maker: NoMaker, Faults: checked.Faults,
	}
	if v.Label != nil {
		v.Maker = presence(c.Studio, *v.Label)
	}
	if checked.Signature != nil {
		v.Signature = c.signature(checked.Signature)
	}
	v.Watermark = c.watermark(work.Bytes)
	return v, nil
}

// signature judges the signer of a manifest.
func (c Verifier) signature(m *c2pa.Manifest) *Signature {
	s := &Signature{Valid: len(m.Faults) == 0, By: m.Signer, Fingerprint: m.Fingerprint, Trust: Untrusted, Expired: m.Expired(time.Now()), Program: m.Program}
	switch {
	case !s.Valid:
	case c.Signer != nil && c.Signer.Fingerprint() == m.Fingerprint:
		s.Trust = Own
	case slices.ContainsFunc(c.Trusted, m.VouchedFor):
		s.Trust = Given
	}
	return s
}

// watermark searches a still picture.
func (c Verifier) watermark(file []byte) *Watermark {
	if c.Key == nil {
		return nil
	}
	f, err := picture.Open(file)
	if err != nil || f.Animated() {
		return nil
	}
	img, err := f.Decode()
	if err != nil {
		return nil
	}
	d := c.Key.Detect(picture.NRGBA(img))
	return &Watermark{d.Found(), d.Z, c.Key.Fingerprint()}
}

// presence looks for the maker of a label among the names that are here.
func presence(s *run.Studio, l provenance.Label) Presence {
	switch {
	case l.Run == "":
		return NoMaker
	case l.Settings[serverKey] != "":
		return Elsewhere
	case isPath(l.Run):
		return NotOpened
	}
	runs, err := run.List(s.Runs)
	if err != nil {
		return Unreadable
	}
	if i := slices.IndexFunc(runs, func(d *run.Dir) bool { return d.Name() == l.Run }); i >= 0 {
		if l.Checkpoint == "" { // a preview, drawn during training
			return Here
		}
		return present(runs[i].Holds(l.Checkpoint))
	}
	if hash, err := s.BuiltInHash(l.Run); hash != "" || err != nil {
		return present(hash == l.Checkpoint, err)
	}
	weights := append(brought.NewStore(s.Home).Names(), brought.BuiltIn, composing.BuiltIn)
	if !slices.Contains(weights, l.Run) {
		return Absent
	}
	by, err := makerNamed(s, l.Run)
	if err != nil {
		return Unreadable
	}
	return present(by.Hash == l.Checkpoint, nil)
}

func present(same bool, err error) Presence {
	switch {
	case err != nil:
		return Unreadable
	case same:
		return Here
	}
	return Otherwise
}

// By is the command that made a work, by its label: generate if it names none.
func (v *Verification) By() string { return cmp.Or(v.Label.Settings[appSetting], generateApp) }
