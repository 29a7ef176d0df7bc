package svg

import (
	"strings"
	"testing"
)

const square = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path fill="#f00" d="M0 0h4v8h-4Z"/></svg>`

// TestDraw draws the left half red and leaves the right half transparent.
func TestDraw(t *testing.T) {
	img, err := Draw([]byte(square), 32)
	if err != nil {
		t.Fatal(err)
	}
	if c := img.RGBAAt(8, 16); c.R != 255 || c.G != 0 || c.A != 255 {
		t.Errorf("left is %v, want red", c)
	}
	if c := img.RGBAAt(24, 16); c.A != 0 {
		t.Errorf("right is %v, want transparent", c)
	}
}

func TestRefuses(t *testing.T) {
	for file, want := range map[string]string{
		"":     "is empty",
		"<svg": "cannot be drawn",
		`<svg viewBox="0 0 0 0"><path d="M0 0h4v8z"/></svg>`:                                            "no view box",
		strings.Replace(square, "</svg>", `<clipPath id="a"><path d="M0 0h1v1z"/></clipPath></svg>`, 1): "clipPath",
		strings.Replace(square, "h4", "h9e9", 1):                                                        "out of range",
		strings.Repeat(" ", mostBytes+1):                                                                "at most",
	} {
		if _, err := Draw([]byte(file), 16); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", file, err, want)
		}
	}
	if _, err := Draw([]byte(square), 0); err == nil {
		t.Error("drew no pixels")
	}
}

func FuzzDraw(f *testing.F) {
	f.Add([]byte(square))
	f.Add([]byte(`<svg viewBox="0 0 9 9"><defs><radialGradient id="g" cx="4" cy="4" r="3"><stop offset="1" stop-color="#fff"/></radialGradient><g id="x"><circle cx="3" cy="3" r="2" fill="url(#g)" stroke="#123" stroke-dasharray="1 2"/></g></defs><use href="#x"/></svg>`))
	f.Fuzz(func(_ *testing.T, file []byte) {
		_, _ = Draw(file, 8)
	})
}
