package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"atelier/internal/registry"
)

func init() {
	Suites.Add("engine", "throughput of the engine, beside PyTorch where Debian's python3-torch is installed",
		func() Suite { return &Engine{Rounds: 5, Seconds: 2, Bind: true} })
}

// Engine times training, sampling and products on the engine and, in turn with it, in PyTorch. Each
// side of each work is its own process, which is idle while the other works.
type Engine struct {
	Rounds    int      `help:"number of turns of each side; products take four times as many"`
	Seconds   float64  `help:"length of a turn; those of products are 40 times shorter"`
	Works     []string `help:"what is timed, such as [\"dcgan\", \"threads\"]; all if empty"`
	Python    string   `help:"Python with PyTorch; if empty, it is searched for; \"none\" skips the comparison"`
	Bind      bool     `help:"pin PyTorch's threads to cores: faster on an idle machine, much slower on a busy one"`
	Processor bool     `help:"compare by processor time, for a busy machine; with --threads 1, since threads that wait for others take processor time"`

	peak float64 // GFLOP/s
}

// A contest is a work compared with a peer.
type contest struct {
	name    string
	program string   // program of the peer
	with    []string // its arguments
	bar     float64  // smallest ratio to the peer
	trains  bool     // training: memory is compared as well
	best    bool     // the best turns are compared, not the median of the ratios
}

// contests are the works with their targets.
func contests() []contest {
	all := []contest{
		{name: mlpGAN, program: "mlpgan.py", bar: 1.3, trains: true},
		{name: dcganNet, program: "dcgan.py", bar: 1.15, trains: true},
		{name: gptNet, program: "gpt.py", bar: 1.2, trains: true},
		{name: gptDraws, program: "gpt.py", with: []string{"sampling", "1"}, bar: 4},
		{name: gptMany, program: "gpt.py", with: []string{"sampling", "16"}, bar: 4},
	}
	for _, s := range productSizes {
		c := contest{name: productName(s), program: "product.py", bar: 0.95, best: true}
		for _, n := range s {
			c.with = append(c.with, fmt.Sprint(n))
		}
		all = append(all, c)
	}
	return all
}

// Measurements of the engine alone, besides the contests.
const (
	threadsWork = "threads" // one thread versus two
	compileWork = "compile" // compile time of a large graph
)

// Check reports a setting that is out of range.
func (e *Engine) Check() error {
	if e.Rounds < 1 || !(e.Seconds > 0) {
		return fmt.Errorf("want at least 1 round of more than 0 seconds, got %d of %g", e.Rounds, e.Seconds)
	}
	names := []string{threadsWork, compileWork}
	for _, c := range contests() {
		names = append(names, c.name)
	}
	for _, name := range e.Works {
		if !slices.Contains(names, name) {
			return registry.Unfit("works", fmt.Sprintf("no %q; %s", name, registry.Suggest(name, names)))
		}
	}
	return nil
}

// asked reports whether a work is selected.
func (e *Engine) asked(name string) bool { return len(e.Works) == 0 || slices.Contains(e.Works, name) }

// Run implements [Suite].
func (e *Engine) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(e); err != nil {
		return err
	}
	peer, err := findTorch(ctx, on, e.Python, e.Bind)
	if err != nil {
		return err
	}
	if peer != nil {
		defer peer.close()
	}
	for _, c := range contests() {
		if !e.asked(c.name) {
			continue
		}
		if err := e.hold(ctx, on, peer, c, emit); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	if e.asked(threadsWork) && runtime.GOMAXPROCS(0) > 1 {
		if err := e.compareThreads(ctx, on, emit); err != nil {
			return fmt.Errorf("threads: %w", err)
		}
	}
	if e.asked(compileWork) {
		return e.compile(on, emit)
	}
	return nil
}

// compile times building and compiling a DCGAN step.
func (e *Engine) compile(on *Machine, emit func(Row)) error {
	const bar = 0.3
	var times []float64
	for range e.Rounds {
		seconds, err := compileDCGAN(on.Backend)
		if err != nil {
			return err
		}
		times = append(times, seconds)
	}
	took := median(times)
	emit(Row{Name: dcganNet + " compiled", Value: took, Unit: "s", Bar: fmt.Sprintf("<= %g", bar), Holds: took <= bar, N: e.Rounds})
	return nil
}
