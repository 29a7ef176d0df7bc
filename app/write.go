package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/charset"
	"atelier/internal/filename"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/model/brought"
	"atelier/model/language"
	"atelier/model/run"
	"atelier/model/verse"
)

func init() {
	Apps.Add("write", "write texts with a run trained on texts, or with pretrained weights: stories, articles, verse, JSON",
		func() App {
			return &Write{Model: brought.BuiltIn, N: 1, Seed: 1, Length: 256, Temperature: 0.8, TopP: 0.95, Repetition: 1, Overflow: overflowRefuse}
		})
}

// What happens when a text fills the model's context.
const (
	overflowRefuse = "refuse"
	overflowSlide  = "slide"
)

// Write continues a prompt. Text i depends only on seed + i.
type Write struct {
	Prompt string `lead:"PROMPT" help:"beginning of the text"`
	File   File   `accept:"text/*" help:"text file to continue; a prompt follows it"`
	Model  Model  `needs:"writes" words:"stories260k,remote" help:"run trained on texts, or pretrained weights, by name or path; stories260k comes with the program and tells children's stories in English; remote or remote:NAME asks a model at the server of ATELIER_REMOTE_URL"`
	Class  string `help:"class of the text, such as an author or a style, for a run that learned texts by class"`
	N      int    `min:"1" max:"10000" help:"number of texts"`
	Seed   uint64 `help:"seed of the first text; later texts count up from it"`
	Length int    `min:"1" max:"1000000" help:"largest number of tokens after the prompt"`

	Temperature float64 `min:"0" max:"100" help:"sampling temperature: below 1 favours likely tokens; 0 always takes the likeliest"`
	TopK        int     `toml:"top_k" min:"0" max:"10000000" help:"top-k sampling: only from the k likeliest tokens; 0 is all"`
	TopP        float64 `toml:"top_p" min:"0.0001" max:"1" help:"top-p (nucleus) sampling: only from the likeliest tokens that together have this probability; 1 is all"`
	MinP        float64 `toml:"min_p" min:"0" max:"1" help:"min-p sampling: only tokens at least this share as likely as the likeliest (arXiv:2407.01082); 0 is all"`
	Repetition  float64 `min:"0.01" max:"100" help:"repetition penalty: logits of tokens in the text so far are divided by it (arXiv:1909.05858); 1 is none"`
	Presence    float64 `min:"-100" max:"100" help:"presence penalty: subtracted from the logits of tokens that were written already; 0 is none"`
	Stop        Strings `help:"string that ends a text and is not part of it"`
	Ban         Strings `help:"string that is never written, in capitals or not, not even within words"`

	Title    string  `help:"write an article with this title; the prompt is its introduction"`
	Outline  Strings `help:"heading of a section of the article; the sections are written in turn"`
	Verse    string  `help:"write Chinese verse of this form, characters per line by lines: 5x4, 5x8, 7x4 or 7x8"`
	Rhymes   File    `help:"rhyme table as JSON, which the verse keeps to"`
	Schema   File    `help:"JSON schema: what is written after the prompt is JSON that satisfies it, and the prompt is left out"`
	Format   string  `enum:"txt,md,json" help:"txt, md, or json: tokens with their probabilities, unless there is a schema; if empty, by the extension of the file, or txt"`
	Overflow string  `enum:"refuse,slide" help:"a text that fills the model's context: refuse ends it there, and refuses a longer prompt; slide drops its earlier half and continues"`

	together bool // several texts in one file, according to a label
}

// restore implements [restorer].
func (w *Write) restore(provenance.Label) error {
	w.together = w.N > 1
	return nil
}

// Example implements [App].
func (Write) Example() string { return `"Once upon a time" --seed 7 --length 200` }

// Check implements [Checker].
func (w Write) Check(out Out) error {
	var forms []string
	for _, f := range []struct {
		name string
		is   bool
	}{{"title", w.Title != ""}, {"outline", w.Title == "" && len(w.Outline) > 0}, {"verse", w.Verse != ""}, {"schema", w.Schema.Given()}} {
		if f.is {
			forms = append(forms, f.name)
		}
	}
	switch {
	case len(forms) > 1:
		return registry.Unfit(forms[1], "want one form, an article, verse or JSON: "+forms[0]+" is given, too")
	case !utf8.ValidString(w.Prompt + w.Title):
		return registry.Unfit("prompt", "want UTF-8 text; other encodings are read from a --file")
	case w.Rhymes.Given() && w.Verse == "":
		return registry.Unfit("rhymes", "want a verse that keeps to them: add --verse, such as --verse 5x4")
	}
	if _, err := w.format(out.File); err != nil {
		return err
	}
	if w.Verse != "" {
		if _, err := verse.Parse(w.Verse); err != nil {
			return registry.Unfit("verse", err.Error())
		}
	}
	if err := w.checkRemote(); err != nil {
		return err
	}
	how := w.sampling()
	return how.Check()
}

func (w Write) sampling() language.Sampling {
	return language.Sampling{Temperature: w.Temperature, TopK: w.TopK, TopP: w.TopP, MinP: w.MinP, Repetition: w.Repetition, Presence: w.Presence}
}

// format is the format of the output.
func (w Write) format(file string) (string, error) {
	known := textFormats
	if w.Schema.Given() {
		known = []string{formatJSON}
	}
	return formatFor(w.Format, file, known)
}

// Run implements [App].
func (w Write) Run(ctx context.Context, env *Env) error {
	if _, encoding := charset.Decode(w.File.Bytes, ""); w.File.Given() && encoding == "" {
		return badinput.Errorf("%s: want a text; its encoding is not known", w.File.Name)
	} else if w.File.Given() && encoding != charset.UTF8 {
		env.notice(fmt.Sprintf("%s is read as %s", w.File.Name, encoding))
	}
	var err error
	if w.Format, err = w.format(env.Out.File); err != nil {
		return badinput.Mark(err)
	}
	if _, is := remoteName(w.Model); is {
		return w.writeRemote(ctx, env)
	}
	p, err := env.pen(w.Model, w.Class)
	if err != nil {
		return err
	}
	apart := env.Out.Apart && !w.together
	names := w.names(p, apart)
	if err := env.expectUnread(names...); err != nil {
		return err
	}
	c, err := w.composition(env, p)
	if err != nil {
		return err
	}
	c.how.LogProbabilities = w.Format == formatJSON && !w.Schema.Given()
	var all []*draft
	err = c.write(ctx, run.Seeds(w.Seed, w.N), func(d *draft) error {
		all = append(all, d)
		if d.Why == whyContext {
			env.notice(fmt.Sprintf("the text of seed %d ends where the context of %s does, after %d tokens; --overflow slide continues", d.Seed, p.Name, p.model.Context))
		}
		if !apart {
			return nil
		}
		alone := w
		alone.N, alone.Seed = 1, d.Seed
		return alone.emit(env, p, names[len(all)-1], []*draft{d})
	})
	if err != nil || apart {
		return err
	}
	return w.emit(env, p, names[0], all)
}

// names are the file names: one for each text, or one for all.
func (w Write) names(p *pen, apart bool) []string {
	base, n := filename.Readable(strings.TrimSuffix(filepath.Base(p.Name), filepath.Ext(p.Name))), 1
	if apart {
		n = w.N
	}
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s-%06d%s", base, w.Seed+uint64(i), extensions[w.Format][0])
	}
	return all
}

// composition converts the request.
func (w Write) composition(env *Env, p *pen) (*composition, error) {
	c := &composition{
		pen:    p,
		how:    language.Writer{Model: p.model, Sampling: w.sampling(), Slide: w.Overflow == overflowSlide},
		prompt: w.beginning(), length: w.Length, stops: w.Stop, show: env.text, progress: env.progress, rule: w.rule(),
	}
	c.headings = w.Outline
	if c.quiet = w.Schema.Given(); !c.quiet && w.Format != formatText {
		c.show = nil
	}
	var err error
	c.constraint, err = w.constraint(p)
	return c, err
}

// given is the decoded text of the file; empty if there is none.
func (w Write) given() string {
	text, _ := charset.Decode(w.File.Bytes, "")
	return text
}

// beginning is the beginning of every text.
func (w Write) beginning() string {
	text := w.given() + w.Prompt
	if w.Title != "" {
		text = "# " + w.Title + "\n\n" + text
	}
	return text
}

// rule separates texts: JSON values are on a line each.
func (w Write) rule() string {
	if w.Schema.Given() {
		return "\n"
	}
	return run.TextRule
}

// emit emits texts as one file.
func (w Write) emit(env *Env, p *pen, name string, drafts []*draft) error {
	item := data.Item{Name: name, MediaType: "text/plain; charset=utf-8"}
	seeds := make([]uint64, len(drafts))
	for i, d := range drafts {
		seeds[i] = d.Seed
		text := d.Text
		if w.Schema.Given() {
			text = text[len(w.beginning()):]
		}
		if i > 0 {
			item.Bytes = append(item.Bytes, w.rule()...)
		}
		item.Bytes = append(item.Bytes, text...)
	}
	switch {
	case w.Schema.Given():
		item.MediaType = "application/json"
	case w.Format == formatMarkdown:
		item.MediaType = "text/markdown; charset=utf-8"
	case w.Format == formatJSON:
		text, err := json.MarshalIndent(describe(p, drafts), "", " ")
		if err != nil {
			return err
		}
		item.MediaType, item.Bytes = "application/json", text
	}
	if last := len(item.Bytes) - 1; last >= 0 && item.Bytes[last] != '\n' {
		item.Bytes = append(item.Bytes, '\n')
	}
	if env.Text != nil && w.Format != formatText && !w.Schema.Given() {
		env.text(string(item.Bytes)) // it was not displayed before
	}
	return env.emit(w, p.Maker, item, seeds)
}

// A description is a text with its tokens.
type description struct {
	Seed   uint64           `json:"seed"`
	Text   string           `json:"text"`
	Ended  string           `json:"ended"` // the reason
	Tokens []describedToken `json:"tokens"`
}

// A describedToken is a token of a text, with the natural logarithm of its probability.
type describedToken struct {
	ID             int32   `json:"id"`
	Text           string  `json:"text"`
	LogProbability float64 `json:"log_probability"`
}

func describe(p *pen, drafts []*draft) []description {
	all := make([]description, len(drafts))
	for i, d := range drafts {
		all[i] = description{Seed: d.Seed, Text: string(d.Text), Ended: cmp.Or(d.Why, whyLength), Tokens: []describedToken{}}
		for _, t := range d.Tokens {
			all[i].Tokens = append(all[i].Tokens, describedToken{t.ID, p.text(t.ID), t.LogProbability})
		}
	}
	return all
}
