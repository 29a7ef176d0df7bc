package app

import (
	"cmp"
	"context"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/music"
	"atelier/internal/vectors"
	"atelier/model/retrieve"
)

// byWords finds works by the words of their captions, labels and names.
func (a Search) byWords(ctx context.Context, env *Env, set *searched) (*Searched, error) {
	var works []vectors.Work
	var names []string // by which music is asked for, too
	asked := a.Text
	for it, err := range set.works(ctx) {
		if err != nil {
			return nil, err
		}
		caption, also := captionOf(it)
		if also != "" && asked == a.Text {
			asked = strings.Join(append(music.Asked(a.Text), a.Text), " ")
		}
		works, names = append(works, vectors.Work{Name: it.Name, Label: it.Label, Caption: caption}), append(names, also)
	}
	out := &Searched{Space: byLetter, Works: len(works)}
	if out.Hits, _ = worded(works, names, asked, a.N); len(out.Hits) == 0 {
		return nil, badinput.Errorf("no work of %s has a word of %q in its caption, label or name", a.In, a.Text)
	}
	return out, nil
}

// captionOf is the caption of a work, and of music what is heard: tempo, key, metre, instruments, and
// the other names of those.
func captionOf(it data.Item) (caption, names string) {
	if it.MediaType != music.MIDI.MediaType() {
		return it.Caption, ""
	}
	p, err := music.Read(it.Bytes)
	if err != nil {
		return it.Caption, ""
	}
	survey := p.Survey()
	heard := strings.Join(survey.Words(), ", ")
	if title := cmp.Or(it.Caption, p.Title); title != "" {
		heard = title + ": " + heard
	}
	return heard, strings.Join(survey.Names(), " ")
}

// wholeShare is the share of a question that a text has if it has all of it, but for rounding.
const wholeShare = 0.999

// worded ranks works by the words of their captions, labels and names, and others by which each is asked
// for, if there are such. It also reports whether the best one has all of the words.
func worded(works []vectors.Work, also []string, text string, n int) (hits []FoundHit, all bool) {
	texts := make([]string, len(works))
	for i, w := range works {
		texts[i] = strings.Join([]string{w.Caption, w.Label, namedWords.Replace(w.Name)}, "\n")
		if also != nil {
			texts[i] += "\n" + also[i]
		}
	}
	for _, h := range retrieve.NewIndex(texts).Search(text, len(texts)) {
		if len(hits) == n {
			break
		}
		if !retrieve.HasWord(text, texts[h.Text]) {
			continue
		}
		w := works[h.Text]
		hits, all = append(hits, FoundHit{w.Name, h.Score, w.Label, w.Caption}), all || h.Share >= wholeShare
	}
	return hits, all
}

// namedWords makes words of a file's name.
var namedWords = strings.NewReplacer("/", " ", "_", " ", "-", " ", ".", " ")
