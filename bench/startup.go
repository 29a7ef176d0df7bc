package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"atelier/internal/registry"
	"atelier/model/run"
	"atelier/recipes"
)

func init() {
	Suites.Add("startup", "start-up: process start, opening a run, the first picture, ten runs open and eight requests at once",
		func() Suite { return &Startup{Times: 15, Recipe: "fashion"} })
}

// Startup measures the time until a user sees a result, and the memory of open runs. The run is
// trained for one step, which makes no difference.
type Startup struct {
	Times  int    `help:"number of measurements; the median is reported"`
	Recipe string `help:"recipe of the run"`
}

// Check reports a setting that is out of range.
func (s *Startup) Check() error {
	if s.Times < 1 || s.Times > 1000 {
		return registry.Unfit("times", fmt.Sprintf("want 1 to 1000, got %d", s.Times))
	}
	return nil
}

// Targets of the suite.
const (
	mostStart    = 30  // ms for atelier version
	mostStarted  = 40  // MiB for it
	mostOpening  = 40  // ms to open a run
	mostPicture  = 100 // ms from the start of the process to the file
	mostTen      = 250 // MiB for ten open runs that have sampled
	leastAtOnce  = 1.7 // speed-up of concurrent requests over sequential ones, on one thread each
	tieAtOnce    = 0.9 // on more threads: not slower, apart from noise
	openRuns     = 10
	requests     = 8
	requestDraws = 48
)

// Run implements [Suite].
func (s *Startup) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(s); err != nil {
		return err
	}
	text, err := recipes.Read(s.Recipe)
	if err != nil {
		return err
	}
	c, err := run.Parse(s.Recipe+".toml", text, "steps=1", "pictures=1", "save=1", "score.metrics=[]", "name=startup-"+s.Recipe)
	if err != nil {
		return err
	}
	trained, err := on.Complete(ctx, c)
	if err != nil {
		return err
	}
	return inFolder(func(dir string) error {
		picture := filepath.Join(dir, "first.png")
		for _, p := range []struct {
			name      string
			args      []string
			ms, bytes float64
		}{
			{"start of the program", []string{"version"}, mostStart, mostStarted},
			{"first picture", []string{"generate", trained.Dir.Path(), "-n", "1", "--force", "-o", picture}, mostPicture, 0},
		} {
			took, mib, err := s.program(ctx, on, p.args)
			if err != nil {
				return err
			}
			emit(atMost(p.name, took, "ms", p.ms, s.Times))
			if p.bytes > 0 && mib > 0 {
				emit(atMost(p.name+", memory", mib, "MiB", p.bytes, s.Times))
			}
		}
		if err := s.opening(on, trained, emit); err != nil {
			return err
		}
		if err := s.ten(ctx, on, trained, dir, emit); err != nil {
			return err
		}
		return s.atOnce(ctx, on, trained, emit)
	})
}

func atMost(name string, value float64, unit string, most float64, n int) Row {
	return Row{Name: name, Value: value, Unit: unit, Bar: fmt.Sprintf("<= %g", most), Holds: value <= most, N: n}
}

// program is the median time of a process in ms, and its peak memory in MiB; 0 if unknown.
func (s *Startup) program(ctx context.Context, on *Machine, args []string) (ms, mib float64, err error) {
	var took []float64
	for range s.Times {
		cmd := on.Program(ctx, args...)
		var said strings.Builder
		cmd.Stderr = &said
		began := time.Now()
		if err := cmd.Start(); err != nil {
			return 0, 0, err
		}
		peak := watch(cmd.Process.Pid)
		if err := cmd.Wait(); err != nil {
			return 0, 0, &ChildError{Command: cmd.Args, How: err, Said: said.String()}
		}
		took = append(took, float64(time.Since(began).Microseconds())/1e3)
		mib = max(mib, peak())
	}
	return median(took), mib, nil
}

// opening measures [run.Studio.Open] in a process that has opened a run before.
func (s *Startup) opening(on *Machine, trained *run.Run, emit func(Row)) error {
	var took []float64
	for range s.Times {
		began := time.Now()
		r, err := on.Open(trained.Dir.Path())
		if err != nil {
			return err
		}
		took = append(took, float64(time.Since(began).Microseconds())/1e3)
		r.Close()
	}
	emit(atMost("opening a run", median(took), "ms", mostOpening, s.Times))
	return nil
}

// ten has a process open ten runs and sample from each.
func (s *Startup) ten(ctx context.Context, on *Machine, trained *run.Run, dir string, emit func(Row)) error {
	args := []string{"compare", "--to", filepath.Join(dir, "ten.png")}
	for i := range openRuns {
		to := filepath.Join(dir, fmt.Sprintf("%04d-run", i+1))
		if err := os.CopyFS(to, os.DirFS(trained.Dir.Path())); err != nil {
			return err
		}
		args = append(args, to)
	}
	once := &Startup{Times: 1}
	_, mib, err := once.program(ctx, on, args)
	if err != nil || mib == 0 {
		return err
	}
	emit(atMost("ten runs that draw, memory", mib, "MiB", mostTen, openRuns))
	return nil
}

// atOnce compares eight concurrent requests to one run with the same ones in sequence.
func (s *Startup) atOnce(ctx context.Context, on *Machine, trained *run.Run, emit func(Row)) error {
	r, err := on.Open(trained.Dir.Path())
	if err != nil {
		return err
	}
	defer r.Close()
	request := func(i int) error {
		samples, err := r.Draw(ctx, run.Seeds(uint64(i*requestDraws), requestDraws), nil, 1)
		if err != nil {
			return err
		}
		for _, err := range samples {
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := request(0); err != nil { // one-time compilation
		return err
	}
	var ratios []float64
	for range s.Times {
		began := time.Now()
		for i := range requests {
			if err := request(i); err != nil {
				return err
			}
		}
		after := time.Since(began)
		began = time.Now()
		errs := make([]error, requests)
		var all sync.WaitGroup
		for i := range requests {
			all.Go(func() { errs[i] = request(i) })
		}
		all.Wait()
		if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
			return errs[i]
		}
		ratios = append(ratios, after.Seconds()/time.Since(began).Seconds())
	}
	least := leastAtOnce
	if on.Threads != 1 {
		least = tieAtOnce
	}
	got := median(ratios)
	emit(Row{Name: fmt.Sprintf("%d requests at once, on %d threads", requests, on.Threads), Value: got, Unit: "times as fast", Bar: fmt.Sprintf(">= %g", least), Holds: got >= least, N: s.Times})
	return nil
}
