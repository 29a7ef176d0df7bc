package run

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/family"
)

// abilities maps names of abilities to checks of a model.
var abilities = map[string]func(family.Model) bool{
	"draws":     generates,
	"steers":    is[family.Steerable],
	"inverts":   is[family.Invertible],
	"writes":    is[family.Writing],
	"predicts":  is[family.Predictive],
	"dissects":  is[family.Dissectable],
	"judges":    is[family.Judging],
	"continues": is[family.Continuing],
	"paints":    is[family.Painting],
	"embeds":    is[family.Pairing],
}

func is[T any](m family.Model) bool { _, ok := m.(T); return ok }

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

// Can reports whether a run has an ability: "draws" samples, "embeds" pictures and texts,
// "steers" through editable codes, "inverts" pictures, "continues" clips, "writes" token by token, "predicts" classes,
// "dissects" its generator, "judges" samples, "paints" pictures. It reads only the
// run file and facts, no weights.
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
	for _, what := range Abilities() {
		if abilities[what](m) {
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
