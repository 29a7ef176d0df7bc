package source

import (
	"archive/zip"
	"bytes"
	"path/filepath"
	"testing"

	"atelier/data"
	score "atelier/internal/music"
)

// TestNotation reads ABC and MusicXML in folders and archives as MIDI; other XML only says why not.
func TestNotation(t *testing.T) {
	piece, err := score.Read([]byte("X:1\nT:A\nM:3/4\nL:1/4\nK:G\nG A B|c2 d|\n"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"b/readme.xml": []byte("<a/>"), "b/broken.abc": []byte("a song")}
	for name, f := range map[string]score.Format{"a/one.abc": score.ABC, "a/two.musicxml": score.MusicXML, "b/three.MXL": score.MXL, "b/four.xml": score.MusicXML, "b/five.mid": score.MIDI} {
		if files[name], _, err = piece.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	folder := write(t, files)
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for name, b := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(b)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	archive := filepath.Join(write(t, map[string][]byte{"notes.zip": packed.Bytes()}), "notes.zip")
	for kind, want := range map[string]int{music: 5, all: 4} {
		for _, s := range []data.Source{&Folder{Path: folder, Kind: kind}, &Archive{Path: archive, Kind: kind}} {
			n, dropped := 0, 0
			for it, err := range s.Items(t.Context(), data.Train) {
				if err != nil {
					dropped++
					continue
				}
				n++
				got, err := score.Read(it.Bytes)
				if err != nil || it.MediaType != midiType || got.Format != score.MIDI || got.Notes() != 5 || it.Label != it.Name[:1] {
					t.Errorf("%s: %v %s %s", it.Name, err, it.MediaType, it.Label)
				}
			}
			if n != want || dropped != 7-want {
				t.Errorf("%T of kind %s: %d works and %d dropped", s, kind, n, dropped)
			}
		}
	}
}
