package atlas

import (
	"encoding/json"
	"image"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Packed rectangles lie in the sheet, with a gap around each, and do not waste most of it.
func TestPack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gap := rapid.IntRange(0, 3).Draw(t, "gap")
		var sizes []image.Point
		area := 0
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			s := image.Pt(rapid.IntRange(1, 50).Draw(t, "w"), rapid.IntRange(1, 50).Draw(t, "h"))
			sizes = append(sizes, s)
			area += (s.X + gap) * (s.Y + gap)
		}
		places, sheet, err := Pack(sizes, gap, 1024)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range places {
			r := image.Rectangle{p, p.Add(sizes[i])}
			if !r.In(image.Rectangle{image.Pt(gap, gap), sheet.Sub(image.Pt(gap, gap))}) {
				t.Fatalf("%v is not within %v", r, sheet)
			}
			for j := range i {
				if other := (image.Rectangle{places[j], places[j].Add(sizes[j])}); r.Inset(-gap).Overlaps(other) {
					t.Fatalf("%v and %v overlap", r, other)
				}
			}
		}
		if len(sizes) > 30 && float64(area) < 0.6*float64(sheet.X*sheet.Y) {
			t.Fatalf("%d of %v are used", area, sheet)
		}
	})
	if places, _, err := Pack(nil, 1, 10); err != nil || len(places) != 0 {
		t.Error(places, err)
	}
	for want, sizes := range map[string][]image.Point{
		"a picture of 20×3 pixels does not fit": {{20, 3}}, "do not fit into a sheet": {{8, 8}, {8, 8}},
	} {
		if _, _, err := Pack(sizes, 1, 12); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

// What is written is JSON in TexturePacker's form, in the order of the frames.
func TestJSON(t *testing.T) {
	frames := []Frame{
		{`b "2"`, image.Rect(1, 2, 5, 8), image.Rect(3, 4, 7, 10), image.Pt(16, 16)},
		{"a", image.Rect(6, 2, 8, 4), image.Rect(0, 0, 2, 2), image.Pt(2, 2)},
	}
	text, err := JSON(frames, []Animation{{"walk", []string{"a", "a"}}}, "s.png", image.Pt(20, 10))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	b := got["frames"].(map[string]any)[`b "2"`].(map[string]any)
	want := map[string]any{
		"frame": map[string]any{"x": 1., "y": 2., "w": 4., "h": 6.}, "rotated": false, "trimmed": true,
		"spriteSourceSize": map[string]any{"x": 3., "y": 4., "w": 4., "h": 6.}, "sourceSize": map[string]any{"w": 16., "h": 16.},
	}
	if !reflect.DeepEqual(b, want) || got["meta"].(map[string]any)["image"] != "s.png" {
		t.Errorf("%s", text)
	}
	if trimmed := got["frames"].(map[string]any)["a"].(map[string]any)["trimmed"]; trimmed != false {
		t.Error("a is trimmed")
	}
	if strings.Index(string(text), `b \"2\"`) > strings.Index(string(text), `"a": {`) {
		t.Error("the order is lost")
	}
}

func TestAnimations(t *testing.T) {
	got := Animations([]string{"walk_01", "jump 1", "walk_02", "idle", "7", "8", "hit-3", "walk_10", "jump 2"})
	want := []Animation{{"walk", []string{"walk_01", "walk_02", "walk_10"}}, {"jump", []string{"jump 1", "jump 2"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}
