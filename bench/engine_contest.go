package bench

import (
	"context"
	"fmt"
	"slices"
)

// Products are short: they get more and shorter turns.
const (
	productRounds  = 4
	productSeconds = 1. / 40
)

// quiet is the share of the machine that other processes may use without a notice.
const quiet = 0.05

// hold runs a contest between the engine and the peer; without a peer the engine runs alone.
func (e *Engine) hold(ctx context.Context, on *Machine, peer *torch, c contest, emit func(Row)) error {
	if err := e.measurePeak(on); err != nil {
		return err
	}
	ours, err := start(on.Worker(ctx, c.name, on.Threads))
	if err != nil {
		return err
	}
	defer ours.close()
	sides := []*contestant{ours}
	if peer != nil {
		theirs, err := start(peer.command(ctx, c.program, c.with...))
		if err != nil {
			return err
		}
		defer theirs.close()
		sides = append(sides, theirs)
	}
	rounds, seconds := e.Rounds, e.Seconds
	if c.best {
		rounds, seconds = rounds*productRounds, seconds*productSeconds
	}
	rates, err := e.watchTurns(on, c.name, sides, rounds, seconds)
	if err != nil {
		return err
	}
	w := works()[c.name]
	row := Row{Name: c.name, Value: median(rates[0]), Unit: e.unit(w), Holds: true, N: rounds}
	if c.best {
		row.Value = slices.Max(rates[0])
	}
	if peer != nil {
		row.beside(rates, c.best)
		row.Bar, row.Holds = fmt.Sprintf("ratio >= %g", c.bar), *row.Ratio >= c.bar
	}
	share := row.Value * w.flops / 1e9 / e.peak
	row.Share = &share
	emit(row)
	if c.trains {
		compareMemory(c.name, sides, emit)
	}
	return nil
}

// measurePeak measures the processor's peak and keeps the best, since other processes lower it.
func (e *Engine) measurePeak(on *Machine) error {
	peak, err := on.Peak()
	e.peak = max(e.peak, peak)
	return err
}

// beside adds the peer's result and the ratio to it: of the best turns, or the median over the
// rounds.
func (r *Row) beside(rates [][]float64, best bool) {
	peer := median(rates[1])
	var ratios []float64
	for i := range rates[0] {
		ratios = append(ratios, rates[0][i]/rates[1][i])
	}
	ratio := median(ratios)
	if best {
		peer = slices.Max(rates[1])
		ratio = r.Value / peer
	}
	r.Peer, r.Ratio = &peer, &ratio
}

// unit is the unit of a work's rate.
func (e *Engine) unit(w work) string {
	if e.Processor {
		return w.unit + " of processor time"
	}
	return w.unit
}

// watchTurns alternates the sides, and reports if other processes interfered. It returns the rates
// of each side.
func (e *Engine) watchTurns(on *Machine, name string, sides []*contestant, rounds int, seconds float64) ([][]float64, error) {
	before, told := measureLoad(sides)
	turns, err := takeTurns(sides, rounds, seconds)
	if err != nil {
		return nil, err
	}
	rates := make([][]float64, len(sides))
	for i, side := range turns {
		for _, turn := range side {
			if e.Processor {
				rates[i] = append(rates[i], turn.processor)
			} else {
				rates[i] = append(rates[i], turn.clock)
			}
		}
	}
	if after, _ := measureLoad(sides); told && after.foreign(before) > quiet {
		on.Tell(fmt.Sprintf("%s: other programs took %.0f %% of the machine; an idle one gives other figures", name, 100*after.foreign(before)))
	}
	return rates, nil
}

// takeTurns alternates rounds of the sides and returns the rates of each.
func takeTurns(sides []*contestant, rounds int, seconds float64) ([][]rate, error) {
	rates := make([][]rate, len(sides))
	for range rounds {
		for i, side := range sides {
			rate, err := side.round(seconds)
			if err != nil {
				return nil, err
			}
			rates[i] = append(rates[i], rate)
		}
	}
	return rates, nil
}

// compareMemory emits the peak memory of the sides, if the system provides it.
func compareMemory(name string, sides []*contestant, emit func(Row)) {
	var peaks []float64
	for _, side := range sides {
		mib, ok := side.peakMemory()
		if !ok {
			return
		}
		peaks = append(peaks, mib)
	}
	row := Row{Name: name + " memory", Value: peaks[0], Unit: "MiB at most", Holds: true, N: 1}
	if len(peaks) > 1 {
		ratio := peaks[0] / peaks[1]
		row.Peer, row.Ratio = &peaks[1], &ratio
		row.Bar, row.Holds = "ratio <= 1", ratio <= 1
	}
	emit(row)
}

// compareThreads times the GAN of dense layers on one thread and on two.
func (e *Engine) compareThreads(ctx context.Context, on *Machine, emit func(Row)) error {
	const bar = 1.7
	var sides []*contestant
	for _, threads := range []int{2, 1} {
		side, err := start(on.Worker(ctx, mlpGAN, threads))
		if err != nil {
			return err
		}
		defer side.close()
		sides = append(sides, side)
	}
	byClock := Engine{} // more threads take more processor time, not less
	rates, err := byClock.watchTurns(on, threadsWork, sides, e.Rounds, e.Seconds)
	if err != nil {
		return err
	}
	row := Row{Name: mlpGAN + " on 2 threads against 1", Value: median(rates[0]), Unit: works()[mlpGAN].unit, N: e.Rounds}
	row.beside(rates, false)
	row.Bar, row.Holds = fmt.Sprintf("ratio >= %g", bar), *row.Ratio >= bar
	emit(row)
	return nil
}

// median of an even number of values is the mean of the middle two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
