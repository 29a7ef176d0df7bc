package source

import (
	"context"
	"iter"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("whole", "all of another set for training, its test part too: for a judge of what other models make, never for a model that is to be tested on that part",
		func() data.Source { return &Whole{} })
}

// Whole has both parts of another set as its training part, and no test part.
type Whole struct {
	Of registry.Choice[data.Source] `toml:",optional" help:"the set, such as {use = \"stored\", name = \"emoji-captions\"}"`
}

// WholeOf has both parts of a set as its training part.
func WholeOf(set data.Source) *Whole { return &Whole{Of: registry.Choice[data.Source]{Value: set}} }

// SetName is the name of the set, prefixed with "whole-".
func (s *Whole) SetName() string {
	if n, ok := s.Of.Value.(data.Named); ok {
		return "whole-" + n.SetName()
	}
	return "whole"
}

// ClassNames returns the classes of the set.
func (s *Whole) ClassNames() []string {
	if c, ok := s.Of.Value.(data.Classed); ok {
		return c.ClassNames()
	}
	return nil
}

// Items yields the training Items and then those of the test part.
func (s *Whole) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	if s.Of.Value == nil {
		return fails(badinput.Errorf(`of is not set; it names the set, such as of = {use = "stored", name = "emoji-captions"}`))
	}
	return func(yield func(data.Item, error) bool) {
		for _, part := range []data.Split{data.Train, data.Test} {
			if split == data.Test {
				return
			}
			for it, err := range s.Of.Value.Items(ctx, part) {
				if !yield(it, err) {
					return
				}
			}
		}
	}
}
