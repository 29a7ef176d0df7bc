package provenance

import (
	"bytes"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atelier/internal/film"
)

func films(t testing.TB) map[string][]byte {
	t.Helper()
	of := &film.Film{Rate: 10}
	for i := range 3 {
		m := image.NewGray(image.Rect(0, 0, 16, 16))
		for p := range m.Pix {
			m.Pix[p] = uint8(p + 20*i)
		}
		of.Frames = append(of.Frames, m)
	}
	all := map[string][]byte{}
	for _, f := range []film.Format{film.AVI, film.WebM} {
		file, err := f.Encode(of)
		if err != nil {
			t.Fatal(err)
		}
		all[string(f)] = file
	}
	return all
}

// Films carry labels, keep their frames, and a later label replaces the first. Damaged ones are
// errors.
func TestWriteReadFilms(t *testing.T) {
	for name, plain := range films(t) {
		labelled := write(t, plain, example)
		if got, err := Read(labelled); err != nil || !cmp.Equal(got, example) {
			t.Errorf("%s: %+v, error %v", name, got, err)
		}
		other := Label{Run: "0003-other"}
		if !bytes.Equal(write(t, labelled, other), write(t, plain, other)) {
			t.Errorf("%s: the first label is still there after the second", name)
		}
		if checked, err := Check(labelled, nil); err != nil || len(checked.Faults) > 0 {
			t.Errorf("%s: %+v, error %v", name, checked, err)
		}
		if !bytes.Contains(labelled, []byte("digitalsourcetype/trainedAlgorithmicMedia")) {
			t.Errorf("%s: it does not state what it is", name)
		}
		for n := range labelled {
			flipped := bytes.Clone(labelled)
			flipped[n] ^= 0x81
			for _, file := range [][]byte{labelled[:n:n], flipped} {
				if l, err := Read(file); err == nil {
					Write(file, l)
				}
			}
		}
	}
}

// Debian's ffprobe still sees all frames of a labelled film, and shows the label.
func TestForeignFilms(t *testing.T) {
	if _, err := exec.LookPath("ffprobe"); err != nil {
		t.Skip("no ffprobe (Debian: ffmpeg)")
	}
	for name, plain := range films(t) {
		path := filepath.Join(t.TempDir(), "film."+name)
		if err := os.WriteFile(path, write(t, plain, example), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("ffprobe", "-v", "error", "-count_frames", "-show_format", "-show_streams", path).CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("nb_read_frames=3")) || !bytes.Contains(out, []byte("0001-数字")) {
			t.Errorf("%s: %s %v", name, out, err)
		}
	}
}
