package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/internal/vectors"
	"atelier/model/retrieve"
)

func init() {
	Apps.Add("describe", "say in words what a picture shows, by the captions of the pictures that are most like it, or by a decoder that writes",
		func() App { return &Describe{N: 3} })
}

// By what a picture is described.
const (
	byNeighbour = "neighbour"
	byDecoder   = "decoder"
)

// Languages of descriptions.
const (
	english = "en"
	chinese = "zh"
)

// Describe says in words what a picture shows.
type Describe struct {
	Picture  File   `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for standard input"`
	Captions Set    `toml:"captions" help:"dataset or folder of pictures with captions, one of which is chosen; if empty, the emoji that come with the program"`
	From     Model  `toml:"run" needs:"embeds" help:"run of the recipe pair that compares pictures; if empty, the one that comes with the program"`
	By       string `enum:"neighbour,decoder" help:"neighbour (the caption of the most similar picture) or decoder (written by the run, one of the recipe pair); if empty, neighbour, which was measured to be better"`
	Language string `enum:"en,zh" help:"language of the description: en or zh; if empty, English, or Chinese where no caption is in English"`
	N        int    `min:"1" max:"20" help:"number of different descriptions, the best first; a decoder writes one"`
}

// A Described is the result of [Describe].
type Described struct {
	// By is how the picture was described, and Space in which space it was compared.
	By    string `json:"by"`
	Space string `json:"space"`
	// Unlike reports that the picture is farther from all others than is usual among them: the
	// descriptions are then guesses.
	Unlike bool `json:"unlike,omitempty"`
	// Captions are the descriptions, the best first.
	Captions []DescribedBy `json:"captions"`
}

// A DescribedBy is one description.
type DescribedBy struct {
	Text string `json:"text"`
	// Of is the picture that the caption was taken from, and Score the cosine of its embedding and
	// that of the picture; empty and 0 for a decoder.
	Of    string  `json:"of,omitempty"`
	Score float64 `json:"score,omitempty"`
	// Confidence is the share of words, in [0, 1], that captions of pictures which are so similar have
	// in common in the set; nil for a decoder and in sets of few captions.
	Confidence *float64 `json:"confidence,omitempty"`
}

// builtInCaptions is the captioned set that comes with the program.
const builtInCaptions = "emoji"

// Example implements [App].
func (Describe) Example() string { return "heart.png -n 1" }

// Finds implements [Finder].
func (Describe) Finds() any { return &Described{} }

// source implements [sourced]: only a decoder writes anything.
func (a Describe) source(*Maker) provenance.Source {
	if a.By == byDecoder {
		return provenance.Generated
	}
	return provenance.Algorithm
}

// restore implements [restorer].
func (a Describe) restore(provenance.Label) error { return a.Captions.named() }

// Check implements [Checker].
func (a Describe) Check(out Out) error {
	switch {
	case a.By != byDecoder:
	case a.N != New[*Describe]().N:
		return registry.Unfit("n", "a decoder writes one description: want it without --by decoder")
	case a.Captions != "":
		return registry.Unfit("captions", "a decoder chooses none: want it without --by decoder")
	}
	return checkTextFile(out)
}

// Run implements [App].
func (a Describe) Run(ctx context.Context, env *Env) error {
	name := stemOf(a.Picture.Name, "picture") + "-description.txt"
	if !env.Out.Unasked {
		if err := env.expect(name); err != nil {
			return err
		}
	}
	p, by, err := env.pairing(a.From)
	if err != nil {
		return err
	}
	found := &Described{By: cmp.Or(a.By, byNeighbour), Space: p.Space}
	in := pairSpace{p}
	if found.By == byDecoder {
		pixels, err := in.pixels(a.Picture.Bytes)
		if err != nil {
			return badinput.Errorf("%s: %w", a.Picture.Name, err)
		}
		lines, err := p.Captions(ctx, pixels, a.Language == chinese)
		if err != nil {
			return err
		}
		found.Captions = []DescribedBy{{Text: lines[0]}}
	} else if err := a.byNeighbours(ctx, env, in, found); err != nil {
		return err
	}
	var text strings.Builder
	for _, c := range found.Captions {
		text.WriteString(c.Text + "\n")
		if c.Confidence == nil {
			env.say("%s", c.Text)
		} else {
			env.say("%3.0f %%  %s", 100**c.Confidence, c.Text)
		}
	}
	env.found(found)
	if env.Out.Unasked {
		return nil
	}
	return env.emit(a, by, data.Item{Name: name, MediaType: "text/plain; charset=utf-8", Bytes: []byte(text.String())}, nil)
}

// asNear is how many of the nearest pictures are looked at for different captions.
const asNear = 200

// byNeighbours finds the different captions of the most similar pictures.
func (a Describe) byNeighbours(ctx context.Context, env *Env, in space, found *Described) error {
	set, err := openSet(ctx, cmp.Or(a.Captions, builtInCaptions))
	if err != nil {
		return err
	}
	vector, err := embedOne(ctx, in, a.Picture)
	if err != nil {
		return err
	}
	index, _, err := set.index(ctx, env, in)
	if err != nil {
		return err
	}
	language := cmp.Or(a.Language, languageOf(index.Works))
	said := func(w vectors.Work) string { return captionIn(w.Caption, language) }
	hits, err := index.Nearest(vector, asNear, in.nearness())
	if err != nil {
		return err
	}
	trust := vectors.Calibrate(index, func(w vectors.Work) bool { return said(w) != "" },
		func(a, b vectors.Work) float64 { return retrieve.Overlap(said(a), said(b)) })
	seen := map[string]bool{}
	for _, h := range hits {
		w := index.Works[h.Index]
		line := said(w)
		if line == "" || seen[line] || len(found.Captions) == a.N {
			continue
		}
		seen[line] = true
		d := DescribedBy{Text: line, Of: w.Name, Score: h.Score}
		if trust != nil {
			share := trust.Of(h.Score)
			d.Confidence = &share
		}
		found.Captions = append(found.Captions, d)
	}
	switch set := cmp.Or(a.Captions, builtInCaptions); {
	case len(found.Captions) > 0:
	case !slices.ContainsFunc(index.Works, func(w vectors.Work) bool { return strings.TrimSpace(w.Caption) != "" }):
		return badinput.Errorf("the pictures of %s have no captions: want one in a text file beside each, such as cat.txt for cat.png, or a table of them", set)
	default:
		return badinput.Errorf("none of the %d most similar pictures of %s has a caption in the language %s", len(hits), set, language)
	}
	if trust != nil && found.Captions[0].Score < trust.Usual {
		found.Unlike = true
		env.notice(fmt.Sprintf("no picture of %s is much like it: the nearest has a similarity of %.2f, and 99 of 100 pictures there have one of %.2f or more among the others; the descriptions are guesses",
			cmp.Or(a.Captions, builtInCaptions), found.Captions[0].Score, trust.Usual))
	}
	return nil
}

// languageOf is the language of captions: English if some are in it.
func languageOf(works []vectors.Work) string {
	for _, w := range works {
		if captionIn(w.Caption, english) != "" {
			return english
		}
	}
	return chinese
}

// captionIn is the first line of a caption in a language.
func captionIn(caption, language string) string {
	for line := range strings.Lines(caption) {
		if line = strings.TrimSpace(line); line != "" && retrieve.IsChinese(line) == (language == chinese) {
			return line
		}
	}
	return ""
}
