package provenance

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/midi"
	"atelier/internal/music"
)

// An anonymous work sounds the same, and says neither how it was made nor what it is called.
func TestAnonymous(t *testing.T) {
	s := &music.Score{Quarter: 48, Title: "My title", Composer: "title", Parts: []music.Part{{Name: "title", Notes: []music.Note{{At: 0, Length: 48, Pitch: 60, Velocity: 80}, {At: 48, Length: 96, Pitch: 64, Velocity: 80}}}},
		Keys: []music.Key{{Fifths: 2}}}
	s.Sort()
	files := soundFiles()
	for _, f := range []music.Format{music.MIDI, music.ABC, music.MusicXML, music.MXL} {
		plain, _, err := s.Write(f)
		if err != nil {
			t.Fatal(err)
		}
		files[string(f)] = plain
	}
	for name, plain := range files {
		blind, err := Anonymous(write(t, plain, example))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := Read(blind); !errors.Is(err, ErrNoLabel) {
			t.Errorf("%s: has a label: %v", name, err)
		}
		for _, tells := range []string{example.Run, "title", "digitalsourcetype"} {
			if bytes.Contains(bytes.ToLower(blind), []byte(tells)) {
				t.Errorf("%s: tells %q", name, tells)
			}
		}
		if music.FormatOf(plain) == "" {
			for _, part := range []string{"\x01\x02\x03\x04\x05\x06\x07\x08", "\xff\xf8frames"} {
				if bytes.Contains(plain, []byte(part)) != bytes.Contains(blind, []byte(part)) {
					t.Errorf("%s: %q is lost", name, part)
				}
			}
			continue
		}
		was, err := music.Read(plain)
		if err != nil {
			t.Fatal(err)
		}
		is, err := music.Read(blind)
		if err != nil || !slices.Equal(is.Parts[0].Notes, was.Parts[0].Notes) || !slices.Equal(is.Keys, was.Keys) || is.Title != "" || is.Composer != "" {
			t.Errorf("%s: plays %+v, want %+v; error %v", name, is, was, err)
		}
	}
	silent, err := (&midi.Song{Quarter: 48, Tracks: 1}).Write()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Anonymous(silent); err != nil {
		t.Errorf("without notes: %v", err)
	}
	if _, err := Anonymous([]byte("fLaC\x00")); !errors.Is(err, badinput.Err) {
		t.Errorf("cut: %v", err)
	}
	if other, err := Anonymous([]byte("other")); err != nil || string(other) != "other" {
		t.Errorf("another format: %q, %v", other, err)
	}
}
