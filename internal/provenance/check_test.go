package provenance

import (
	"bytes"
	"strings"
	"testing"

	"atelier/internal/music"
)

// everyFormat are works in every format that carries labels.
func everyFormat(t testing.TB) map[string][]byte {
	t.Helper()
	all := files(t)
	for name, file := range soundFiles() {
		all[name] = file
	}
	s := &music.Score{Quarter: 48, Title: "tune", Parts: []music.Part{{Name: "part", Notes: []music.Note{{At: 0, Length: 48, Pitch: 60, Velocity: 80}}}}}
	s.Sort()
	for _, f := range []music.Format{music.MIDI, music.ABC, music.MusicXML, music.MXL} {
		file, _, err := s.Write(f)
		if err != nil {
			t.Fatal(err)
		}
		all[string(f)] = file
	}
	return all
}

// In every format, label and statement are whole, and belong to the work and to each other.
func TestCheck(t *testing.T) {
	for name, plain := range everyFormat(t) {
		c, err := Check(plain, nil)
		if err != nil || c.Label != nil || c.Statement != (Statement{}) || c.Content != Unknown || c.Whole() || len(c.Faults) > 0 {
			t.Errorf("%s without label: %+v, error %v", name, c, err)
		}
		l := example
		l.Marks.Producer = `A "maker" & sons`
		labelled := write(t, plain, l)
		c, err = Check(labelled, nil)
		if err != nil || !c.Whole() || c.Content != Unchanged || c.Label.Run != l.Run || c.Statement.Source != Generated.address() {
			t.Errorf("%s: %+v, error %v", name, c, err)
			continue
		}
		if a := c.Statement.AIGC; a == nil || a.Label != "1" || a.ContentProducer != l.Marks.Producer || len(a.ProduceID) != 32 || !strings.HasPrefix(a.ReservedCode1, "sha256:") {
			t.Errorf("%s: AIGC %+v", name, a)
		}
		l.Source = Enhanced
		if c, err = Check(write(t, labelled, l), nil); err != nil || !c.Whole() || c.Statement.AIGC != nil || c.Statement.Source != Enhanced.address() {
			t.Errorf("%s, altered: %+v, error %v", name, c, err)
		}
		lying := bytes.Replace(labelled, []byte("trainedAlgorithmicMedia"), []byte("algorithmicallyEnhanced"), 1)
		if strings.HasPrefix(name, "wav") || strings.HasPrefix(name, "flac") {
			if c, err = Check(lying, nil); err != nil || c.Whole() || len(c.Faults) != 1 || !strings.Contains(c.Faults[0], "statement") {
				t.Errorf("%s, lying: %+v, error %v", name, c, err)
			}
		}
	}
}

// A work that was changed after it was labelled is known by its hash.
func TestCheckChanged(t *testing.T) {
	labelled := write(t, soundFiles()["wav"], example)
	at := bytes.Index(labelled, []byte("\x01\x02\x03\x04"))
	labelled[at] ^= 1
	c, err := Check(labelled, nil)
	if err != nil || c.Content != Changed || c.Whole() || len(c.Faults) != 1 {
		t.Errorf("%+v, error %v", c, err)
	}
}

// The label of a text is in a file beside it.
func TestCheckBeside(t *testing.T) {
	text := []byte("A text.\n")
	beside, err := Beside(text, example)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Check(text, beside)
	if err != nil || !c.Whole() || c.Content != Unchanged || c.Statement.AIGC == nil || c.Statement.Source != Generated.address() {
		t.Errorf("%+v, error %v", c, err)
	}
	if c, err = Check([]byte("Another.\n"), beside); err != nil || c.Whole() || c.Content != Changed {
		t.Errorf("another text: %+v, error %v", c, err)
	}
	other := bytes.Replace(beside, []byte(`"Label":"1"`), []byte(`"Label":"2"`), 1)
	if c, err = Check(text, other); err != nil || c.Whole() || !strings.Contains(c.Faults[0], "AIGC") {
		t.Errorf("another statement: %+v, error %v", c, err)
	}
	old := []byte(`{"format":1,"run":"0001-a","checkpoint":"","seeds":null,"version":"v1","engine":"go"}`)
	if c, err = Check(text, old); err != nil || !c.Whole() || c.Content != Unknown {
		t.Errorf("an old label: %+v, error %v", c, err)
	}
	if c, err = Check(text, []byte("{")); err != nil || c.Whole() || len(c.Faults) != 1 {
		t.Errorf("no JSON: %+v, error %v", c, err)
	}
	if c, err = Check(text, nil); err != nil || c.Whole() || len(c.Faults) > 0 {
		t.Errorf("nothing: %+v, error %v", c, err)
	}
}

// Whatever the bytes are, they are judged, and a label that is read again is the same.
func FuzzCheck(f *testing.F) {
	for _, plain := range everyFormat(f) {
		f.Add(plain, []byte(nil))
		f.Add(write(f, plain, example), []byte(nil))
	}
	by := newSigner(f)
	for _, plain := range everyFormat(f) {
		if Signable(plain) {
			signed, err := Sign(write(f, plain, example), by)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(signed, []byte(nil))
		}
	}
	beside, err := Beside([]byte("text"), example)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("text"), beside)
	f.Add([]byte("text"), []byte(`{"format":1,"run":"../..","AIGC":{"Label":1}}`))
	f.Fuzz(func(t *testing.T, file, beside []byte) {
		c, err := Check(file, beside)
		if err != nil || c.Label == nil || beside != nil {
			return
		}
		again, err := Write(file, *c.Label)
		if err != nil {
			return // damaged behind the label
		}
		if c, err = Check(again, nil); err != nil || !c.Whole() || c.Content != Unchanged {
			t.Errorf("labelled again: %+v, error %v", c, err)
		}
	})
}
