// Package provenance labels generated pictures and music: a file carries what it takes
// to make it again, and states that it was generated; that of a picture, to every program
// that reads XMP.
package provenance

import (
	"encoding/json"
	"fmt"

	"atelier/internal/badinput"
)

// A Label says how a work was made.
type Label struct {
	Run        string            `json:"run"`                // name of the run, as in 0001-fashion
	Checkpoint string            `json:"checkpoint"`         // hash of the checkpoint
	Seeds      []uint64          `json:"seeds"`              // one a sample, in the order of a sheet
	Settings   map[string]string `json:"settings,omitempty"` // of the app, each as on its command line
	Version    string            `json:"version"`            // of the program
	Engine     string            `json:"engine"`             // path of the arithmetic
}

const (
	labelFormat = 1
	labelLimit  = 4 << 20 // bytes
)

// ErrNoLabel is what Read finds in a file of another origin.
var ErrNoLabel = badinput.Errorf("the file has no Atelier label: it was not made by atelier, or another program saved it since")

// stored is a label as it lies in the file.
type stored struct {
	Format int `json:"format"`
	Label
}

// A container is a format of files that labels can be written into.
type container interface {
	// is reports whether a file has the format.
	is(file []byte) bool
	// write puts label and statement into a file, in place of such as it may have had.
	write(file, label []byte) ([]byte, error)
	// read returns the label, nil if there is none.
	read(file []byte) ([]byte, error)
}

// containerOf tells the format of a file.
func containerOf(file []byte) (container, error) {
	for _, c := range []container{pngFile{}, jpegFile{}, gifFile{}, webpFile{}, midiFile{}} {
		if c.is(file) {
			return c, nil
		}
	}
	return nil, badinput.Errorf("not a file that can carry a label; PNG, JPEG, GIF, WebP and MIDI can")
}

// Carries reports whether a file has a format that labels can be written into.
func Carries(file []byte) bool {
	_, err := containerOf(file)
	return err == nil
}

// Write returns the file, a PNG, JPEG, GIF, extended WebP or MIDI, with the label and
// the statement that it was generated, in place of such as it may have had. Pixels and
// notes stay as they are.
func Write(file []byte, l Label) ([]byte, error) {
	text, err := json.Marshal(stored{labelFormat, l})
	if err != nil {
		return nil, err
	}
	if len(text) > labelLimit {
		return nil, fmt.Errorf("a label of %d bytes is too long; at most %d are allowed", len(text), labelLimit)
	}
	c, err := containerOf(file)
	if err != nil {
		return nil, err
	}
	return c.write(file, text)
}

// Read returns the label of a file. The error is ErrNoLabel if it has none.
func Read(file []byte) (Label, error) {
	c, err := containerOf(file)
	if err != nil {
		return Label{}, err
	}
	text, err := c.read(file)
	switch {
	case err != nil:
		return Label{}, err
	case text == nil:
		return Label{}, ErrNoLabel
	case len(text) > labelLimit:
		return Label{}, badinput.Errorf("the Atelier label is damaged: it has %d bytes; at most %d are allowed", len(text), labelLimit)
	}
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return Label{}, badinput.Errorf("the Atelier label is damaged: %w", err)
	}
	if s.Format < 1 || s.Format > labelFormat {
		return Label{}, badinput.Errorf("the Atelier label has format %d; this version of atelier reads formats up to %d: use a newer one", s.Format, labelFormat)
	}
	return s.Label, nil
}
