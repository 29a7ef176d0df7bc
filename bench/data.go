package bench

import (
	"context"
	"fmt"
	"slices"

	"atelier/internal/registry"
)

func init() {
	Suites.Add("data", "the data layer: throughput, memory, and precision and recall of its cleaners",
		func() Suite { return &Data{Shorten: 1} })
}

// Data measures the data layer. Each of its works is in its own file.
type Data struct {
	Only    []string `help:"which measurements to make; all if empty"`
	Shorten int      `help:"divide the size of each measurement by this, for a quick look; the bars hold for full size"`
}

// A share is the divisor of amounts.
type share int

// of is the share of a whole, at least 1.
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

// Check rejects an unknown work.
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
