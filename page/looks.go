package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// looks are those of media types, by how they begin.
var looks = []struct{ begins, look string }{
	{"image/", "picture"}, {"audio/midi", "music"}, {"text/vnd.abc", "music"}, {"application/vnd.recordare", "music"},
	{"audio/", "audio"}, {"video/webm", "video"}, {"video/mp4", "video"}, {"text/html", "page"}, {"text/", "text"}, {"application/json", "text"},
	{"application/x-tmx+xml", "map"}, {"model/gltf-binary", "solid"}, {"application/x-tsx+xml", "text"},
}

// lookOf tells how a file is shown.
func lookOf(mediaType string) string {
	for _, l := range looks {
		if strings.HasPrefix(mediaType, l.begins) {
			return l.look
		}
	}
	return "other"
}

// Prose reports whether a text is to be read as sentences, not as a map or a table of characters.
func (r result) Prose() bool { return strings.HasPrefix(r.MediaType, "text/plain") || r.Marked() }

// Marked reports whether a text is Markdown; answers of a conversation are.
func (r result) Marked() bool {
	return r.App == "chat" || strings.HasPrefix(r.MediaType, "text/markdown")
}

// Excerpt is the beginning of a text, without its marks.
func (r result) Excerpt() string {
	text := clipped(r.Text, mostOnCard)
	if !r.Marked() {
		return text
	}
	return strings.NewReplacer("`", "", "**", "", "__", "").Replace(text)
}

// Sides of a picture on a page, in CSS pixels: taller ones are reduced, and small ones enlarged.
const (
	mostHigh   = 576
	fewPixels  = 200
	fewEnlarge = 384
)

// Few reports that a picture has so few pixels that it is shown enlarged.
func (r result) Few() bool { return 0 < r.Width && r.Width < fewPixels }

// Shown are the width and height at which a picture is shown, so that its place is kept while it
// loads; nothing of a picture of unknown size.
func (r result) Shown() template.HTMLAttr {
	if r.Width <= 0 || r.Height <= 0 {
		return ""
	}
	scale := min(1, mostHigh/float64(r.Height))
	if r.Few() {
		scale = min(fewEnlarge/float64(r.Width), mostHigh/float64(r.Height))
	}
	side := func(n int) int { return max(1, int(math.Round(scale*float64(n)))) }
	return template.HTMLAttr(fmt.Sprintf(`width="%d" height="%d"`, side(r.Width), side(r.Height)))
}
