package app

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/model/run"
)

func init() {
	Apps.Add("search", "find works of a dataset or a folder by words, or pictures that look like another; needs no training",
		func() App { return &Search{N: 12} })
}

// By what works are found.
const (
	byPair   = "pair"
	byLooks  = "random"
	byLetter = "words"
)

// Search finds works of a set by words or by a picture. It keeps an index of the set, which it makes
// once and then completes.
type Search struct {
	In   Set    `lead:"NAME|FOLDER" help:"the dataset, folder or archive to search"`
	Text string `help:"words that say what is looked for, in English or Chinese; of music also its key, metre, tempo (slow, moderate, fast) and instruments"`
	Like File   `accept:"image/*" help:"picture that the others should be like, instead of words"`
	From Model  `toml:"run" needs:"embeds" help:"run of the recipe pair that compares words and pictures; if empty, the one that comes with the program"`
	By   string `enum:"pair,random,words" help:"pair (what a pair of encoders learned), random (pictures by colours and textures; needs no weights) or words (those of captions, labels and names, of works of any kind, and of music what is heard); if empty, words where some caption has all of them or the works are no pictures, else pair"`
	N    int    `min:"1" max:"1000" help:"number of works to find"`
}

// A Searched is the result of [Search].
type Searched struct {
	// Space is the space in which works were compared, such as pair@1a2b3c4d, or words.
	Space string `json:"space"`
	// Works is the number of works searched, and Added how many of them were not in the index before.
	Works int `json:"works"`
	Added int `json:"added"`
	// Unknown are the words of the text that the pair does not know.
	Unknown []string   `json:"unknown,omitempty"`
	Hits    []FoundHit `json:"hits"`
}

// A FoundHit is a work that was found.
type FoundHit struct {
	Name string `json:"name"`
	// Score is the cosine of two embeddings, the negative distance of features, or BM25 of words: the
	// larger the better.
	Score   float64 `json:"score"`
	Label   string  `json:"label,omitempty"`
	Caption string  `json:"caption,omitempty"`
}

// source implements [sourced]: the sheet shows pictures as they are in the set.
func (a Search) source(*Maker) provenance.Source { return provenance.Enhanced }

// restore implements [restorer].
func (a Search) restore(provenance.Label) error { return a.In.named() }

// Example implements [App].
func (a Search) Example() string { return `photos --text "red heart" -o found.png` }

// Finds implements [Finder].
func (a Search) Finds() any { return &Searched{} }

// Check implements [Checker].
func (a Search) Check(out Out) error {
	switch text := strings.TrimSpace(a.Text) != ""; {
	case a.In == "":
		return registry.Unfit("in", "want the dataset or folder to search")
	case text == a.Like.Given():
		return registry.Unfit("text", "want either words or a picture to look for: --text WORDS or --like PICTURE")
	case text && a.By == byLooks:
		return registry.Unfit("by", "random compares pictures: want it with --like")
	case !text && a.By == byLetter:
		return registry.Unfit("by", "words compares words: want it with --text")
	case a.From != "" && a.By != "" && a.By != byPair:
		return registry.Unfit("run", "applies to a search by a pair")
	case len(a.Text) > mostAsked:
		return registry.Unfit("text", fmt.Sprintf("want at most %d characters, got %d", mostAsked, len(a.Text)))
	}
	return CheckPNG(out.File)
}

// mostAsked is the length of words that are looked for, in bytes.
const mostAsked = 2000

// Run implements [App].
func (a Search) Run(ctx context.Context, env *Env) error {
	set, err := openSet(ctx, a.In)
	if err != nil {
		return err
	}
	if !env.Out.Unasked {
		if err := env.expect(sheetFile); err != nil {
			return err
		}
	}
	a.Text = env.named(a.Text)
	found, by, err := a.find(ctx, env, set)
	if err != nil {
		return err
	}
	for _, h := range found.Hits {
		first, _, _ := strings.Cut(h.Caption, "\n")
		env.say("%7.3f  %s  %s", h.Score, h.Name, cmp.Or(first, h.Label))
	}
	env.found(found)
	if env.Out.Unasked {
		return nil
	}
	file, err := a.sheet(ctx, env, set, found)
	if err != nil {
		return err
	}
	return env.emit(a, by, data.Item{Name: sheetFile, MediaType: picture.PNG.MediaType(), Bytes: file}, nil)
}

// find finds works, by the way that was asked for or that suits the set.
func (a Search) find(ctx context.Context, env *Env, set *searched) (*Searched, *Maker, error) {
	if a.By == byLetter || a.By == "" && a.From == "" && a.Text != "" && !set.pictured {
		found, err := a.byWords(ctx, env, set)
		return found, nil, err
	}
	if !set.pictured {
		return nil, nil, badinput.Errorf("%s has no pictures; other works are found by --text and their captions, labels and names", a.In)
	}
	if a.By == byLooks {
		space, err := newLooks(env.Studio.Backend)
		if err != nil {
			return nil, nil, err
		}
		found, err := a.nearest(ctx, env, set, space, nil)
		return found, nil, err
	}
	p, by, err := env.pairing(a.From)
	if err != nil {
		return nil, nil, err
	}
	found, err := a.nearest(ctx, env, set, pairSpace{p}, p)
	return found, by, err
}

// pairing opens a run that compares words and pictures: the one that comes with the program unless
// another is named.
func (e *Env) pairing(from Model) (*run.Pairing, *Maker, error) {
	r, err := e.open(cmp.Or(from, run.Finder))
	if err != nil {
		return nil, nil, err
	}
	p, err := r.Pairing()
	return p, madeBy(r), err
}

// nearest finds the works that are nearest in a space.
func (a Search) nearest(ctx context.Context, env *Env, set *searched, in space, p *run.Pairing) (*Searched, error) {
	out := &Searched{Space: in.name()}
	index, added, err := set.index(ctx, env, in)
	if err != nil {
		return nil, err
	}
	out.Works, out.Added = len(index.Works), added
	if a.Text != "" && a.By == "" && a.From == "" {
		if hits, all := worded(index.Works, nil, a.Text, a.N); all {
			env.say("by the words of captions, which have all of these; --by pair compares the pictures themselves")
			out.Space, out.Hits = byLetter, hits
			return out, nil
		}
	}
	var vector []float32
	if a.Text != "" {
		vector, out.Unknown, err = p.Text(ctx, a.Text)
	} else {
		vector, err = embedOne(ctx, in, a.Like)
	}
	if err != nil {
		return nil, err
	}
	if len(out.Unknown) > 0 {
		env.say("unknown words, which do not count: %s", strings.Join(out.Unknown, ", "))
	}
	hits, err := index.Nearest(vector, a.N, in.nearness())
	if err != nil {
		return nil, err
	}
	for _, h := range hits {
		w := index.Works[h.Index]
		out.Hits = append(out.Hits, FoundHit{w.Name, h.Score, w.Label, w.Caption})
	}
	return out, nil
}

// The look of a sheet of what was found.
const (
	foundSide    = 96
	foundColumns = 6
	foundLetters = 12
)

// sheet shows the pictures that were found.
func (a Search) sheet(ctx context.Context, env *Env, set *searched, found *Searched) ([]byte, error) {
	files, err := set.bytesOf(ctx, found.Hits)
	if err != nil {
		return nil, err
	}
	s := New[*Sheet]()
	var all []*image.NRGBA
	for i, h := range found.Hits {
		whole, err := picture.OpenWhole(files[i])
		if err != nil {
			return nil, badinput.Errorf("%s: %w; only pictures can be shown on a sheet", h.Name, err)
		}
		all = append(all, reduced(whole.Pixels, foundSide))
		s.Caption = append(s.Caption, fmt.Sprintf("%d: %.2f", i+1, h.Score))
	}
	s.Columns, s.Title = min(foundColumns, len(all)), cmp.Or(a.Text, "like "+stemOf(a.Like.Name, "picture"))
	letters, err := newLettering(foundLetters)
	if err != nil {
		return nil, err
	}
	img, err := s.lay(env, all, letters, namedColours["white"], picture.PNG.Most())
	if err != nil {
		return nil, err
	}
	return encodePNG(img)
}
