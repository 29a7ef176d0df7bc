package run

import (
	"context"
	"errors"
	"testing"
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

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
