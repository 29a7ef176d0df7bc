package run

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/engine"
	"atelier/internal/badinput"
)

// pictured are the smallest models of pictures of each family that learns them alone.
var pictured = map[string]string{
	"vae": `
[model]
use         = "vae"
latent      = 3
conditional = true
warmup      = 3
encoder     = {use = "mlp", widths = [8]}
decoder     = {use = "mlp", widths = [8], norm = "batch"}
`,
	"flow": `
[model]
use         = "flow"
conditional = true
guidance    = 2.0
draw_steps  = 2
network     = {use = "unet", width = 2, limit = 2, features = 2}
`,
}

const picturedHead = `
name     = "tiny"
steps    = 6
batch    = 4
pictures = 3
save     = 3

[data]
use = "starter"

[codec]
use      = "image"
size     = 16
channels = 1
`

// TestFamiliesResumeBitwise stops a run between two checkpoints, and goes on.
func TestFamiliesResumeBitwise(t *testing.T) {
	for name, settings := range pictured {
		t.Run(name, func(t *testing.T) {
			config := func() *Config {
				c, err := Parse("tiny.toml", []byte(picturedHead+settings))
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			whole, err := studio(t).Train(t.Context(), config())
			if err != nil {
				t.Fatal(err)
			}
			s := studio(t)
			ctx, clear := stopAt(s, 4)
			if _, err := s.Train(ctx, config()); !errors.Is(err, context.Canceled) {
				t.Fatalf("stopped with %v", err)
			}
			clear()
			resumed, err := s.Resume(t.Context(), "tiny")
			if err != nil {
				t.Fatal(err)
			}
			if bytesOf(t, resumed) != bytesOf(t, whole) {
				t.Error("stopped and resumed: other weights than without a stop")
			}
			for b, err := range must(resumed.Draw(t.Context(), Seeds(0, 2), must(resumed.OfClass(2, "bag")), 1)) {
				if err != nil || len(b.Columns) != 2 {
					t.Errorf("drew %d columns, want label and target: %v", len(b.Columns), err)
				}
			}
		})
	}
}

// A style is learned from a picture, resumed bitwise, and paints pictures of any size; the picture must
// still be the same.
func TestStyleResumesBitwise(t *testing.T) {
	like := filepath.Join(t.TempDir(), "like.png")
	write := func(shade uint8) {
		img := image.NewNRGBA(image.Rect(0, 0, 40, 48))
		for i := range img.Pix {
			img.Pix[i] = uint8(i*7)*shade | 3
		}
		var b bytes.Buffer
		if err := errors.Join(png.Encode(&b, img), os.WriteFile(like, b.Bytes(), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	write(1)
	backend, err := engine.Open(engine.Options{Threads: 1}) // gomlx's own takes minutes for such kernels
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	studio := func(t *testing.T) *Studio {
		s := studio(t)
		s.Backend = backend
		return s
	}
	config := func(more ...string) *Config {
		text := strings.Replace(picturedHead, "channels = 1", "channels = 3", 1)
		c, err := Parse("tiny.toml", []byte(strings.Replace(text, "size     = 16", "size     = 32", 1)+"[model]\nuse = \"style\"\nwidth = 4\nblocks = 1\n"), append(more, "model.like="+like)...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	whole, err := studio(t).Train(t.Context(), config())
	if err != nil {
		t.Fatal(err)
	}
	s := studio(t)
	ctx, clear := stopAt(s, 4)
	if _, err := s.Train(ctx, config()); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped with %v", err)
	}
	clear()
	write(2)
	if _, err := s.Resume(t.Context(), "tiny"); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "is not the picture that this run learns") {
		t.Error(err)
	}
	write(1)
	resumed, err := s.Resume(t.Context(), "tiny")
	if err != nil {
		t.Fatal(err)
	}
	if bytesOf(t, resumed) != bytesOf(t, whole) {
		t.Error("stopped and resumed: other weights than without a stop")
	}
	opened, err := s.Open("tiny")
	if err != nil {
		t.Fatal(err)
	}
	net, err := opened.Painter()
	if err != nil || net.Parameters < 1000 {
		t.Errorf("%v, %v", net, err)
	}
	if can := opened.Dir.Abilities(); !slices.Equal(can, []string{"paints"}) {
		t.Errorf("it can %v", can)
	}
	for more, want := range map[string]string{
		"model.like=\"\"":           "want the file of the picture",
		"model.like=none.png":       "none.png",
		"model.features=nothing":    "no picture network",
		"model.width=1":             "want 4 to 64",
		"codec.channels=1":          "colour pictures",
		"model.features=style-wave": "are not here yet",
	} {
		c, err := Parse("tiny.toml", must(config().Encode()), more)
		if err == nil {
			_, err = studio(t).Train(t.Context(), c)
		}
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", more, err)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
