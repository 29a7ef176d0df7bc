package bench

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/run"
)

// A work is timed by the suite engine.
type work struct {
	unit  string  // unit of work, such as "iterations/s"
	units int     // units per step
	flops float64 // per unit: necessary multiplications and additions, twice the multiplications
	// open prepares the work with the studio's backend and returns its step.
	open func(*run.Studio) (step func() error, err error)
}

// onBackend opens a work that needs only a backend.
func onBackend(open func(compute.Backend) (func() error, error)) func(*run.Studio) (func() error, error) {
	return func(s *run.Studio) (func() error, error) { return open(s.Backend) }
}

// warmUp is the number of steps before the first round.
const warmUp = 3

// Serve runs rounds of a work of the suite engine: for each line of in, a number of seconds, it
// runs steps for that long and responds with the units of work per second, by the clock and by
// processor time. Before the first round it writes the line "ready".
func Serve(studio *run.Studio, name string, in io.Reader, out io.Writer) error {
	w, ok := works()[name]
	if !ok {
		return badinput.Errorf("no work %q; %s", name, registry.Suggest(name, workNames()))
	}
	step, err := w.open(studio)
	if err != nil {
		return err
	}
	for range warmUp {
		if err := step(); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "ready")
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		seconds, err := strconv.ParseFloat(strings.TrimSpace(lines.Text()), 64)
		if err != nil {
			return badinput.Errorf("a round of %q; want a number of seconds", lines.Text())
		}
		rate, err := round(step, seconds)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, rate.clock*float64(w.units), rate.processor*float64(w.units))
	}
	return lines.Err()
}

// lead is the part of a round's length that precedes it: idle threads wake up, up to some
// milliseconds late if they are not bound to cores, and caches filled by the other side are
// refilled.
const lead = 0.1

// A rate is what is done per second by the clock, and per second of processor time, which other
// programs on the machine disturb less.
type rate struct{ clock, processor float64 }

// round runs steps for a duration and returns their rate.
func round(step func() error, seconds float64) (rate, error) {
	if _, err := repeat(step, lead*seconds); err != nil {
		return rate{}, err
	}
	return repeat(step, seconds)
}

// repeat runs at least one step for a duration and returns the rate.
func repeat(step func() error, seconds float64) (rate, error) {
	begin, used, steps := time.Now(), processorSeconds(), 0.
	for {
		if err := step(); err != nil {
			return rate{}, err
		}
		steps++
		if took := time.Since(begin).Seconds(); took >= seconds {
			return rate{steps / took, steps / max(processorSeconds()-used, 1e-9)}, nil
		}
	}
}
