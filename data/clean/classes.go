package clean

import (
	"fmt"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("classes", "drops classes that are too small and cuts those that are too large; by default neither",
		func() data.Cleaner { return &Classes{} })
}

// Classes limits the number of Items of each class, whatever their kind. Items without a label
// count as one class.
type Classes struct {
	Min int `help:"smallest class; smaller classes are dropped"`
	Max int `help:"largest class: the first N Items are kept; 0 keeps all"`
}

// Check refuses settings that contradict each other.
func (c *Classes) Check() error {
	if c.Min < 0 {
		return registry.Unfit("min", fmt.Sprintf("want at least 0, got %d", c.Min))
	}
	if c.Max < 0 || c.Max > 0 && c.Max < c.Min {
		return registry.Unfit("max", fmt.Sprintf("want 0 or at least min, %d, got %d", c.Min, c.Max))
	}
	return nil
}

// Clean keeps every piece: classes are counted by Admit.
func (*Classes) Clean(*data.Piece) error { return nil }

// Admit implements [data.Counting].
func (c *Classes) Admit(count map[string]int) func(label string) *data.Drop {
	admitted := map[string]int{}
	return func(label string) *data.Drop {
		if n := count[label]; n < c.Min {
			return data.Dropf("small class", "class %q has %d; want at least %d", label, n, c.Min)
		}
		if c.Max > 0 && admitted[label] == c.Max {
			return data.Dropf("large class", "class %q has %d; want at most %d", label, count[label], c.Max)
		}
		admitted[label]++
		return nil
	}
}
