package run

import (
	"context"

	"github.com/gomlx/compute"

	"atelier/data"
	"atelier/model/train"
)

// A Studio is where runs are made and kept.
type Studio struct {
	// Runs is the folder of the run directories.
	Runs string
	// Cache is the folder where encoded examples of stored sets are kept; empty keeps
	// none.
	Cache string
	// Backend does the arithmetic.
	Backend compute.Backend
	// Program and Engine say which version of the program and which path of
	// the engine did the work; both are recorded.
	Program, Engine string
	// Notice is told what a person should know, a line at a time; nil drops it.
	Notice func(string)
	// Progress is told of each training step; nil drops it.
	Progress func(train.Event)
	// Working is told of other work how far it has come: what it is, how much is done and
	// of how much, 0 if that is not known; nil drops it.
	Working func(work string, done, total int)
}

func (s *Studio) notice(line string) {
	if s.Notice != nil {
		s.Notice(line)
	}
}

func (s *Studio) working(work string, done, total int) {
	if s.Working != nil {
		s.Working(work, done, total)
	}
}

// told is a cache that keeps nothing and tells what it reads.
func (s *Studio) told() data.Cache {
	return data.Cache{Notice: s.notice, Progress: func(done, total int) { s.working("reading", done, total) }}
}

// load reads and encodes both parts of the set that a run learns from. ready is asked
// before that, see [data.Cache.Ready].
func (s *Studio) load(ctx context.Context, c *Config, ready func(data.Spec) error) (d set, err error) {
	cache := s.told()
	cache.Dir, cache.Ready = s.Cache, ready
	d.train, d.test, err = cache.Load(ctx, c.Data.Value, c.Codec.Value)
	return d, err
}
