package app

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"atelier/internal/durable"
	"atelier/model/run"
)

//go:embed page.html
var runPage string

var runTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("run").Funcs(template.FuncMap{"join": strings.Join}).Parse(runPage))
})

// A Page is the card of a run as an HTML page.
type Page struct {
	*Card
	// CurvesPNG is the plot of [Curves], nil for none.
	CurvesPNG []byte
	// Dir is the run's folder, with the samples.
	Dir *run.Dir
}

// A frame is samples of one step, as an inline picture or as a text.
type frame struct {
	Step          int
	Picture       template.URL
	Text, Caption string
}

// keyScores are the scores at the top of a page, if available.
var keyScores = []string{"fid10k", "fid2k", "kid2k", "precision", "recall", "coverage", "memorised", "perplexity", "bpc", "modes_found"}

const (
	mostFilm   = 6        // pictures from the first to the last step
	mostShown  = 8 << 20  // bytes of an included file
	mostQuoted = 20 << 10 // bytes of an included text
	mostKeys   = 5
)

// Write writes a self-contained HTML page without scripts.
func (p Page) Write(w io.Writer) error {
	frames, err := p.frames()
	if err != nil {
		return err
	}
	shown := struct {
		Page
		Facts   []struct{ Name, Value string }
		Samples *frame
		Film    []frame
		Curves  template.URL
	}{Page: p}
	for _, name := range keyScores {
		for _, s := range p.Scores {
			if s.Name == name && len(shown.Facts) < mostKeys {
				shown.Facts = append(shown.Facts, struct{ Name, Value string }{name, s.Plain()})
			}
		}
	}
	if n := len(frames); n > 0 {
		shown.Samples = &frames[n-1]
		if shown.Samples.Picture != "" && n > 1 {
			shown.Film = thinned(frames, mostFilm)
		}
	}
	if p.CurvesPNG != nil {
		shown.Curves = inlined("image/png", p.CurvesPNG)
	}
	return runTemplate().Execute(w, shown)
}

// frames are the samples kept with the run, sorted by step.
func (p Page) frames() (frames []frame, err error) {
	paths, err := p.Dir.Previews()
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		b, err := durable.ReadFile(path, mostShown)
		if err != nil {
			continue // unreadable ones are left out
		}
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		step, _ := strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
		f := frame{Step: step, Caption: fmt.Sprintf("step %d", step)}
		switch filepath.Ext(path) {
		case ".png":
			f.Picture = inlined("image/png", b)
		case ".txt":
			f.Text = strings.ToValidUTF8(string(b[:min(len(b), mostQuoted)]), "")
		default:
			continue
		}
		frames = append(frames, f)
	}
	return frames, nil
}

// thinned keeps at most n, evenly spaced, including the first and the last.
func thinned(frames []frame, most int) (kept []frame) {
	n := min(len(frames), most)
	for i := range n {
		kept = append(kept, frames[i*(len(frames)-1)/max(1, n-1)])
	}
	return kept
}

// inlined is a file as a data: address.
func inlined(kind string, b []byte) template.URL {
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(b))
}
