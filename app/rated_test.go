package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/internal/midi"
	"atelier/internal/provenance"
	"atelier/model/rating"
)

// What a rater is shown of tunes does not tell where they are from.
func TestRatedTunesAreBlind(t *testing.T) {
	dir := t.TempDir()
	song := &midi.Song{Quarter: 480, Tracks: 1, Notes: []midi.Note{{Length: 480, Pitch: 60, Velocity: 80}}}
	var folders []string
	for _, side := range []string{"first", "second"} {
		file, err := song.Write()
		if err != nil {
			t.Fatal(err)
		}
		if file, err = provenance.Write(file, provenance.Label{Run: side}); err != nil {
			t.Fatal(err)
		}
		folders = append(folders, filepath.Join(dir, side))
		if err := os.Mkdir(folders[len(folders)-1], 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, side, "x.mid"), file, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	works, err := Rated(folders)
	if err != nil {
		t.Fatal(err)
	}
	text, hashes, clean, err := works.Show(rating.Pair{Item: "x.mid", Left: "first", Right: "second"})
	if err != nil {
		t.Fatal(err)
	}
	defer clean()
	shown, _, ok := strings.Cut(strings.TrimPrefix(text, "open "), " and 2.mid")
	file, err := os.ReadFile(shown)
	if err != nil || !ok || strings.Contains(string(file), "first") || strings.Contains(string(file), "second") {
		t.Errorf("%s: %q, %v", text, file, err)
	}
	if hashes[0] == hashes[1] {
		t.Error("the hashes are of the copies, not of the works")
	}
}
func TestLabelsNameNoPath(t *testing.T) {
	for _, path := range []string{"/etc", "../runs/0001-x", `..\x`, ".."} {
		_, err := again(provenance.Label{Run: path, Settings: map[string]string{appSetting: "write"}}, nil)
		if err == nil || !strings.Contains(err.Error(), "paths of labels are not opened") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
