// Package bench holds the suites of measurements by which the program proves
// its bars: one suite a file.
package bench

import (
	"context"

	"atelier/internal/registry"
	"atelier/model/run"
)

// Suites lists the suites of measurements.
var Suites = registry.New[Suite]("suite")

// A Suite measures the program. Its exported fields are its settings.
type Suite interface {
	// Run measures and emits each row as it comes. Its runs are kept in the studio.
	Run(ctx context.Context, studio *run.Studio, emit func(Row)) error
}

// A Row is one measurement beside the bar that it should reach.
type Row struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Bar is the value to be reached, such as ">= 8".
	Bar string `json:"bar"`
	// Holds reports whether the value reaches the bar.
	Holds bool `json:"holds"`
	// Peer is what another program gives, and Ratio the value over it.
	Peer  *float64 `json:"peer,omitempty"`
	Ratio *float64 `json:"ratio,omitempty"`
	// Floor is the same measure of real data.
	Floor *float64 `json:"floor,omitempty"`
	// N is the number of samples behind the value.
	N int `json:"n,omitempty"`
}
