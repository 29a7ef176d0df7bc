package app

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What an app takes is said once, in its struct, and the schema says the same.
func TestSchema(t *testing.T) {
	s, err := Schema("variations")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema     string                    `json:"$schema"`
		Properties map[string]map[string]any `json:"properties"`
		Required   []string                  `json:"required"`
		Additional bool                      `json:"additionalProperties"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != schemaDialect || got.Additional || !cmp.Equal(got.Required, []string{"picture"}) {
		t.Errorf("%s", text)
	}
	for name, want := range map[string]map[string]any{
		"picture":  {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/*"},
		"n":        {"type": "integer", "minimum": 1., "maximum": 4094., "default": 14.},
		"strength": {"type": "number", "minimum": 0., "maximum": 1., "default": 0.2},
		"seed":     {"type": "integer", "minimum": 0., "default": 1.},
		"format":   {"type": "string", "enum": []any{"", "png", "jpeg", "webp"}, "default": ""},
		"model":    {"type": "string", "x-needs": "inverts", "default": "patch"},
	} {
		property := got.Properties[name]
		if property["description"] == "" {
			t.Errorf("%s is not described", name)
		}
		delete(property, "description")
		if d := cmp.Diff(want, property); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	for e := range Apps.All() {
		s, err := Schema(e.Name)
		if err != nil || len(s["properties"].(map[string]any)) != len(Inputs(e.New())) {
			t.Errorf("%s: %v, error %v", e.Name, s, err)
		}
	}
}

// Ranges are those of the tags; what the constructor gives is in range.
func TestRanges(t *testing.T) {
	for _, c := range []struct {
		change func(*Variations)
		want   string
	}{
		{func(*Variations) {}, ""},
		{func(a *Variations) { a.N = 0 }, "n: want 1 to 4094, got 0"},
		{func(a *Variations) { a.N = 4095 }, "n: want 1 to 4094, got 4095"},
		{func(a *Variations) { a.Strength = 1.5 }, "strength: want 0 to 1, got 1.5"},
		{func(a *Variations) { a.Format = "jpg" }, `format: no format "jpg"; did you mean "jpeg"? there are jpeg, png, webp`},
		{func(a *Variations) { a.Picture = File{} }, "picture: want a file"},
		{func(a *Variations) { a.Picture.Bytes = nil }, "a.png: the file is empty"},
		{func(a *Variations) { a.Picture.Bytes = []byte("words") }, "a.png: not a picture that can be read; there are PNG, JPEG, GIF, WebP, BMP, TIFF, PBM, PGM and PPM"},
	} {
		a, err := Apps.New("variations")
		if err != nil {
			t.Fatal(err)
		}
		v := a.(*Variations)
		v.Picture = File{Name: "a.png", Bytes: onePixel(t)}
		c.change(v)
		if err := Check(v, Out{}); err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	if err := Check(&Interpolate{Seeds: []uint64{1}}, Out{}); err == nil || err.Error() != "seeds: want at least 2, such as 1,7,12; got 1" {
		t.Error(err)
	}
	if err := Check(fit(Generate{As: files, N: -1}), Out{}); err == nil || err.Error() != "n: want 1 to 100000, or 0, got -1" {
		t.Error(err)
	}
}
