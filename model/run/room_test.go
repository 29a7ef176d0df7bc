package run

import (
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	_ "atelier/data/augment"
	"atelier/engine"
	"atelier/internal/badinput"
	"atelier/recipes"
)

// What a machine has not the memory for is refused in one line, before anything large is
// made and before there is a folder.
func TestTooLargeIsRefused(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(4 << 30))
	backend, err := engine.Open(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	for _, c := range []struct {
		recipe string
		set    []string
		want   string
	}{
		{"rings", []string{"batch=100000000"}, "batch up to "},
		{"rings", []string{"batch=1000000000000000000"}, "batch up to "},
		{"rings", []string{"batch=1000000000000000000", "model.pack=2"}, "batch up to "},
		{"rings", []string{"model.generator.widths=[65536,65536]"}, "the largest being generator/hidden_1/weight with 65536×65536"},
		{"rings", []string{"model.discriminator.widths=[65536,65536]"}, "discriminator/hidden_1/weight"},
		{"rings", []string{"model.latent=1000000000"}, "want 1 to 65536"},
		{"rings", []string{"model.n_critic=1000000000"}, "want 1 to 1000"},
		{"rings", []string{"steps=1000000000000000000"}, "want at most 1000000000"},
		{"fashion", []string{"batch=100000"}, "batch up to "},
		{"fashion-vae", []string{"batch=100000"}, "batch up to "},
		{"fashion-vae", []string{"model.latent=1000000000"}, "want 1 to 65536"},
		{"fashion-flow", []string{"batch=100000"}, "batch up to "},
		{"fashion-flow", []string{"model.network.width=1000000000"}, "want a width of 1 to 1024"},
		{"classifier-fashion", []string{"batch=1000000000"}, "batch up to "},
		{"classifier-fashion", []string{"model.network.features=1000000000"}, "out of range"},
		{"fashion", []string{"codec.size=4096"}, "want 4 to 1024 pixels"},
		{"fashion", []string{"codec.size=512"}, "pictures of 16 to 256 pixels a side"},
		{"fashion", []string{"codec.size=256", "batch=100000"}, "pictures of 28, 32 or 64 pixels a side"},
	} {
		name := c.recipe + " " + strings.Join(c.set, " ")
		text, err := recipes.Read(c.recipe)
		if err != nil {
			t.Fatal(err)
		}
		s := studio(t)
		s.Backend = backend
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		config, err := Parse(c.recipe, text, c.set...)
		if err == nil {
			_, err = s.Train(t.Context(), config)
		}
		runtime.ReadMemStats(&after)
		if err == nil || !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want a mistake with %q", name, err, c.want)
		}
		if made := (after.TotalAlloc - before.TotalAlloc) >> 20; made > 500 {
			t.Errorf("%s: %d MB were made", name, made)
		}
		if found, _ := os.ReadDir(s.Runs); len(found) > 0 {
			t.Errorf("%s: %s was made", name, found[0].Name())
		}
	}
}
