package bench

import (
	"context"
	"fmt"

	"atelier/internal/registry"
)

func init() {
	Suites.Add("data", "the data layer: throughput, memory, and precision and recall of its cleaners",
		func() Suite { return &Data{Shorten: 1} })
}

// Data measures the data layer. Each of its works is in its own file.
type Data struct {
	Only    []string `help:"the parts to measure; all if empty"`
	Shorten int      `help:"divide the size of each measurement by this, for a quick look; the bars hold for full size"`
}

// A share is the divisor of amounts.
type share int

// of is the share of a whole, at least 1.
func (s share) of(whole int) int { return max(1, whole/int(s)) }

var dataParts suiteParts[*Data]

// addData adds a part to the suite data, from init.
func addData(name string, measure func(ctx context.Context, on *Machine, part share, emit func(Row)) error) {
	dataParts = append(dataParts, suitePart[*Data]{name, func(d *Data, ctx context.Context, on *Machine, emit func(Row)) error {
		return measure(ctx, on, share(d.Shorten), emit)
	}})
}

// Check rejects an unknown part.
func (d *Data) Check() error {
	if d.Shorten < 1 {
		return registry.Unfit("shorten", fmt.Sprintf("want at least 1, got %d", d.Shorten))
	}
	return dataParts.check(d.Only)
}

// Run implements [Suite].
func (d *Data) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	return dataParts.run(ctx, on, "data", d, d.Only, emit)
}
