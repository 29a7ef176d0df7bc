package run

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	_ "atelier/data/augment"
	"atelier/internal/badinput"
)

// square is a picture of side pixels with a bright square at a place, or with its middle
// alone.
func square(t *testing.T, side, at int, whole bool) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, side, side))
	for y := range 6 {
		for x := range 6 {
			if whole || x > 1 && x < 4 && y > 1 && y < 4 {
				m.SetGray(at%(side-6)+x, at*3%(side-6)+y, color.Gray{255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pairsFolder is a folder of dots and of the squares around them.
func pairsFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i := range 48 {
		for name, whole := range map[string]bool{data.Target: true, data.SourceField: false} {
			folder := filepath.Join(dir, name)
			if err := errors.Join(os.MkdirAll(folder, 0o777), os.WriteFile(filepath.Join(folder, fmt.Sprintf("%02d.png", i)), square(t, 16, i, whole), 0o666)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

const pairs = `
name     = "pairs"
steps    = 20
batch    = 4
pictures = 20
save     = 10
augment  = [{use = "flip"}]

[data]
use = "pairs"

[codec]
use      = "image"
size     = 16
channels = 1

[model]
use       = "flow"
network   = {use = "unet", width = 4, limit = 8, features = 4}
draw_steps = 2

[score]
metrics = [{use = "psnr"}]
`

// A run on pairs of pictures learns, goes on after a stop as if there had been none, draws
// by pictures that it was not trained on, also of another size, and is scored.
func TestPairs(t *testing.T) {
	config := func(overrides ...string) *Config {
		c, err := Parse("pairs.toml", []byte(pairs), overrides...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	dir := "data.path=" + pairsFolder(t)
	s := studio(t)
	whole, err := s.Train(t.Context(), config(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"reals.png", "sources.png", "fakes-000020.png"} {
		if _, err := os.Stat(whole.Dir.Path(file)); err != nil {
			t.Error(err)
		}
	}
	scores, err := whole.Dir.Scores()
	if err != nil || !slices.ContainsFunc(scores, func(m Measured) bool { return m.Name == "psnr" && m.Value > 0 && m.Value < 60 }) {
		t.Errorf("scores %v, error %v", scores, err)
	}

	stopped := studio(t)
	ctx, clear := stopAt(stopped, 13)
	if _, err := stopped.Train(ctx, config(dir)); err == nil {
		t.Fatal("was not stopped")
	}
	clear()
	resumed, err := stopped.Resume(t.Context(), "pairs")
	if err != nil || bytesOf(t, resumed) != bytesOf(t, whole) {
		t.Fatalf("resumed to other weights, error %v", err)
	}

	given := data.Example{data.SourceField: data.Item{Bytes: square(t, 32, 5, false)}}
	for _, size := range []int{0, 32} {
		by, err := resumed.Given(given, size, 3)
		if err != nil {
			t.Fatal(err)
		}
		samples, err := resumed.Draw(t.Context(), Seeds(7, 3), by, 1)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for b, err := range samples {
			if err != nil {
				t.Fatal(err)
			}
			side := max(size, 16)
			if shape := b.Column(data.Target).Field.Shape; shape[0] != side || shape[1] != side {
				t.Fatalf("size %d: drew %v", size, shape)
			}
			if item, err := resumed.Decode(b); err != nil || len(item.Bytes) == 0 {
				t.Fatal(err)
			}
			n++
		}
		if n != 3 {
			t.Errorf("%d samples", n)
		}
	}
	by, err := resumed.Given(given, 18, 1) // no multiple of 4
	if err != nil {
		t.Fatal(err)
	}
	_, err = first(resumed, t, by)
	if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "multiples of") {
		t.Errorf("18 pixels a side: %v", err)
	}
	if _, err = first(resumed, t, nil); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "it needs a source, but none is given") {
		t.Errorf("without a source: %v", err)
	}

	// What would not look at the sources refuses them.
	_, err = studio(t).Train(t.Context(), config(dir, `model={use="gan", generator={use="mlp"}, discriminator={use="mlp"}}`))
	if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "also have a source") {
		t.Errorf("a gan on pairs: %v", err)
	}
}

// first is the first sample of a draw.
func first(r *Run, t *testing.T, by *data.Batch) (*data.Batch, error) {
	samples, err := r.Draw(t.Context(), Seeds(1, 1), by, 1)
	if err != nil {
		return nil, err
	}
	for b, err := range samples {
		return b, err
	}
	return nil, nil
}
