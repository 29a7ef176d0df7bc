package page

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"math"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"

	"atelier/jobs"
	"atelier/model/metric"
)

// parse reads the templates with the functions of a language. Each page is "frame:NAME", parts
// are by their own names.
func parse(lang string) (*template.Template, error) {
	t := template.New("").Funcs(functions(lang))
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	frame, err := files.ReadFile("templates/frame.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		stem := strings.TrimSuffix(path.Base(name), ".html")
		if stem == "frame" {
			continue
		}
		if _, err := t.New(stem).Parse(string(text)); err != nil {
			return nil, err
		}
		if strings.HasPrefix(stem, "part-") {
			continue
		}
		own := strings.ReplaceAll(string(frame), "PAGE", stem)
		if _, err := t.New("frame:" + stem).Parse(own); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// functions are those of templates: t says a text in the language.
func functions(lang string) template.FuncMap {
	say := func(text string, with ...any) string {
		text = inLanguage(lang, text)
		if len(with) > 0 {
			text = fmt.Sprintf(text, with...)
		}
		return text
	}
	return template.FuncMap{
		"t": say,
		"words": func() (template.JS, error) {
			b, err := json.Marshal(scriptWords(lang))
			return template.JS(b), err // JSON of our own texts
		},
		"icon":     icon,
		"markdown": formatted,
		"answer":   func(text string) (template.HTML, error) { return formatted(sourcesIn(lang, text)) },
		"bytes":    func(n int64) string { return humanize.IBytes(uint64(max(n, 0))) },
		"count":    func(n int) string { return humanize.Comma(int64(n)) },
		"works": func(n int) string {
			if n == 1 {
				return say("1 work")
			}
			return say("%s works", humanize.Comma(int64(n)))
		},
		"sig":     significant,
		"when":    func(at time.Time) template.HTML { return when(at) },
		"appname": func(name string) string { return say(titleOf(name)) },
		"help":    func(text string) string { return helpIn(lang, text) },
		"said":    func(text string) string { return plain(lang, saidIn(lang, text)) },
		"reason":  func(why string) string { return reasonIn(lang, why) },
		"appdoc":  func(name, doc string) string { return docIn(lang, name, doc) },
		"slug":    func(name string) string { return strings.ReplaceAll(name, " ", "-") },
		"segment": url.PathEscape,
		"state":   func(s jobs.State) string { return say(string(s)) },
		"list":    func(all ...any) []any { return all },
		"part":    func(v view, data any) view { v.Data = data; return v },
		"low":     func(s metric.Score) float64 { low, _, _ := s.Interval(); return low },
		"high":    func(s metric.Score) float64 { _, high, _ := s.Interval(); return high },
		"telling": telling,
		"value":   func(x *float64) float64 { return *x },
		"last":    func(n int) int { return n - 1 },
		"json":    func(v any) (string, error) { b, err := json.Marshal(v); return string(b), err },
		"percent": func(done, total int) int { return int(100 * float64(done) / math.Max(1, float64(total))) },
	}
}

// telling are the scores of which more or less is better, or the others.
func telling(all []metric.Score, are bool) []metric.Score {
	return slices.DeleteFunc(slices.Clone(all), func(s metric.Score) bool { return (s.Better != metric.Neither) != are })
}

// significant writes a number with four significant digits.
func significant(x float64) string { return fmt.Sprintf("%.4g", x) }

// when is a time that the browser shows as its reader's.
func when(at time.Time) template.HTML {
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, at.UTC().Format(time.RFC3339), at.Local().Format("2006-01-02 15:04")))
}

// icons are the strokes of pictograms on a grid of 24.
var icons = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"start":    `<path d="M4 11 12 4l8 7v9h-5v-6H9v6H4z"/>`,
		"data":     `<ellipse cx="12" cy="6" rx="8" ry="3"/><path d="M4 6v6c0 1.7 3.6 3 8 3s8-1.300 8-3V6M4 12v6c0 1.700 3.600 3 8 3s8-1.300 8-3v-6"/>`,
		"train":    `<path d="M3 20h18M5 16l4-5 4 3 6-9"/>`,
		"make":     `<path d="m14 5 5 5L9 20H4v-5zM12 7l5 5"/>`,
		"gallery":  `<rect x="4" y="4" width="7" height="7" rx="1"/><rect x="13" y="4" width="7" height="7" rx="1"/><rect x="4" y="13" width="7" height="7" rx="1"/><rect x="13" y="13" width="7" height="7" rx="1"/>`,
		"runs":     `<path d="M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01"/>`,
		"chat":     `<path d="M4 5h16v11H9l-5 4z"/>`,
		"music":    `<path d="M9 18V6l10-2v12"/><circle cx="6.500" cy="18" r="2.500"/><circle cx="16.500" cy="16" r="2.500"/>`,
		"rate":     `<path d="M12 4v16M12 4 5 7l-2 6a3.500 3.500 0 0 0 6 0L7 7m5-3 7 3 2 6a3.500 3.500 0 0 1-6 0l2-6M8 20h8"/>`,
		"upload":   `<path d="M12 16V4m-5 5 5-5 5 5M4 16v4h16v-4"/>`,
		"download": `<path d="M12 4v12m-5-5 5 5 5-5M4 20h16"/>`,
		"again":    `<path d="M4 12a8 8 0 1 0 3-6.200M4 4v4h4"/>`,
		"vary":     `<path d="M16 4h4v4M4 20 20 4M16 20h4v-4M4 4l5 5m6 6 5 5"/>`,
		"delete":   `<path d="M4 7h16M9 7V4h6v3m-8 0 1 13h8l1-13M10 11v5m4-5v5"/>`,
		"stop":     `<rect x="6" y="6" width="12" height="12" rx="1"/>`,
		"play":     `<path d="m8 5 11 7-11 7z"/>`,
		"picture":  `<rect x="4" y="5" width="16" height="14" rx="2"/><path d="m4 16 5-5 4 4 2-2 5 4"/><circle cx="15" cy="9" r="1"/>`,
		"text":     `<path d="M5 6h14M5 10h14M5 14h14M5 18h8"/>`,
		"file":     `<path d="M7 3h7l4 4v14H7zM14 3v4h4"/>`,
		"check":    `<path d="m5 12 5 5 9-10"/>`,
		"warn":     `<path d="M12 4 3 19h18zM12 10v4m0 3h.01"/>`,
		"theme":    `<path d="M20 14A8 8 0 1 1 10 4a6.500 6.500 0 0 0 10 10z"/>`,
		"dice":     `<rect x="4" y="4" width="16" height="16" rx="3"/><path d="M9 9h.01M15 9h.01M12 12h.01M9 15h.01M15 15h.01"/>`,
		"cube":     `<path d="m12 3 8 4.500v9L12 21l-8-4.500v-9zM4 7.500l8 4.500 8-4.500M12 12v9"/>`,
		"branch":   `<circle cx="7" cy="5" r="2"/><circle cx="7" cy="19" r="2"/><circle cx="17" cy="9" r="2"/><path d="M7 7v10m0-3c0-4 8-1 10-3"/>`,
		"open":     `<path d="M9 5h10v10M19 5 6 18"/>`,
		"search":   `<circle cx="11" cy="11" r="6"/><path d="m16 16 4 4"/>`,
	}
})

// icon is a pictogram, which says nothing to screen readers.
func icon(name string) (template.HTML, error) {
	strokes, ok := icons()[name]
	if !ok {
		return "", fmt.Errorf("there is no icon %q", name)
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">` + strokes + `</svg>`), nil
}
