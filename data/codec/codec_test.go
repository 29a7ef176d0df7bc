package codec

import (
	"image"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry/registrytest"
	"atelier/internal/tilemap"
)

// TestContract holds every codec to what it promises: a target in range, a
// label if and only if there are classes, and numbers that survive being made
// an Item and read again.
func TestContract(t *testing.T) {
	classes := []string{"first", "second"}
	for e := range data.Codecs.All() {
		t.Run(e.Name, func(t *testing.T) {
			c := e.New()
			if f, ok := c.(data.Streaming); ok {
				if err := f.Fit(alphabet); err != nil {
					t.Fatal(err)
				}
			}
			if s, err := c.Spec(nil); err != nil || len(s.Fields) != 1 || s.Target().Size() == 0 {
				t.Fatal("without classes:", s, err)
			}
			spec, err := c.Spec(classes)
			if err != nil || len(spec.ClassNames()) != 2 {
				t.Fatal(spec, err)
			}
			f := spec.Target()
			b, again := data.NewBatch(spec, 3), data.NewBatch(spec, 3)
			fill(b.Column(data.Target), 1)
			if s, ok := c.(data.Sectioning); ok {
				writeSection(t, s, b.Column(data.Target).Tokens(1))
			}
			if snap, ok := c.(data.Snapping); ok {
				snap.Snap(b, 1)
			}
			b.Column(data.Label).Ints[1] = 1
			it, err := c.Decode(b, 1)
			if err != nil || it.Label != "second" || it.MediaType == "" || it.MediaType != c.MediaType() {
				t.Fatal(it.Label, it.MediaType, err)
			}
			if err := c.Encode(data.ExampleOf(it), again, 2); err != nil {
				t.Fatal(err)
			}
			row := values(b.Column(data.Target), 1)
			for i, v := range values(again.Column(data.Target), 2) {
				if math.Abs(v-row[i]) > float64(f.High-f.Low)/255 {
					t.Fatalf("number %d was %g and is %g", i, row[i], v)
				}
			}
			if again.Column(data.Label).Ints[2] != 1 || values(again.Column(data.Target), 1)[0] != 0 {
				t.Error("wrote another row or label")
			}
			it.Label = "secund"
			if err := c.Encode(data.ExampleOf(it), again, 0); err == nil || !strings.Contains(err.Error(), `did you mean "second"`) {
				t.Error("a wrong label gives", err)
			}
			it.Label = ""
			if err := c.Encode(data.ExampleOf(it), again, 0); err == nil || !strings.Contains(err.Error(), "label all or none") {
				t.Error("no label gives", err)
			}
			if c.Encode(data.ExampleOf(data.Item{Bytes: []byte("?")}), again, 0) == nil || c.Encode(data.Example{}, again, 0) == nil {
				t.Error("accepts rubbish")
			}
		})
	}
}

// writeSection writes a section of a piece in place of tokens in any order, which make none.
func writeSection(t *testing.T, c data.Sectioning, row []int32) {
	t.Helper()
	it := data.Item{Bytes: scale(t, 9)}
	if c.MediaType() == tilemap.MediaType {
		it.Bytes = []byte("abc\nbca\n")
	}
	sections, err := c.Sections(it)
	if err != nil {
		t.Fatal(err)
	}
	clear(row)
	copy(row, sections[0])
}

// alphabet is a set of one text.
func alphabet(yield func(data.Item, error) bool) {
	yield(data.Item{Name: "alphabet", Bytes: []byte("abcäöü\n天地")}, nil)
}

// fill puts numbers of the field's range into a row.
func fill(c *data.Column, at int) {
	f := c.Field
	uniform := make([]float32, f.Size())
	noise.Uniforms(uniform, 1)
	for i, u := range uniform {
		if f.Kind == data.Tokens {
			c.Tokens(at)[i] = int32(u * float32(f.Vocabulary))
		} else {
			c.Row(at)[i] = f.Low + u*(f.High-f.Low)
		}
	}
}

// values returns the numbers of a row.
func values(c *data.Column, at int) (out []float64) {
	if c.Field.Kind == data.Tokens {
		for _, v := range c.Tokens(at) {
			out = append(out, float64(v))
		}
		return out
	}
	for _, v := range c.Row(at) {
		out = append(out, float64(v))
	}
	return out
}

func TestPoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &Points{Scale: rapid.SampledFrom([]float64{0.5, 1, 4}).Draw(t, "scale")}
		spec, _ := c.Spec(nil)
		b := data.NewBatch(spec, 1)
		row := b.Column(data.Target).Row(0)
		row[0], row[1] = rapid.Float32Range(-1.25, 1.25).Draw(t, "x"), rapid.Float32Range(-1.25, 1.25).Draw(t, "y")
		it, err := c.Decode(b, 0)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := encodeOne(c, it.Bytes); err != nil || back[0] != row[0] || back[1] != row[1] {
			t.Fatal(row, back, err)
		}
	})
}

func TestRefusesPoints(t *testing.T) {
	for text, want := range map[string]string{
		"1":       `not a point; it must be two numbers, such as "0.5,-1"`,
		"1,x":     `"x" is not a finite number`,
		"NaN,1":   `"NaN" is not a finite number`,
		"1e999,1": `"1e999" is not a finite number`,
		"0,-4.2":  "the coordinate -4.2 lies outside ±1.25; a codec scale of 3.36 or more takes it in",
	} {
		if _, err := encodeOne(&Points{Scale: 1}, []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	if _, err := (&Points{}).Spec(nil); err == nil {
		t.Error("accepts a scale of 0")
	}
	if _, err := (&Image{Size: 28, Channels: 2}).Spec(nil); err == nil {
		t.Error("accepts 2 channels")
	}
}

func FuzzPoints(f *testing.F) {
	for _, s := range []string{"0.5,-1", "1e-300,2", "NaN,0", ",", "1,2,3", " 1 , 1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		row, err := encodeOne(&Points{Scale: 1}, b)
		if err == nil && !(row[0] >= -1.25 && row[0] <= 1.25 && row[1] >= -1.25 && row[1] <= 1.25) {
			t.Error(row)
		}
	})
}

func TestSheet(t *testing.T) {
	f := data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{4, 4, 1}, Low: -1, High: 1}
	c := data.NewColumn(f, 3)
	for i := range c.Floats {
		c.Floats[i] = -1
	}
	img, err := Sheet(&c, 2)
	if err != nil {
		t.Fatal(err)
	}
	tile := 4 * 16 // enlarged to 64
	if want := image.Rect(0, 0, 2*tile+3*SheetGap, 2*tile+3*SheetGap); img.Bounds() != want {
		t.Fatal(img.Bounds(), want)
	}
	grey := func(x, y int) uint32 { r, _, _, _ := img.At(x, y).RGBA(); return r >> 8 }
	if grey(SheetGap, SheetGap) != 0 || grey(SheetGap+tile, SheetGap) != 255 || grey(2*SheetGap+tile, 2*SheetGap+tile) != 255 {
		t.Error("the pictures are in the wrong places")
	}
	points := data.NewColumn(data.Field{Name: data.Target, Kind: data.Vector, Shape: []int{2}, Low: -1, High: 1}, 2)
	copy(points.Floats, []float32{0.5, 0.5, float32(math.NaN()), 7})
	if img, err = Sheet(&points, 8); err != nil {
		t.Fatal(err)
	}
	if grey(384, 128) != 0 || grey(128, 384) != 255 {
		t.Error("the point is in the wrong place")
	}
	if _, err := Sheet(nil, 8); err == nil {
		t.Error("makes a sheet of nothing")
	}
}

// The settings of every codec go into a run file and come back.
func TestSettingsSurvive(t *testing.T) { registrytest.RoundTrip(t, data.Codecs) }
