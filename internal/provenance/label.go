// Package provenance labels generated pictures and music: a file carries what is needed to
// reproduce it, and states that it was generated; in pictures, in a form readable by every program
// that supports XMP.
package provenance

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"atelier/internal/badinput"
)

// A Label says how a work was made.
type Label struct {
	Run        string            `json:"run"`                // name of the run, as in 0001-fashion
	Checkpoint string            `json:"checkpoint"`         // hash of the checkpoint
	Seeds      []uint64          `json:"seeds"`              // one per sample, in the order of a sheet
	Settings   map[string]string `json:"settings,omitempty"` // of the app, each as on its command line
	Inputs     map[string]Input  `json:"inputs,omitempty"`   // input files, by the app's names for them
	Weights    map[string]string `json:"weights,omitempty"`  // SHA-256 of added weights, and checkpoints of further runs, by name
	Version    string            `json:"version"`            // of the program
	Engine     string            `json:"engine"`             // code path of the backend
	Source     Source            `json:"source,omitempty"`   // what kind of work it is; Generated if empty
	Marks      Marks             `json:"marks,omitzero"`     // what it carries besides
}

// Marks are what a work carries besides label and statement, in words by which it can be made again.
type Marks struct {
	Producer  string `json:"producer,omitempty"`  // who offers the generation, for [AIGC]; atelier if empty
	Visible   string `json:"visible,omitempty"`   // language of the text that is drawn on a picture, en or zh; empty for none
	Watermark string `json:"watermark,omitempty"` // fingerprint of the key of the invisible watermark; empty for none
	Signer    string `json:"signer,omitempty"`    // fingerprint of the certificate that signs; empty for none
}

// A Source says what kind of work it is, as an IPTC digital source type.
type Source string

// The sources of the program's works. Generated is omitted from labels.
const (
	Generated Source = ""                                     // made by a trained model
	Composite Source = "compositeWithTrainedAlgorithmicMedia" // a person's work with parts made by a trained model
	Enhanced  Source = "algorithmicallyEnhanced"              // a person's work, altered without a trained model
	Algorithm Source = "algorithmicMedia"                     // made without a trained model and without examples
)

// address is the IPTC address of a source.
func (s Source) address() string {
	return "http://cv.iptc.org/newscodes/digitalsourcetype/" + cmp.Or(string(s), "trainedAlgorithmicMedia")
}

// known reports whether it is one of the sources above.
func (s Source) known() bool {
	return slices.Contains([]Source{Generated, Composite, Enhanced, Algorithm}, s)
}

// An Input is an input file of a work.
type Input struct {
	Name   string `json:"name"`            // the user's name for it
	Size   int    `json:"size"`            // in bytes
	SHA256 string `json:"sha256"`          // of the bytes, in hexadecimal
	Bytes  []byte `json:"bytes,omitempty"` // the file itself, if it is small
}

const (
	labelFormat = 1
	labelLimit  = 4 << 20 // bytes
)

// ErrNoLabel is returned by Read for a file of another origin.
var ErrNoLabel = badinput.Errorf("the file has no Atelier label: it was not made by atelier, or another program saved it since")

// stored is a label as stored in the file.
type stored struct {
	Format  int    `json:"format"`
	Content string `json:"content,omitempty"` // SHA-256 of the work without labels
	Label
	Sum string `json:"sum,omitempty"` // of the label without it; the last field
}

// A container is a file format that can hold labels.
type container interface {
	// is reports whether a file has the format.
	is(file []byte) bool
	// write inserts label and statement into a file, replacing existing ones; none if they are
	// empty. It removes a signature, which they would break.
	write(file []byte, s Statement, label []byte) ([]byte, error)
	// read returns label and statement.
	read(file []byte) (bare, error)
}

// containerOf detects the format of a file.
func containerOf(file []byte) (container, error) {
	for _, c := range []container{pngFile{}, jpegFile{}, gifFile{}, webpFile{}, midiFile{}, wavFile{}, flacFile{}, aviFile{}, webmFile{}, abcFile{}, musicXMLFile{}, mxlFile{}, glbFile{}, usdzFile{}, pageFile{}} {
		if c.is(file) {
			return c, nil
		}
	}
	return nil, badinput.Errorf("not a file that can carry a label; PNG, JPEG, GIF, WebP, MIDI, ABC, MusicXML, WAV, FLAC, AVI, WebM, GLB, USDZ and HTML pages of works can")
}

// Carries reports whether a file has a format that can hold labels.
func Carries(file []byte) bool {
	_, err := containerOf(file)
	return err == nil
}

// Write returns the file, a picture, piece of music, recording or film, with the label and the statement
// of its source, replacing existing ones. Pixels and notes are unchanged, and so is other XMP in a
// PNG, JPEG or WebP.
func Write(file []byte, l Label) ([]byte, error) {
	c, err := containerOf(file)
	if err != nil {
		return nil, err
	}
	content, err := c.write(file, Statement{}, nil)
	if err != nil {
		return nil, err
	}
	text, s, err := Describe(content, l)
	if err != nil {
		return nil, err
	}
	return c.write(content, s, text)
}

// Read returns the label of a file. The error is ErrNoLabel if it has none.
func Read(file []byte) (Label, error) {
	c, err := containerOf(file)
	if err != nil {
		return Label{}, err
	}
	held, err := c.read(file)
	switch {
	case err != nil:
		return Label{}, err
	case held.label == nil:
		return Label{}, ErrNoLabel
	}
	return Parse(held.label)
}

// marshal encodes a label as in files.
func marshal(s stored) (text []byte, err error) {
	s.Sum = ""
	if text, err = json.Marshal(s); err == nil {
		s.Sum = sumOf(text)
		text, err = json.Marshal(s)
	}
	if err == nil && len(text) > labelLimit {
		return nil, fmt.Errorf("a label of %d bytes is too long; at most %d are allowed", len(text), labelLimit)
	}
	return text, err
}

// sumDigits is the length of a label's own sum, of the 64 digits of its SHA-256.
const sumDigits = 32

// sumOf is the sum of a label that has none.
func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:sumDigits]
}

// sumHolds reports whether the sum of a label is that of its text.
func sumHolds(text []byte, sum string) bool {
	bare, ok := bytes.CutSuffix(text, []byte(`,"sum":"`+sum+`"}`))
	return ok && sumOf(append(bytes.Clone(bare), '}')) == sum
}

// Parse parses a label, such as one of [Beside].
func Parse(text []byte) (Label, error) {
	s, err := parse(text)
	return s.Label, err
}

func parse(text []byte) (stored, error) {
	if len(text) > labelLimit {
		return stored{}, badinput.Errorf("the Atelier label is damaged: it has %d bytes; at most %d are allowed", len(text), labelLimit)
	}
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return stored{}, badinput.Errorf("the Atelier label is damaged: %w", err)
	}
	if s.Format < 1 || s.Format > labelFormat {
		return stored{}, badinput.Errorf("the Atelier label has format %d; this version of atelier reads formats up to %d: use a newer one", s.Format, labelFormat)
	}
	if !s.Source.known() {
		return stored{}, badinput.Errorf("the Atelier label is damaged: it names the source %q", s.Source)
	}
	return s, nil
}
