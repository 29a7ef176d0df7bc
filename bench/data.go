package bench

import (
	"context"
	"fmt"
	"slices"
)

func init() {
	Suites.Add("data", "what the data layer does in a second, in how much memory, and how well its cleaners find what they look for",
		func() Suite { return &Data{} })
}

// Data measures the data layer. Each of its works stands in a file of its own.
type Data struct {
	Only []string `help:"the works to do; all of them if empty"`
}

// A dataWork is a part of the suite data.
type dataWork struct {
	name string
	run  func(ctx context.Context, on *Machine, emit func(Row)) error
}

var dataWorks []dataWork

// addDataWork adds a work to the suite data, from init.
func addDataWork(name string, run func(ctx context.Context, on *Machine, emit func(Row)) error) {
	dataWorks = append(dataWorks, dataWork{name, run})
}

// Check refuses a work that there is not.
func (d *Data) Check() error {
	var names []string
	for _, w := range dataWorks {
		names = append(names, w.name)
	}
	return checkOnly(d.Only, names, "work")
}

// Run implements [Suite].
func (d *Data) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	for _, w := range dataWorks {
		if len(d.Only) > 0 && !slices.Contains(d.Only, w.name) {
			continue
		}
		on.Tell("measuring: " + w.name)
		if err := w.run(ctx, on, emit); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}
