package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"atelier/internal/registry"
)

func init() {
	Suites.Add("engine", "what the processor does in a second, beside PyTorch where Debian's python3-torch is installed",
		func() Suite { return &Engine{Rounds: 5, Seconds: 2, Bind: true} })
}

// Engine times trainings, sampling and products on the engine and, in turn with it,
// in PyTorch. Each side of each work is a process of its own, which rests while the
// other works.
type Engine struct {
	Rounds  int      `help:"how often each side takes its turn; products have four times as many"`
	Seconds float64  `help:"length of a turn; those of products are 40 times shorter"`
	Works   []string `help:"what is timed, such as [\"dcgan\", \"threads\"]; all if empty"`
	Python  string   `help:"the Python that has PyTorch; looked for if empty, and \"none\" does without"`
	Bind    bool     `help:"keep PyTorch's threads on their cores: faster if nothing else runs, much slower if something does"`

	peak float64 // GFLOP/s
}

// A contest is a work on both sides.
type contest struct {
	name    string
	program string   // of the peer
	with    []string // arguments of the program
	bar     float64  // least ratio to the peer
	trains  bool     // it is a training: its memory is compared as well
	best    bool     // the best turns are compared, not the median of the ratios
}

// contests are the works with their bars.
func contests() []contest {
	all := []contest{
		{name: mlpGAN, program: "mlpgan.py", bar: 1.3, trains: true},
		{name: dcganNet, program: "dcgan.py", bar: 1.15, trains: true},
		{name: gptNet, program: "gpt.py", bar: 1.2, trains: true},
		{name: gptDraws, program: "gpt.py", with: []string{"sampling"}, bar: 4},
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

// What is measured of the engine alone, beside the contests.
const (
	threadsWork = "threads" // one thread against two
	compileWork = "compile" // how long a large graph takes to compile
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

// asked reports whether a work is to be timed.
func (e *Engine) asked(name string) bool { return len(e.Works) == 0 || slices.Contains(e.Works, name) }

// Run implements [Suite].
func (e *Engine) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(e); err != nil {
		return err
	}
	peer, err := e.peer(ctx, on)
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

// peer finds PyTorch, or says that there is none and returns nil.
func (e *Engine) peer(ctx context.Context, on *Machine) (*torch, error) {
	if e.Python == "none" {
		return nil, nil
	}
	pythons := []string{"python3", "/usr/bin/python3"}
	if e.Python != "" {
		pythons = []string{e.Python}
	}
	found, err := findTorch(ctx, pythons, on.Threads, e.Bind)
	if found == nil && err == nil {
		on.Tell("no PyTorch is found, so there is nothing to compare with; Debian has it as python3-torch and libopenblas0-openmp")
	}
	return found, err
}

// compile times the building and compiling of a DCGAN's step.
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
