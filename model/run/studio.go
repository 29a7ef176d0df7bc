package run

import (
	"github.com/gomlx/compute"

	"atelier/model/train"
)

// A Studio is where runs are made and kept.
type Studio struct {
	// Runs is the folder of the run directories.
	Runs string
	// Backend does the arithmetic.
	Backend compute.Backend
	// Program and Engine say which version of the program and which path of
	// the engine did the work; both are recorded.
	Program, Engine string
	// Notice is told what a person should know, a line at a time; nil drops it.
	Notice func(string)
	// Progress is told of each training step; nil drops it.
	Progress func(train.Event)
}

func (s *Studio) notice(line string) {
	if s.Notice != nil {
		s.Notice(line)
	}
}
