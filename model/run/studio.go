package run

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gomlx/compute"

	"atelier/data"
	"atelier/internal/energy"
	"atelier/model/language"
	"atelier/model/patch"
	"atelier/model/train"
)

// A Studio creates and keeps runs.
type Studio struct {
	// Runs is the folder of the run directories.
	Runs string
	// Home is the folder of pretrained weights.
	Home string
	// Cache is the folder for encoded examples of stored sets; if empty, none are kept.
	Cache string
	// Loaded caches opened runs; if nil, every Open reads the run anew.
	Loaded *Loaded
	// Gather is how long a request for few samples waits for others of the same run, to be drawn
	// with them, see [family.Gather]; 0 draws each by itself.
	Gather time.Duration
	// Backend runs the networks.
	Backend compute.Backend
	// Matcher measures patches, for pictures made from one picture without a run.
	Matcher patch.Matcher
	// Kernels is the arithmetic of language models.
	Kernels language.Kernels
	// Budget is the energy after which training stops, that of earlier processes included; 0 for no
	// limit.
	Budget energy.Joules
	// Program and Engine are the program version and the engine path; both are recorded.
	Program, Engine string
	// For names the request that new runs are made for; see [MadeFor]. Empty for none.
	For string
	// By names who asks for them, see [Dir.MadeBy], and whose new conversations are. Empty for nobody in
	// particular.
	By string
	// Watcher receives the progress of this Studio, see [Studio.With].
	Watcher
}

// A Watcher receives the progress of one request. Its zero value ignores everything.
type Watcher struct {
	// Notice receives messages for users, a line at a time; nil ignores them.
	Notice func(string)
	// Progress receives each training step; nil ignores it.
	Progress func(train.Event)
	// Working receives the progress of other work: its name, the amount done and the
	// total, 0 if unknown; nil ignores it.
	Working func(work string, done, total int)
	// Training receives the name of the run that is trained, before its first step, when its
	// folder exists; nil ignores it.
	Training func(name string)
}

// With returns the Studio for one request: all but the Watcher is shared, so that
// concurrent requests receive only their own progress.
func (s *Studio) With(w Watcher) *Studio {
	own := *s
	own.Watcher = w
	return &own
}

// once returns a Studio that suppresses notices that repeat an earlier one, or its beginning.
func (s *Studio) once() *Studio {
	var mu sync.Mutex
	var told []string
	w := s.Watcher
	w.Notice = func(line string) {
		mu.Lock()
		defer mu.Unlock()
		if !slices.ContainsFunc(told, func(before string) bool { return strings.HasPrefix(before, line) }) {
			told = append(told, line)
			s.notice(line)
		}
	}
	return s.With(w)
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

// told is a cache that stores nothing and reports progress.
func (s *Studio) told() data.Cache {
	return data.Cache{Notice: s.notice, Progress: func(done, total int) { s.working("reading works:", done, total) }}
}

// load reads and encodes both parts of the set of a run. ready is called before, see
// [data.Cache.Ready].
func (s *Studio) load(ctx context.Context, c *Config, ready func(data.Spec) error) (d set, err error) {
	cache := s.told()
	cache.Dir, cache.Ready = s.Cache, ready
	d.train, d.test, err = cache.Load(ctx, c.Data.Value, c.Codec.Value)
	return d, err
}
