package bench

import (
	"context"
	"fmt"
	"slices"

	"atelier/internal/registry"
)

func init() {
	Suites.Add("data", "what the data layer does in a second, in how much memory, and how well its cleaners find what they look for",
		func() Suite { return &Data{Shorten: 1} })
}

// Data measures the data layer. Each of its works stands in a file of its own.
type Data struct {
	Only    []string `help:"the works to do; all of them if empty"`
	Shorten int      `help:"divide what each work works on by this, for a look; the bars are those of the whole"`
}

// A share is what amounts are divided by.
type share int

// of is the share of a whole, 1 at least.
func (s share) of(whole int) int { return max(1, whole/int(s)) }

// A dataWork is a part of the suite data.
type dataWork struct {
	name string
	run  func(ctx context.Context, on *Machine, part share, emit func(Row)) error
}

var dataWorks []dataWork

// addDataWork adds a work to the suite data, from init.
func addDataWork(name string, run func(ctx context.Context, on *Machine, part share, emit func(Row)) error) {
	dataWorks = append(dataWorks, dataWork{name, run})
}

// Check refuses a work that there is not.
func (d *Data) Check() error {
	var names []string
	for _, w := range dataWorks {
		names = append(names, w.name)
	}
	if d.Shorten < 1 {
		return registry.Unfit("shorten", fmt.Sprintf("want at least 1, got %d", d.Shorten))
	}
	return checkOnly(d.Only, names, "work")
}

// Run implements [Suite].
func (d *Data) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(d); err != nil {
		return err
	}
	for _, w := range dataWorks {
		if len(d.Only) > 0 && !slices.Contains(d.Only, w.name) {
			continue
		}
		on.Tell("measuring: " + w.name)
		if err := w.run(ctx, on, share(d.Shorten), emit); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}
