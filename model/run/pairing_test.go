package run

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// captionedFolder has six pictures of three colours with captions.
func captionedFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range []string{"red", "green", "blue"} {
		for _, n := range []string{"a", "b"} {
			img := image.NewNRGBA(image.Rect(0, 0, 16, 16))
			c := color.NRGBA{A: 255}
			*[]*uint8{&c.R, &c.G, &c.B}[i] = 200 + n[0] - 'a'
			draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
			b, err := picture.PNG.Encode(img)
			if err != nil {
				t.Fatal(err)
			}
			for ext, content := range map[string][]byte{".png": b, ".txt": []byte("a " + name + " square\n")} {
				if err := os.WriteFile(filepath.Join(dir, name+n+ext), content, 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return dir
}

const pairFile = `
name     = "pair"
steps    = 6
batch    = 4
pictures = 6
save     = 3

[data]
use        = "folder"
test_share = 0.0

[codec]
use      = "image"
size     = 16
channels = 3
captions = 4
pieces   = 260

[model]
use       = "pair"
embedding = 5
captions  = 1
pictures  = {use = "residual", width = 2}
texts     = {use = "transformer", layers = 1, heads = 1, width = 8}
decoder   = {use = "gpt", layers = 1, heads = 1, width = 8}
`

// TestPairRun stops a run between two checkpoints and goes on; then it embeds and writes.
func TestPairRun(t *testing.T) {
	dir := captionedFolder(t)
	config := func() *Config {
		c, err := Parse("pair.toml", []byte(pairFile), "data.path="+filepath.ToSlash(dir))
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
	if _, err := s.Train(ctx, config()); err == nil {
		t.Fatal("it was not stopped")
	}
	clear()
	r, err := s.Resume(t.Context(), "pair")
	if err != nil {
		t.Fatal(err)
	}
	if bytesOf(t, r) != bytesOf(t, whole) {
		t.Error("stopped and resumed: other weights than without a stop")
	}
	if !r.Dir.Can("embeds") || r.Dir.Can("draws") {
		t.Errorf("it can %v", r.Dir.Abilities())
	}
	p, err := r.Pairing()
	if err != nil {
		t.Fatal(err)
	}
	v, _, err := p.Text(t.Context(), "red")
	if err != nil || len(v) != 5 || math.Abs(float64(v[0]*v[0]+v[1]*v[1]+v[2]*v[2]+v[3]*v[3]+v[4]*v[4])-1) > 1e-5 {
		t.Errorf("%v, %v", v, err)
	}
	if _, _, err := p.Text(t.Context(), " "); !errors.Is(err, badinput.Err) {
		t.Errorf("no words at all: %v", err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "reda.png"))
	if err != nil {
		t.Fatal(err)
	}
	pixels, err := p.Picture(file)
	if err != nil {
		t.Fatal(err)
	}
	if lines, err := p.Captions(t.Context(), pixels, false); err != nil || len(lines) != 1 {
		t.Errorf("%q, %v", lines, err)
	}
}

// TestInitFromRunOfOtherCaptions: embeddings of words are taken only where the words of captions are the
// same, even if there are as many.
func TestInitFromRunOfOtherCaptions(t *testing.T) {
	s := studio(t)
	var notices []string
	s.Notice = func(line string) { notices = append(notices, line) }
	dir := captionedFolder(t)
	train := func(overrides ...string) {
		t.Helper()
		c, err := Parse("pair.toml", []byte(pairFile), append([]string{"data.path=" + filepath.ToSlash(dir), "codec.pieces=0", "steps=1", "model.captions=0"}, overrides...)...)
		if err != nil {
			t.Fatal(err)
		}
		notices = nil
		if _, err := s.Train(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	train("name=first")
	const from, differs = `init={use="run", name="0001-first"}`, "not taken: the embeddings of tokens, since the vocabulary of 0001-first differs"
	if train("name=same", from); slices.Contains(notices, differs) {
		t.Errorf("the same words: %q", notices)
	}
	for _, name := range []string{"reda", "redb"} {
		if err := os.WriteFile(filepath.Join(dir, name+".txt"), []byte("a pink square\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if train("name=other", from); !slices.Contains(notices, differs) {
		t.Errorf("other words: %q", notices)
	}
}

// TestFinder opens the pair that comes with the program.
func TestFinder(t *testing.T) {
	r, err := studio(t).Open(Finder)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p, err := r.Pairing()
	if err != nil || !strings.HasPrefix(p.Space, "pair@") || !p.Writes() {
		t.Errorf("%+v, %v", p, err)
	}
	a, unknown, err := p.Text(t.Context(), "red heart")
	if err != nil || len(a) != p.Width || len(unknown) > 0 {
		t.Errorf("%d numbers, unknown %q, %v", len(a), unknown, err)
	}
}
