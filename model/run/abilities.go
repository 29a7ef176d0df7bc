package run

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/picture"
	"atelier/model/family"
)

// An ability is a check of what a run can do, by its model, its run file and what it learned from.
type ability func(m family.Model, c *Config, f Facts) bool

// abilities maps names of abilities to their checks: what an app asks of a run, see [Dir.Can].
var abilities = map[string]ability{
	"draws":       fromSeeds,
	"pictures":    both(fromSeeds, inPixels),
	"illustrates": illustrates,
	"steers":      both(a[family.Steerable], both(fromSeeds, inPixels)),
	"moves":       both(a[family.Factored], both(fromSeeds, inPixels)),
	"mixes":       both(layered, both(fromSeeds, inPixels)),
	"inverts":     both(a[family.Invertible], both(fromSeeds, inPixels)),
	"dissects":    both(a[family.Dissectable], both(fromSeeds, inPixels)),
	"judges":      both(a[family.Salient], both(fromSeeds, inPixels)),
	"writes":      both(a[family.Writing], inWords),
	"composes":    both(a[family.Writing], coded[*codec.Events]),
	"maps":        either(both(a[family.Writing], coded[*codec.Tiles]), both(fromSeeds, coded[*codec.TilePlanes])),
	"predicts":    a[family.Predictive],
	"continues":   both(a[family.Continuing], coded[*codec.Clip]),
	"paints":      a[family.Painting],
	"embeds":      a[family.Pairing],
}

func both(one, other ability) ability {
	return func(m family.Model, c *Config, f Facts) bool { return one(m, c, f) && other(m, c, f) }
}

func either(one, other ability) ability {
	return func(m family.Model, c *Config, f Facts) bool { return one(m, c, f) || other(m, c, f) }
}

func is[T any](m family.Model) bool { _, ok := m.(T); return ok }

// a reports that the model is of a kind.
func a[T any](m family.Model, _ *Config, _ Facts) bool { return is[T](m) }

// coded reports that works are encoded in a way.
func coded[T any](_ family.Model, c *Config, _ Facts) bool { _, ok := c.Codec.Value.(T); return ok }

// fromSeeds reports that a model makes samples of which nothing but seed and class need be told.
func fromSeeds(m family.Model, _ *Config, _ Facts) bool { return generates(m) && len(needed(m)) == 0 }

// inPixels reports that the works are pictures.
func inPixels(_ family.Model, c *Config, _ Facts) bool {
	medium, err := mediumOf(c.Codec.Value)
	return err == nil && medium.Type == picture.PNG.MediaType()
}

// inWords reports that the works are texts.
func inWords(_ family.Model, c *Config, _ Facts) bool {
	medium, err := mediumOf(c.Codec.Value)
	return err == nil && medium.Words
}

// layered reports that codes have several layers.
func layered(m family.Model, _ *Config, _ Facts) bool {
	l, ok := m.(family.Layered)
	return ok && l.Layered()
}

// illustrates reports that a model draws what a text says, and needs nothing else.
func illustrates(m family.Model, c *Config, f Facts) bool {
	return generates(m) && slices.Equal(needed(m), []string{data.CaptionField}) && drawnCaptions(c, f.Spec)
}

// Abilities are the names of the abilities of runs, see [Dir.Can].
func Abilities() []string { return slices.Sorted(maps.Keys(abilities)) }

// Classes are the names of the classes of a class-conditional run; empty for other runs and if it
// is damaged.
func (d *Dir) Classes() []string {
	config, facts, err := d.config()
	if err != nil {
		return nil
	}
	if by, ok := config.Model.Value.(byClass); !ok || !by.ByClass() {
		return nil
	}
	return facts.Spec.ClassNames()
}

// byClass is implemented by families that can be class-conditional.
type byClass interface{ ByClass() bool }

// Can reports whether a run has an ability: it "draws" samples of any kind from seeds alone, or
// "pictures", or "illustrates" texts. Of pictures it "steers" through editable codes, "moves" them along
// directions, "mixes" their layers, "inverts" what is given, "dissects" its generator, "judges" samples.
// It "writes" texts, "composes" music, "maps" levels, "continues" clips, "predicts" classes, "paints" in
// a style, "embeds" pictures and texts. It reads only the run file and facts, no weights.
func (d *Dir) Can(what string) bool { return slices.Contains(d.Abilities(), what) }

// Abilities are all that a run can do, sorted, see [Dir.Can]; none if it is damaged.
func (d *Dir) Abilities() (can []string) {
	config, facts, err := d.config()
	if err != nil {
		return nil
	}
	m, err := config.Model.Value.Model(facts.Spec)
	if err != nil {
		return nil
	}
	return abilitiesOf(m, config, facts)
}

func abilitiesOf(m family.Model, c *Config, f Facts) (can []string) {
	for _, what := range Abilities() {
		if abilities[what](m, c, f) {
			can = append(can, what)
		}
	}
	return can
}

// Needs names the Items that the run needs as conditions, see [Run.Needs]; none if it is damaged.
func (d *Dir) Needs() []string {
	config, facts, err := d.config()
	if err != nil {
		return nil
	}
	m, err := config.Model.Value.Model(facts.Spec)
	if err != nil {
		return nil
	}
	return needed(m)
}

// generates reports whether a model draws samples, or writes them token by token.
func generates(m family.Model) bool { return is[family.Generative](m) || is[family.Writing](m) }

// sampler samples from a model that generates, with the weights in the store.
func (s *Studio) sampler(m family.Model, store *model.Store) (family.Sampler, error) {
	if w, ok := m.(family.Writing); ok {
		decoder, err := w.Decoder(store, s.Kernels)
		if err != nil {
			return nil, err
		}
		return w.Texts(decoder), nil
	}
	g, ok := m.(family.Generative)
	if !ok {
		return nil, fmt.Errorf("a %T does not generate samples", m)
	}
	return g.Sampler(s.Backend, store)
}
