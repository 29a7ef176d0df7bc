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
)

// A work is something that the suite engine times.
type work struct {
	unit  string  // of what a step does, such as "iterations/s"
	units int     // how many of them a step does
	flops float64 // of a unit: what must be multiplied and added, twice the multiplications
	// open readies the work on a backend and returns its step.
	open func(compute.Backend) (step func() error, err error)
}

// warmUp is how many steps are done before the first round.
const warmUp = 3

// Serve does rounds of a work of the suite engine: for each line of in, a number of
// seconds, it does steps for that long and answers with how many units of work were
// done a second. Before the first it writes the line "ready".
func Serve(backend compute.Backend, name string, in io.Reader, out io.Writer) error {
	w, ok := works()[name]
	if !ok {
		return badinput.Errorf("no work %q; %s", name, registry.Suggest(name, workNames()))
	}
	step, err := w.open(backend)
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
		fmt.Fprintln(out, rate*float64(w.units))
	}
	return lines.Err()
}

// lead is the part of a round's length that goes before it: threads that rested wake
// up, up to some milliseconds late if they are not bound to cores, and caches that the
// other side has filled take in this one's data.
const lead = 0.1

// round does steps for so long and returns how many it did a second.
func round(step func() error, seconds float64) (rate float64, err error) {
	if _, err := repeat(step, lead*seconds); err != nil {
		return 0, err
	}
	return repeat(step, seconds)
}

// repeat does steps for so long, one at least, and returns how many it did a second.
func repeat(step func() error, seconds float64) (rate float64, err error) {
	begin, steps := time.Now(), 0
	for {
		if err := step(); err != nil {
			return 0, err
		}
		steps++
		if took := time.Since(begin).Seconds(); took >= seconds {
			return float64(steps) / took, nil
		}
	}
}
