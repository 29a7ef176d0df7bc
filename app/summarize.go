package app

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/filename"
	"atelier/internal/registry"
	"atelier/model/summary"
)

const summarizeApp = "summarize"

func init() {
	Apps.Add(summarizeApp, "summarise a document or a web page by extracting its most important sentences, or with a model: text, Markdown, HTML, Word, EPUB or PDF, in English, Chinese or another language",
		func() App {
			return &Summarize{Form: prose, Variety: summary.Usual.Variety, Seed: 1, Temperature: 0.3}
		})
}

// The forms of a summary.
const (
	prose     = "text"
	bulleted  = "bullets"
	bySection = "sections"
)

// What a summary is made by.
const (
	byExtract = "extract"
	byModel   = "model"
)

const fewSentences = 3 // default length of a summary

// Summarize extracts the most important sentences of a document that do not repeat each other, in
// their order, or has a model write a summary of as many of them as it can read.
type Summarize struct {
	Document  File    `arg:"FILE" web:"page" help:"the document: text, Markdown, HTML, Word (.docx), EPUB or PDF, - for standard input, or the address of a page"`
	Sentences int     `min:"1" max:"10000" zero:"unset" help:"length in sentences; if no length is given, 3"`
	Words     int     `min:"5" max:"1000000" zero:"unset" help:"length in words, or in characters of Chinese: as many whole sentences as fit"`
	Share     float64 `min:"0.001" max:"1" zero:"unset" help:"length as a share of the document's words: 0.1 is a tenth"`
	Form      string  `enum:"text,bullets,sections" help:"text: paragraphs as in the document; bullets: a line per sentence; sections: each section of the document under its heading, of the length that is asked for"`
	Numbers   bool    `help:"number each sentence by its position in the document, and name its section"`
	Title     string  `help:"title or question that the summary should answer; if empty, the document's own title"`
	Variety   float64 `min:"0" max:"1" help:"how strongly sentences that repeat another are avoided"`

	By          string  `enum:"extract,model" help:"extract (the document's own sentences) or model (written anew by the one of --model); if empty, model if one is named"`
	Model       Model   `needs:"writes" words:"remote" help:"chat model, or run trained on texts with their summaries, that writes the summary; remote or remote:NAME asks a model at the server of ATELIER_REMOTE_URL"`
	Read        int     `min:"50" max:"1000000" label:"written" help:"number of words of the document that the model reads; if 0, as many as its context has room for, or 2000 at a server"`
	Seed        uint64  `label:"written" help:"seed of the model's summary"`
	Temperature float64 `label:"written" min:"0" max:"100" help:"sampling temperature of the model: 0 always takes the likeliest token"`
}

// Example implements [App].
func (Summarize) Example() string { return "report.docx --sentences 5" }

// Check implements [Checker].
func (s Summarize) Check(out Out) error {
	if err := checkTextFile(out); err != nil {
		return err
	}
	given := 0
	for _, is := range []bool{s.Sentences > 0, s.Words > 0, s.Share > 0} {
		if is {
			given++
		}
	}
	if given > 1 {
		return registry.Unfit("sentences", "want one length: sentences, words or share")
	}
	switch {
	case s.By == byModel && s.Model == "":
		return registry.Unfit("by", "want the model that is to write: add --model NAME, or --model remote")
	case s.By == byExtract && s.Model != "":
		return registry.Unfit("by", "want no model for an extract")
	case s.Model != "" && s.Numbers:
		return registry.Unfit("numbers", "want an extract: sentences of a model are none of the document")
	}
	return nil
}

// Run implements [App].
func (s Summarize) Run(ctx context.Context, env *Env) (err error) {
	if isAddress(s.Document.Name) && len(s.Document.Bytes) == 0 {
		if s.Document, err = env.page(ctx, s.Document.Name); err != nil {
			return err
		}
	}
	name := s.file()
	if err := env.expectUnread(name); err != nil { // before it is read, which may take minutes
		return err
	}
	d, err := env.document(ctx, s.Document)
	if err != nil {
		return err
	}
	s.tellSkipped(env, d.Skipped)
	all, err := summary.Sentences(ctx, d.Text)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return badinput.Errorf("%s has no sentences to summarise", s.Document.Name)
	}
	ranking := summary.Usual
	ranking.Variety = s.Variety
	title := s.Title
	if title == "" {
		title = d.Title
	}
	parts, err := s.parts(ctx, title, all, ranking)
	if err != nil {
		return err
	}
	if s.Model != "" {
		return s.write(ctx, env, name, title, parts)
	}
	var texts []string
	for _, p := range parts {
		if taken := p.Take(s.fits(p.sentences)); len(taken) > 0 {
			texts = append(texts, p.heading()+s.arrange(p, taken))
		}
	}
	if len(texts) == 0 {
		return badinput.Errorf("no sentence of %s is so short: ask for more words", s.Document.Name)
	}
	text := strings.Join(texts, "\n")
	env.text(strings.TrimSuffix(text, "\n"))
	return env.emit(s, nil, data.Item{Name: name, MediaType: "text/plain; charset=utf-8", Bytes: []byte(text)}, nil)
}

// A part is what one summary is of: a document, or one of its sections.
type part struct {
	*summary.Ranked
	sentences []summary.Sentence
	from, of  int    // where they begin in the document, and how many sentences that has
	section   string // empty for the document
}

// heading is the heading of a section with what follows it.
func (p part) heading() string {
	if p.section == "" {
		return ""
	}
	return "## " + p.section + "\n\n"
}

// parts are the sections, if each is to be summarised, or the document.
func (s Summarize) parts(ctx context.Context, title string, all []summary.Sentence, by summary.Ranking) (parts []part, err error) {
	for from, to := 0, 0; from < len(all); from = to {
		for to = from + 1; to < len(all) && (s.Form != bySection || all[to].Section == all[from].Section); to++ {
		}
		p := part{sentences: all[from:to], from: from, of: len(all)}
		if s.Form == bySection {
			p.section = all[from].Section
		}
		if p.Ranked, err = by.Rank(ctx, title, p.sentences); err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// mostSkipped is the number of skipped parts of a damaged document that are named.
const mostSkipped = 3

// tellSkipped reports what was skipped in the document.
func (s Summarize) tellSkipped(env *Env, skipped []string) {
	if len(skipped) == 0 {
		return
	}
	some := strings.Join(skipped[:min(len(skipped), mostSkipped)], "; ")
	if n := len(skipped) - mostSkipped; n > 0 {
		some += fmt.Sprintf("; and %d more", n)
	}
	env.notice(fmt.Sprintf("%s is damaged; left out %s", s.Document.Name, some))
}

// file is the default file name of the summary.
func (s Summarize) file() string {
	base := filepath.Base(s.Document.Name)
	if isAddress(s.Document.Name) {
		base = filename.Readable(pageName(s.Document.Name))
	}
	return strings.TrimSuffix(base, filepath.Ext(base)) + "-summary.txt"
}

// fits reports whether one more sentence fits into the requested length.
func (s Summarize) fits(all []summary.Sentence) func([]summary.Sentence, summary.Sentence) bool {
	most := s.Words
	if s.Share > 0 {
		whole := 0
		for _, one := range all {
			whole += summary.Words(one.Text)
		}
		most = max(1, int(s.Share*float64(whole)))
	}
	if most == 0 {
		n := s.Sentences
		if n == 0 {
			n = fewSentences
		}
		return func(taken []summary.Sentence, _ summary.Sentence) bool { return len(taken) < n }
	}
	words := 0
	return func(taken []summary.Sentence, next summary.Sentence) bool {
		n := summary.Words(next.Text)
		if words+n > most && (len(taken) > 0 || s.Words > 0) {
			return false
		}
		words += n
		return true
	}
}

// arrange puts sentences together.
func (s Summarize) arrange(p part, taken []int) string {
	var b strings.Builder
	all := p.sentences
	for i, at := range taken {
		one := all[at]
		switch {
		case s.Form == bulleted:
			b.WriteString("- ")
		case i > 0 && one.Paragraph == all[taken[i-1]].Paragraph && !summary.IsChinese(one.Text):
			b.WriteString(" ")
		case i > 0 && one.Paragraph != all[taken[i-1]].Paragraph:
			b.WriteString("\n\n")
		}
		b.WriteString(one.Text)
		if s.Numbers {
			b.WriteString(where(one, p.from+at, p.of))
		}
		if s.Form == bulleted {
			b.WriteString("\n")
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// where is the position of a sentence in the document.
func where(one summary.Sentence, at, n int) string {
	if one.Section == "" {
		return fmt.Sprintf(" [%d of %d]", at+1, n)
	}
	return fmt.Sprintf(" [%d of %d, %s]", at+1, n, one.Section)
}
