package run

import "atelier/internal/registry"

// Inits lists what the weights of a run can start from.
var Inits = registry.New[Init]("init")

// An Init gives a run its first weights. Its exported fields are its settings.
type Init interface {
	// pretrained names the run whose weights are taken, empty for none.
	pretrained() string
}

func init() {
	Inits.Add("random", "every weight drawn from the seed", func() Init { return &RandomInit{} })
	Inits.Add("run", "the weights of another run, wherever name and shape fit; the rest drawn from the seed",
		func() Init { return &RunInit{} })
}

// RandomInit draws every weight from the run's seed.
type RandomInit struct{}

func (*RandomInit) pretrained() string { return "" }

// RunInit takes weights from another run.
type RunInit struct {
	Name string `help:"the run: its name, number or path"`
}

func (i *RunInit) pretrained() string { return i.Name }
