package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/metric"
)

// noisy yields grey pictures of noise, in both parts other ones.
type noisy struct {
	seed uint64
	n    int
	size int
}

func (s noisy) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for i := range s.n {
			rng := noise.Stream(s.seed, uint64(len(split)), uint64(i))
			img := image.NewGray(image.Rect(0, 0, s.size, s.size))
			for at := range img.Pix {
				img.Pix[at] = byte(rng.Uint32())
			}
			var out bytes.Buffer
			if err := png.Encode(&out, img); err != nil {
				panic(err)
			}
			item := data.Item{Name: fmt.Sprintf("%d.png", i), MediaType: "image/png", Bytes: out.Bytes(), Label: []string{"", "odd"}[i%2]}
			if !yield(item, nil) {
				return
			}
		}
	}
}

// plain hides the labels of the noise.
func plain(seed uint64, n int) data.Source { return unlabelled{noisy{seed, n, 8}, 8, 8} }

// against is a configuration whose data is noise.
func against(t *testing.T) *Config {
	t.Helper()
	c, err := Parse("noise.toml", []byte("data = {use = \"rings\"}\ncodec = {use = \"image\", size = 8}\nmodel = {use = \"gan\"}"))
	if err != nil {
		t.Fatal(err)
	}
	c.Data.Value = plain(1, 600)
	return c
}

func fakes(t *testing.T, s *Studio, from data.Source) *Fakes {
	t.Helper()
	f, err := s.ReadFakes(t.Context(), from, against(t))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func metrics(t *testing.T, names ...string) (chosen []registry.Choice[metric.Metric]) {
	t.Helper()
	for _, name := range names {
		m, err := metric.Metrics.New(name)
		if err != nil {
			t.Fatal(err)
		}
		chosen = append(chosen, registry.Choice[metric.Metric]{Use: name, Value: m})
	}
	return chosen
}

func TestFakesAreMeasured(t *testing.T) {
	var notices []string
	s := &Studio{Watcher: Watcher{Notice: func(line string) { notices = append(notices, line) }}}
	for _, c := range []struct {
		name   string
		from   data.Source
		copied float64
		note   string
	}{
		{"copies", plain(1, 500), 100, "each draw holds all 500 pictures"},
		{"new ones", plain(2, 700), 0, "the draws share some of the 700 pictures"},
		{"labels play no part", noisy{2, 1500, 8}, 0, "against 600 training pictures"},
	} {
		scores, err := fakes(t, s, c.from).Evaluate(t.Context(), metrics(t, "dscore", "fid2k", "memorised"))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if i := slices.IndexFunc(scores, func(s metric.Score) bool { return s.Name == "memorised" }); i < 0 || math.Abs(scores[i].Value-c.copied) > 2 || !strings.Contains(scores[i].Note, c.note) {
			t.Errorf("%s: %v", c.name, scores)
		}
	}
	if all := strings.Join(notices, "\n"); !strings.Contains(all, "dscore: not applicable: the model has no discriminator") ||
		!strings.Contains(all, "fid2k: not applicable: it needs 600 pictures, there are 500") {
		t.Error(all)
	}
}

// Draws are disjoint where there are pictures enough, and share as few as can be.
func TestDrawsOfFakes(t *testing.T) {
	f := fakes(t, &Studio{}, plain(3, 20))
	for n, shared := range map[int]int{6: 0, 8: 4, 20: 40} {
		seen := map[string]int{}
		for draw := range metric.Draws {
			b, err := f.draw(t.Context(), n, draw)
			if err != nil {
				t.Fatal(err)
			}
			own := map[string]bool{}
			for i := range n {
				own[fmt.Sprint(b.Column(data.Target).Row(i))] = true
			}
			if len(own) != n {
				t.Errorf("a draw of %d holds %d different pictures", n, len(own))
			}
			for picture := range own {
				seen[picture]++
			}
		}
		if got := metric.Draws*n - len(slices.Collect(maps.Keys(seen))); got != shared {
			t.Errorf("draws of %d share %d pictures, want %d", n, got, shared)
		}
	}
	if _, err := f.draw(t.Context(), 21, 0); !errors.Is(err, metric.ErrNotApplicable) {
		t.Errorf("error %v", err)
	}
}

func TestFakesThatCannotBeMeasured(t *testing.T) {
	s := &Studio{}
	_, wrong := s.ReadFakes(t.Context(), noisy{1, 3, 9}, against(t))
	points := parse(t)
	_, none := s.ReadFakes(t.Context(), plain(1, 3), points)
	_, few := fakes(t, s, plain(1, 3)).Evaluate(t.Context(), metrics(t, "fid2k"))
	for want, err := range map[string]error{
		"0.png has 9×9 pixels; pictures are scored at 8×8, and are not resized": wrong,
		"pictures can only be scored against pictures":                          none,
		"nothing could be measured on 3 pictures by the requested metrics":      few,
	} {
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestSheetOfFakes(t *testing.T) {
	picture, err := fakes(t, &Studio{}, plain(1, 100)).Sheet()
	if err != nil {
		t.Fatal(err)
	}
	c, err := png.DecodeConfig(bytes.NewReader(picture))
	if want := 8*(64+2) + 2; err != nil || c.Width != want || c.Height != want {
		t.Errorf("a sheet of %d×%d pixels, %v; want 64 pictures of 64 pixels", c.Width, c.Height, err)
	}
}
