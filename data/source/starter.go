package source

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"slices"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("starter", "a small set that comes with the program: fashion (Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747), emoji (Twemoji), grooves, parts, tunes, or levels of games",
		func() data.Source { return &Starter{Name: "fashion"} })
}

//go:embed starter
var starterFiles embed.FS

// Starter is a set embedded in the program, which needs no network. Licences and hashes are in
// starter/NOTICE.
type Starter struct {
	Name string `help:"fashion: 28×28 grey clothes, 10 classes, 10,000 + 2,000; emoji: 64×64 RGBA, 7 classes, about 1,210 + 170; grooves: drum patterns of 13 genres; parts: bass, chords and leads of 4 styles; tunes: traditional melodies of 6 kinds; levels: 60 maps of tiles of 3 themes"`
}

// A starterSet is one of the embedded sets.
type starterSet struct {
	classes []string
	divided bool // whether it was published in two parts
	items   func(ctx context.Context, split data.Split) iter.Seq2[data.Item, error]
}

var starterSets = map[string]starterSet{
	"emoji":   {emojiClasses, false, emojiItems},
	"fashion": {fashionClasses, true, fashionItems},
	"grooves": groovesSet,
	"levels":  levelsSet,
	"parts":   partsSet,
	"tunes":   tunesSet,
}

// Check rejects an unknown set.
func (s *Starter) Check() error {
	if _, ok := starterSets[s.Name]; !ok {
		return registry.Unfit("name", fmt.Sprintf("no starter set %q; %s", s.Name, registry.Suggest(s.Name, slices.Collect(maps.Keys(starterSets)))))
	}
	return nil
}

// SetName is the name of the set.
func (s *Starter) SetName() string { return s.Name }

// ClassNames returns the classes of the set in their published order.
func (s *Starter) ClassNames() []string { return starterSets[s.Name].classes }

// Recognize accepts the names of the sets.
func (s *Starter) Recognize(place string) data.Fit {
	if _, ok := starterSets[place]; !ok {
		return data.Unfit
	}
	s.Name = place
	return data.Certain
}

// Divided reports whether the set was published in two parts.
func (s *Starter) Divided() bool { return starterSets[s.Name].divided }

// Count is the number of Items of a part.
func (s *Starter) Count(ctx context.Context, split data.Split) (n int, err error) {
	for _, err := range s.Items(ctx, split) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// Items yields the Items of the set.
func (s *Starter) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	if err := s.Check(); err != nil {
		return fails(fmt.Errorf("starter %w", err))
	}
	return starterSets[s.Name].items(ctx, split)
}

// starterFolder is the folder of the embedded files.
func starterFolder() fs.FS {
	sub, err := fs.Sub(starterFiles, "starter")
	if err != nil {
		panic(err) // the name is a valid path
	}
	return sub
}
