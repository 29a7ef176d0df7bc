package app

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/data"
	"atelier/engine/match"
	"atelier/engine/simd"
	"atelier/internal/badinput"
	"atelier/internal/noise"
	"atelier/internal/picture"
	"atelier/model/run"
)

// tinyStyle writes the weights of a style network of four channels.
func tinyStyle(t *testing.T) string {
	t.Helper()
	dir, manifest, k := t.TempDir(), []string{}, 0
	variable := func(shape ...int) {
		name, n := "Variable", 1
		if k > 0 {
			name = fmt.Sprintf("Variable_%d", k)
		}
		for _, d := range shape {
			n *= d
		}
		values := make([]float32, n)
		noise.Normals(values, 5, uint64(k))
		var b []byte
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v/4))
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
			t.Fatal(err)
		}
		manifest = append(manifest, fmt.Sprintf("%q: {\"filename\": %q, \"shape\": %s}", name, name, strings.ReplaceAll(fmt.Sprint(shape), " ", ", ")))
		k++
	}
	for i := range 16 {
		switch {
		case i == 0:
			variable(9, 9, 3, 4)
		case i == 15:
			variable(9, 9, 4, 3)
		default:
			variable(3, 3, 4, 4)
		}
		out := 4
		if i == 15 {
			out = 3
		}
		variable(out)
		variable(out)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte("{"+strings.Join(manifest, ", ")+"}"), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// withBackend is an environment of one picture in which networks run.
func withBackend(t *testing.T, out Out) (*Env, func() *image.NRGBA, File) {
	t.Helper()
	env, items, _ := onePicture(out)
	backend := shared(t).Backend
	env.Studio = &run.Studio{Backend: backend, Matcher: match.New(simd.Best(), 2), Home: t.TempDir(), Program: "test", Engine: "cpu"}
	return env, func() *image.NRGBA { return pixelsOf(t, (*items)[len(*items)-1].Bytes) }, fileOf(t, "a.png", picture.PNG, scene(50, 38))
}

// A style network paints, a denoiser changes, and at strength 0 the picture is as it was; what was made
// is made again.
func TestNetworks(t *testing.T) {
	style, tiny := tinyStyle(t), filepath.Join("..", "model", "pixelnet", "testdata", "tiny.pth")
	for name, c := range map[string]struct {
		make func(f File, strength float64) App
	}{
		"stylize": {func(f File, s float64) App {
			return &Stylize{Picture: f, By: noRun, Model: style, Strength: s, Colours: coloursStyle, Seed: 1}
		}},
		"denoise": {func(f File, s float64) App { return &Denoise{Picture: f, Model: tiny, Strength: s} }},
	} {
		env, last, f := withBackend(t, Out{})
		for _, strength := range []float64{0, 1} {
			var again []byte
			inner := env.Emit
			env.Emit = func(it data.Item) error { again = it.Bytes; return inner(it) }
			if err := Run(t.Context(), c.make(f, strength), env); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			env.Emit = inner
			same := string(last().Pix) == string(pixelsOf(t, f.Bytes).Pix)
			if same != (strength == 0) || last().Rect.Size() != image.Pt(50, 38) {
				t.Errorf("%s at strength %g: the same picture: %v", name, strength, same)
			}
			r, err := Reproduce(t.Context(), env, File{Name: "x.png", Bytes: again}, nil, givenBy(c.make(f, strength)))
			if err != nil || !r.Same {
				t.Errorf("%s: not the same: %v", name, err)
			}
		}
	}
}

// Patches of a style paint the picture: what is made has the colours of the style, or keeps its own,
// and another seed gives another.
func TestStylizeByPatches(t *testing.T) {
	like := fileOf(t, "like.png", picture.PNG, ball(64, 48))
	env, last, f := withBackend(t, Out{})
	mean := func(img *image.NRGBA) (sum [3]float64) {
		for i := 0; i < len(img.Pix); i += 4 {
			for c := range sum {
				sum[c] += float64(img.Pix[i+c]) / float64(len(img.Pix)/4)
			}
		}
		return sum
	}
	content, style := mean(pixelsOf(t, f.Bytes)), mean(pixelsOf(t, like.Bytes))
	for _, colours := range []string{coloursStyle, coloursKept} {
		a := &Stylize{Picture: f, By: noRun, Like: Files{like, like}, Strength: .5, Colours: colours, Seed: 1}
		if err := Run(t.Context(), a, env); err != nil {
			t.Fatal(err)
		}
		got := mean(last())
		near := func(to [3]float64) float64 {
			return math.Abs(got[0] - got[2] - to[0] + to[2]) // of red less blue
		}
		if (near(style) < near(content)) != (colours == coloursStyle) {
			t.Errorf("colours %s: mean %v, of the style %v, of the content %v", colours, got, style, content)
		}
	}
}

func TestStylizeMistakes(t *testing.T) {
	style, tiny := tinyStyle(t), filepath.Join("..", "model", "pixelnet", "testdata", "tiny.pth")
	for _, c := range []struct {
		app  func(f File) App
		want string
	}{
		{func(f File) App { return &Stylize{Picture: f, By: noRun, Colours: coloursStyle} }, "want a style"},
		{func(f File) App {
			return &Stylize{Picture: f, By: noRun, Colours: coloursStyle, Like: Files{f}, Model: "x"}
		}, "not both"},
		{func(f File) App { return &Stylize{Picture: f, By: noRun, Colours: coloursStyle, Model: "style-wav"} }, `did you mean "style-wave"`},
		{func(f File) App { return &Stylize{Picture: f, By: noRun, Colours: coloursStyle, Model: "style-wave"} }, "are not here yet; add them with"},
		{func(f File) App { return &Stylize{Picture: f, By: noRun, Colours: coloursStyle, Model: tiny} }, "is a network to denoise"},
		{func(f File) App { return &Denoise{Picture: f, Model: style} }, "is a network to stylize"},
		{func(f File) App { return &Denoise{Picture: f, Model: "./none"} }, "none"},
		{func(f File) App { return &Denoise{Picture: f} }, "want the name of weights"},
	} {
		env, _, f := withBackend(t, Out{})
		err := Run(t.Context(), c.app(f), env)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
