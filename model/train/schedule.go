package train

import (
	"fmt"
	"math"

	"atelier/internal/registry"
)

// Schedules registers the learning rate schedules.
var Schedules = registry.New[Schedule]("schedule")

// A Schedule gives the factor of the learning rate at a step of total steps.
// Its exported fields are its settings.
type Schedule interface {
	Factor(step, total int) float64
}

func init() {
	Schedules.Add("constant", "constant learning rate, after a linear warm-up",
		func() Schedule { return &Constant{} })
	Schedules.Add("linear", "linear decay to a share of the learning rate, after a linear warm-up",
		func() Schedule { return &Linear{} })
	Schedules.Add("cosine", "cosine decay to a share of the learning rate (Loshchilov & Hutter 2016, arXiv:1608.03983), after a linear warm-up",
		func() Schedule { return &Cosine{} })
}

// Constant keeps the learning rate.
type Constant struct {
	Warmup int `help:"warm-up steps: the rate rises linearly from 0"`
}

// Check reports a setting that is out of range.
func (s *Constant) Check() error { return checkFall(s.Warmup, 0, 0) }

// Factor implements [Schedule].
func (s *Constant) Factor(step, _ int) float64 { return warm(step, s.Warmup) }

// Linear decays the learning rate linearly.
type Linear struct {
	Warmup int     `help:"warm-up steps: the rate rises linearly from 0"`
	Hold   float64 `help:"share of the run before the rate starts to fall"`
	Floor  float64 `help:"final rate, as a share of the full rate"`
}

// Check reports a setting that is out of range.
func (s *Linear) Check() error { return checkFall(s.Warmup, s.Hold, s.Floor) }

// Factor implements [Schedule].
func (s *Linear) Factor(step, total int) float64 {
	return warm(step, s.Warmup) * (1 - (1-s.Floor)*progress(step, total, s.Hold))
}

// Cosine decays the learning rate along half a cosine.
type Cosine struct {
	Warmup int     `help:"warm-up steps: the rate rises linearly from 0"`
	Hold   float64 `help:"share of the run before the rate starts to fall"`
	Floor  float64 `help:"final rate, as a share of the full rate"`
}

// Check reports a setting that is out of range.
func (s *Cosine) Check() error { return checkFall(s.Warmup, s.Hold, s.Floor) }

// Factor implements [Schedule].
func (s *Cosine) Factor(step, total int) float64 {
	return warm(step, s.Warmup) * (s.Floor + (1-s.Floor)*(1+math.Cos(math.Pi*progress(step, total, s.Hold)))/2)
}

func checkFall(warmup int, hold, floor float64) error {
	switch {
	case warmup < 0:
		return registry.Unfit("warmup", fmt.Sprintf("want 0 or more steps, got %d", warmup))
	case !(hold >= 0 && hold <= 1):
		return registry.Unfit("hold", fmt.Sprintf("want 0 to 1, got %g", hold))
	case !(floor >= 0 && floor <= 1):
		return registry.Unfit("floor", fmt.Sprintf("want 0 to 1, got %g", floor))
	}
	return nil
}

func warm(step, steps int) float64 {
	if step >= steps {
		return 1
	}
	return float64(step+1) / float64(steps+1)
}

// progress is the progress of the decay, from 0 to 1.
func progress(step, total int, hold float64) float64 {
	start := hold * float64(total)
	return min(1, max(0, (float64(step)-start)/max(1, float64(total)-start)))
}
