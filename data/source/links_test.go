package source

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"atelier/internal/fetch"
)

// TestPicturesOfPages finds pictures wherever pages of today name them.
func TestPicturesOfPages(t *testing.T) {
	u, err := fetch.Parse("https://example.org/blog/page")
	if err != nil {
		t.Fatal(err)
	}
	page := `<html><head><meta property="og:image" content="/share.jpg"><meta name="twitter:image" content="big.jpg"></head><body>
<img src="plain.png" alt="plain">
<img src="small.jpg" srcset="small.jpg 320w, big.jpg 1280w,middle.jpg 640w" alt="by width">
<img src="one.png" srcset="one.png, two.png 2x, three.png 1.5x" alt="by density">
<img src="data:image/gif;base64,R0lGOD" data-src="late.png" alt="late">
<img src="dot.gif" data-srcset="//cdn.example.org/a,b.png 100w" alt="a comma">
<img data-original="old.png"><img srcset=" " src="fallback.png"><img srcset="broken.png x" alt="">
<picture><source srcset="other.avif 2x"><img src="plain.png"></picture></body></html>`
	got := readLinks(&fetch.Page{URL: u, Body: []byte(page)}).Pictures
	want := []picture{
		{"https://example.org/share.jpg", ""}, {"https://example.org/blog/big.jpg", "by width"}, {"https://example.org/blog/plain.png", "plain"},
		{"https://example.org/blog/two.png", "by density"}, {"https://example.org/blog/late.png", "late"}, {"https://cdn.example.org/a,b.png", "a comma"},
		{"https://example.org/blog/old.png", ""}, {"https://example.org/blog/fallback.png", ""}, {"https://example.org/blog/broken.png", ""},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
