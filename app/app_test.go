package app

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atelier/data"
	"atelier/internal/animation"
	"atelier/internal/badinput"
	"atelier/internal/midi"
	"atelier/internal/provenance"
	"atelier/model/metric"
	"atelier/model/run"
)

func TestApps(t *testing.T) {
	for e := range Apps.All() {
		if e.New().Example() == "" {
			t.Errorf("%s has no example", e.Name)
		}
	}
}

func TestGenerateCheck(t *testing.T) {
	for _, g := range []Generate{
		{N: -1, As: sheet}, {N: mostSheet + 1, As: sheet}, {N: 100_001, As: files}, {N: 1}, {N: 1, As: "film"},
		{As: files, Length: -1}, {As: files, Length: 1_000_001}, {As: files, Temperature: -1}, {As: files, TopK: -1}, {As: files, TopP: 2},
	} {
		if Check(fit(g), Out{Apart: true}) == nil {
			t.Errorf("%+v is accepted", g)
		}
	}
	for _, g := range []Generate{{As: files}, {N: 1, As: files}, {N: mostSheet, As: sheet}, {N: 100_000, As: files}} {
		if err := Check(fit(g), Out{Apart: true}); err != nil {
			t.Errorf("%+v: %v", g, err)
		}
	}
}

// fit fills in what is not given.
func fit(g Generate) *Generate {
	if g.Temperature == 0 {
		g.Temperature = 1
	}
	if g.Truncation == 0 {
		g.Truncation = 1
	}
	if g.TopP == 0 {
		g.TopP = 1
	}
	return &g
}

// A label holds all that a request was made of.
func TestAgain(t *testing.T) {
	for _, a := range []App{
		fit(Generate{From: "0001-fashion", N: 64, Seed: math.MaxUint64, As: sheet}),
		fit(Generate{From: "0002-emoji", N: 1, Seed: 0, Class: []string{"ankle boot"}, As: files, Format: formatJPEG}),
		fit(Generate{From: "0002-emoji", N: 2, Truncation: 0.25, Class: []string{"T-shirt/top", `a, "b"`}, As: sheet}),
		&Interpolate{From: "0001-fashion", Seeds: []uint64{1, math.MaxUint64}, Frames: 3, Rate: 7, Truncation: 0, Scale: 2, Format: formatAPNG},
		&Mix{From: "0003-faces", Coarse: []uint64{1}, Fine: []uint64{0, 2}, Layer: 3, Class: "cat", Truncation: 1},
	} {
		kept := settings(a, &Maker{})
		if _, there := kept["temperature"]; there {
			t.Errorf("%v: how tokens are chosen makes no difference to pictures", kept)
		}
		name := reflect.ValueOf(a).Elem().FieldByName("From").String()
		got, err := again(provenance.Label{Run: name, Settings: kept}, nil)
		if d := cmp.Diff(a, got); err != nil || d != "" {
			t.Errorf("%v %s", err, d)
		}
	}
	piece := fit(Generate{From: "0004-tunes", N: 1, Seed: 3, As: files, Length: 24, Temperature: 0, TopK: 5, TopP: 0.9})
	kept := settings(piece, &Maker{Tokens: true})
	got, err := again(provenance.Label{Run: "0004-tunes", Settings: kept}, nil)
	if d := cmp.Diff(App(piece), got); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	for _, settings := range []map[string]string{
		nil, {"n": "1"}, {"n": "x", "seed": "1"}, {"n": "0", "seed": "1", "as": sheet}, {"n": "1000000000", "seed": "1", "as": sheet},
		{"n": "2", "seed": "1", "as": files}, {"app": "film"}, {"app": "nearest"}, {"app": "interpolate", "seeds": "1"}, {"app": "interpolate", "loop": "maybe"},
		{"app": "variations"}, {"app": "variations", "given": "!"}, {"step": "3"},
	} {
		if _, err := again(provenance.Label{Settings: settings}, nil); !errors.Is(err, badinput.Err) {
			t.Errorf("%v: %v", settings, err)
		}
	}
}

// What a label of an older program does not say, or says otherwise, is as it was then.
func TestAgainOlder(t *testing.T) {
	label := provenance.Label{Run: "0001-fashion", Seeds: []uint64{2, 3, 2, 3}, Settings: map[string]string{"n": "2", "seed": "2", "as": sheet, "class": "bag,coat"}}
	if a, err := again(label, nil); err != nil || a.(*Generate).N != 4 || a.(*Generate).each() != 2 {
		t.Errorf("%v, error %v", a, err)
	}
	got, err := again(provenance.Label{Run: "0001-fashion", Settings: map[string]string{"n": "8", "seed": "2", "as": sheet, "class": "bag"}}, nil)
	want := fit(Generate{From: "0001-fashion", N: 8, Seed: 2, Class: []string{"bag"}, As: sheet})
	if d := cmp.Diff(App(want), got); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
}

func TestFormatFor(t *testing.T) {
	for _, c := range []struct {
		asked, file, want string
		known             []string
	}{
		{"", "", "png", stillFormats}, {"", "a.JPG", "jpeg", stillFormats}, {"", "a.jpeg", "jpeg", stillFormats}, {"webp", "", "webp", stillFormats},
		{"png", "a.dat", "png", stillFormats}, {"", "", "gif", walkFormats}, {"", "a.apng", "apng", walkFormats}, {"", "a.png", "png", walkFormats},
	} {
		if got, err := formatFor(c.asked, c.file, c.known); err != nil || got != c.want {
			t.Errorf("%q and %q: %q, error %v, want %q", c.asked, c.file, got, err, c.want)
		}
	}
	for _, c := range []struct{ asked, file, want string }{
		{"jpg", "", `no format "jpg"; did you mean "jpeg"?`}, {"png", "a.jpg", "png was requested, but a.jpg is the name of a jpeg"},
		{"", "a.gif", "a.gif has no extension of a known format; want one of .png, .jpg, .webp"},
	} {
		if _, err := formatFor(c.asked, c.file, stillFormats); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q and %q: %v", c.asked, c.file, err)
		}
	}
}

func TestChecks(t *testing.T) {
	for _, wrong := range []App{
		fit(Generate{As: files, Truncation: 1.5}), fit(Generate{As: files, Format: "bmp"}), fit(Generate{As: sheet, N: mostSheet + 2, Class: []string{"a", "b"}}), fit(Generate{As: sheet, N: 9, Class: []string{"a", "b"}}), fit(Generate{As: sheet, Class: []string{""}}), &Interpolate{Seeds: []uint64{1, 2}, Frames: math.MaxInt, Rate: 1, Truncation: 1}, &Interpolate{Seeds: []uint64{1, 2, 3, 4}, Frames: math.MaxInt/2 + 1, Rate: 1, Truncation: 1}, fit(Generate{As: sheet, N: 9, Class: []string{"a", "b"}}),
		&Interpolate{Seeds: []uint64{1}, Frames: 1, Rate: 1}, &Interpolate{Seeds: []uint64{1, 2}, Rate: 1}, &Interpolate{Seeds: []uint64{1, 2}, Frames: mostFrames, Rate: 1},
		&Interpolate{Seeds: []uint64{1, 2}, Frames: 1, Rate: 1, Truncation: -1}, &Interpolate{Seeds: []uint64{1, 2}, Frames: 1, Rate: 1, Scale: -1}, &Interpolate{Seeds: []uint64{1, 2}, Frames: 1},
		&Mix{Fine: []uint64{1}}, &Mix{Coarse: []uint64{1}}, &Mix{Coarse: []uint64{1}, Fine: []uint64{1}, Layer: -1}, &Mix{Coarse: make([]uint64, 100), Fine: make([]uint64, 100)},
		&Variations{N: 0, Candidates: 1}, &Variations{N: 1}, &Variations{N: 1, Candidates: 1, Strength: 2},
	} {
		if Check(wrong, Out{Apart: true}) == nil {
			t.Errorf("%+v is accepted", wrong)
		}
	}
}

func encoded(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPixelDifference(t *testing.T) {
	a := image.NewGray(image.Rect(0, 0, 4, 3))
	b := image.NewGray(image.Rect(0, 0, 4, 3))
	b.SetGray(1, 1, color.Gray{7})
	b.SetGray(3, 2, color.Gray{2})
	wide := image.NewGray(image.Rect(0, 0, 5, 3))
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{encoded(t, a), "pixels: all the same"},
		{encoded(t, b), "pixels: 2 of 12 differ, by at most 7 of 255"},
		{encoded(t, wide), "size: then 4×3, now 5×3"},
		{[]byte("no picture"), "cannot be read"},
	} {
		if got := pixelDifference(encoded(t, a), c.b); !strings.Contains(got, c.want) {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// Frames are counted before any is decoded, and then compared one by one.
func TestFrameDifference(t *testing.T) {
	moving := func(levels ...uint8) []byte {
		var frames []image.Image
		for _, level := range levels {
			m := image.NewGray(image.Rect(0, 0, 4, 3))
			m.Pix[5] = level
			frames = append(frames, m)
		}
		file, err := animation.APNG.Encode(frames, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	// The data of its last frame, before the end, are of another kind.
	broken := bytes.Clone(moving(1, 2, 3))
	last := bytes.LastIndex(broken, []byte("fdAT"))
	broken[last+8] ^= 0xff
	size := binary.BigEndian.Uint32(broken[last-4:])
	binary.BigEndian.PutUint32(broken[last+4+int(size):], crc32.ChecksumIEEE(broken[last:last+4+int(size)]))
	for _, c := range []struct {
		a, b []byte
		want string
	}{
		{moving(1, 2, 3), moving(1, 2, 3, 4), "frames: then 3, now 4"},
		{broken, moving(1, 2), "frames: then 3, now 2"},
		{broken, moving(1, 2, 3), "pixels: the file's cannot be read: "},
		{moving(1, 2, 3), moving(1, 2, 9), "pixels: 1 of 36 differ, by at most 6 of 255"},
	} {
		if got := pixelDifference(c.a, c.b); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// What was made by another program or engine and differs in its label alone is said to.
func TestLabelDifference(t *testing.T) {
	file, then := encoded(t, image.NewGray(image.Rect(0, 0, 4, 3))), provenance.Label{Run: "0001-a", Engine: "cpu"}
	was, err := provenance.Write(file, then)
	if err != nil {
		t.Fatal(err)
	}
	is, err := provenance.Write(file, provenance.Label{Run: "0001-a", Engine: "xla"})
	if err != nil {
		t.Fatal(err)
	}
	r := &Reproduction{Label: then, Item: data.Item{Bytes: is, MediaType: "image/png"}}
	if got, want := r.difference(was), "only the label differs: everything else is the same, byte for byte"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestNoteDifference(t *testing.T) {
	piece := func(tempo int64, pitches ...uint8) []byte {
		song := &midi.Song{Quarter: 480, Tracks: 1, Tempos: []midi.Tempo{{Micros: tempo}}}
		for i, p := range pitches {
			song.Notes = append(song.Notes, midi.Note{At: int64(i) * 480, Length: 480, Pitch: p, Velocity: 80})
		}
		file, err := song.Write()
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{piece(500_000, 60, 61), "notes: all the same; the file is encoded differently"},
		{piece(600_000, 60, 62, 64), "notes: then 2, now 3; compared in order, 2 differ"},
		{[]byte("MThd"), "notes: the reproduced ones cannot be read: it is no MIDI file: it has no header"},
	} {
		if got := noteDifference(piece(600_000, 60, 61), c.b); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// Classes that differ in what no file can be called do not share a file, and long ones
// leave room for the rest of its name.
func TestClassParts(t *testing.T) {
	long := strings.Repeat("é", 100)
	got := classParts([]string{"T-shirt/top", "t-shirt top", "T.shirt.top", long, long + "x", "模型"})
	want := []string{"T-shirt-top", "t-shirt-top-2", "T-shirt-top-3", strings.Repeat("é", 20), strings.Repeat("é", 20) + "-5", "模型"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestCurves(t *testing.T) {
	stats := []map[string]any{
		{"step": 1., "D/loss": 1.4, "G/loss": 0.7, "seconds": 1.},
		{"step": 2., "D/loss": 1.2, "G/loss": nil}, // a loss that was not finite
		{"step": 3., "D/loss": 1.1, "G/loss": 0.9},
	}
	if got := losses(stats); len(got) != 2 || len(got["G/loss"]) != 2 || got["D/loss"][2].X != 3 {
		t.Errorf("%v", got)
	}
	picture, err := Curves("0001-fashion", stats)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil || m.Width < 600 {
		t.Errorf("%v %v", m, err)
	}
	if _, err := Curves("0001-fashion", nil); !errors.Is(err, badinput.Err) {
		t.Errorf("of nothing: %v", err)
	}
}

func TestBest(t *testing.T) {
	score := func(name string, value float64, better metric.Direction) run.Measured {
		return run.Measured{Score: metric.Score{Name: name, Value: value, Better: better}}
	}
	all := []run.Measured{score("fid2k", 40, metric.Lower), score("fid2k", 20, metric.Lower), score("fid2k", 30, metric.Lower), score("recall", 0.5, metric.Higher), score("recall", 0.6, metric.Higher)}
	if got := best(all, "fid2k"); got == nil || got.Value != 20 {
		t.Errorf("%v", got)
	}
	if got := best(all, "recall"); got == nil || got.Value != 0.6 {
		t.Errorf("%v", got)
	}
	if got := best(all, "kid2k"); got != nil {
		t.Errorf("%v", got)
	}
}

// A sheet that is larger than its format can be is refused, with the most that it holds.
func TestSheetsFit(t *testing.T) {
	small := data.Field{Kind: data.Pixels, Shape: []int{28, 28, 1}} // 56 pixels and 2 between
	for _, c := range []struct {
		g    Generate
		most string // empty if it fits
	}{
		{Generate{N: 2256, As: sheet, Format: formatWebP}, ""},
		{Generate{N: 2257, As: sheet, Format: formatWebP}, "2256"},
		{Generate{N: 2257, As: files, Format: formatWebP}, ""},
		{Generate{N: mostSheet, As: sheet, Format: formatPNG}, ""},
		{Generate{N: mostSheet, As: sheet, Format: formatJPEG}, ""},
		{Generate{N: 566, As: sheet, Format: formatWebP, Class: []string{"a", "b"}}, "564"},
		{Generate{N: 2258, As: sheet, Format: formatJPEG, Class: []string{"a", "b"}}, ""},
		{Generate{N: 2260, As: sheet, Format: formatJPEG, Class: []string{"a", "b"}}, "2258"},
	} {
		switch err := c.g.fits(small); {
		case (err == nil) != (c.most == ""):
			t.Errorf("%+v: %v", c.g, err)
		case err != nil && (!errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "want at most "+c.most+" ")):
			t.Errorf("%+v: %v", c.g, err)
		}
	}
	if err := (&Generate{N: mostSheet, As: sheet, Format: formatWebP}).fits(data.Field{Kind: data.Vector, Shape: []int{2}}); err != nil {
		t.Errorf("a plot: %v", err)
	}
}

// What would not fit into memory, or into its format, is refused before it is drawn.
func TestWalksFit(t *testing.T) {
	old := debug.SetMemoryLimit(1 << 30)
	defer debug.SetMemoryLimit(old)
	target := data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{256, 256, 3}}
	for _, c := range []struct {
		a    Interpolate
		want string
	}{
		{Interpolate{Seeds: make([]uint64, 4), Frames: 10, Scale: 1, Format: formatGIF}, ""},
		{Interpolate{Seeds: make([]uint64, 4), Frames: 750, Scale: 8, Format: formatGIF}, "frames: 3000 pictures of 2048×2048 pixels would need about 98 GB of memory; GOMEMLIMIT allows 1.0 GB: up to 24 fit"},
		{Interpolate{Seeds: make([]uint64, 4), Frames: 10, Scale: 64, Format: formatWebP}, "scale: want at most 63 for webp, which allows 16383 pixels per side, got 64"},
		{Interpolate{Seeds: make([]uint64, 4), Frames: 700, Format: formatPNG}, "pictures of 256×256 pixels would need about"},
	} {
		err := c.a.fits(target, c.a.Format == formatPNG)
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %s", c.a, err, c.want)
		}
	}
	g := Generate{N: 4096, As: sheet, Format: formatPNG}
	if err := g.fits(target); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "n: 4096 pictures") {
		t.Errorf("a sheet of 4096: %v", err)
	}
}

// A label that describes another animation than the file is refused before anything is drawn.
func TestWalkMatches(t *testing.T) {
	target := data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{3, 4, 1}}
	file, err := animation.APNG.Encode([]image.Image{image.NewGray(image.Rect(0, 0, 8, 6)), image.NewGray(image.Rect(0, 0, 8, 6))}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	right := Interpolate{Seeds: []uint64{1, 2}, Frames: 1, Loop: true, Scale: 2, Format: formatAPNG}
	if err := right.matches(file, target); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*Interpolate){func(a *Interpolate) { a.Frames = 100 }, func(a *Interpolate) { a.Scale = 64 }, func(a *Interpolate) { a.Loop = false; a.Frames = 2 }} {
		wrong := right
		change(&wrong)
		if err := wrong.matches(file, target); !errors.Is(err, badinput.Err) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

func onePixel(t *testing.T) []byte { return encoded(t, image.NewGray(image.Rect(0, 0, 1, 1))) }
