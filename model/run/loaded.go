package run

import (
	"container/list"
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/durable"
	"atelier/internal/memory"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/graphs"
	"atelier/model/language"
)

// A network is what everyone who opens the same checkpoint shares: its weights, and the
// graphs that are built on first use.
type network struct {
	dir     *Dir
	config  *Config
	spec    data.Spec
	step    int
	hash    string
	backend compute.Backend
	kernels language.Kernels
	gather  time.Duration
	store   *model.Store
	model   family.Model
	medium  *Medium
	weights string   // path
	told    []string // notices for whoever opens it

	sampler  func() (family.Sampler, error)
	steering func() (*family.Steering, error)
	writer   func() (*language.Model, error)
	inverter func() (family.Inverter, error)
}

// release frees weights and graphs.
func (n *network) release() { graphs.Release(n.store) }

// Loaded is a cache of the weights and graphs of opened runs: everyone who opens the same
// checkpoint of the same run shares them. Unused ones are evicted when all together exceed
// the memory limit, the least recently used first. It is safe for use by several goroutines.
type Loaded struct {
	most int64 // bytes

	mu     sync.Mutex
	closed bool
	order  *list.List // of *shared, most recently opened first
	byKey  map[string]*list.Element
}

// shared is a cached network.
type shared struct {
	key   string
	read  func() (*network, error) // once
	has   atomic.Pointer[network]  // what was read; nil until then
	users int
	gone  bool // evicted; freed with its last user
}

// loadedShare is the default limit, as a share of the memory.
const loadedShare = 4

// NewLoaded returns a cache of opened runs with a limit in bytes; 0 is a quarter of the
// memory.
func NewLoaded(most int64) *Loaded {
	if most <= 0 {
		most = int64(min(memory.Most().Bytes/loadedShare, math.MaxInt64/2))
	}
	return &Loaded{most: most, order: list.New(), byKey: map[string]*list.Element{}}
}

// Bytes is the size of all cached runs at most.
func (l *Loaded) Bytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes()
}

// Len is the number of cached runs.
func (l *Loaded) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.order.Len()
}

// Close frees all unused runs; those in use are freed by their last user. Runs opened
// later are not shared.
func (l *Loaded) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for at := l.order.Front(); at != nil; at = l.order.Front() {
		l.remove(at)
	}
}

// take returns the network of a key, read if it is not cached, and a function that its user
// calls when done.
func (l *Loaded) take(key string, read func() (*network, error)) (*network, func(), error) {
	s := l.acquire(key, read)
	n, err := s.read()
	if err != nil {
		l.drop(s)
		return nil, nil, err
	}
	s.has.Store(n)
	l.mu.Lock()
	l.trim()
	l.mu.Unlock()
	return n, sync.OnceFunc(func() { l.done(s) }), nil
}

// acquire returns the entry of a key, and counts its caller as a user.
func (l *Loaded) acquire(key string, read func() (*network, error)) *shared {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := l.byKey[key]; at != nil {
		l.order.MoveToFront(at)
		s := at.Value.(*shared)
		s.users++
		return s
	}
	s := &shared{key: key, read: sync.OnceValues(read), users: 1, gone: l.closed}
	if !l.closed {
		l.byKey[key] = l.order.PushFront(s)
	}
	return s
}

// drop removes an entry that could not be read, so that the next user tries again.
func (l *Loaded) drop(s *shared) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.users--
	if at := l.byKey[s.key]; at != nil && at.Value == s {
		l.order.Remove(at)
		delete(l.byKey, s.key)
	}
}

// done ends a use.
func (l *Loaded) done(s *shared) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.users--
	s.free()
	l.trim()
}

// trim evicts unused entries, least recently opened first, until the rest is within the
// limit; l.mu is held.
func (l *Loaded) trim() {
	for at := l.order.Back(); at != nil && l.bytes() > l.most; {
		before := at.Prev()
		if at.Value.(*shared).users == 0 {
			l.remove(at)
		}
		at = before
	}
}

// remove removes an entry; l.mu is held.
func (l *Loaded) remove(at *list.Element) {
	s := l.order.Remove(at).(*shared)
	delete(l.byKey, s.key)
	s.gone = true
	s.free()
}

// free frees a network that is neither cached nor in use.
func (s *shared) free() {
	if !s.gone || s.users > 0 {
		return
	}
	if n := s.has.Swap(nil); n != nil {
		n.release()
	}
}

func (l *Loaded) bytes() (bytes int64) {
	for at := l.order.Front(); at != nil; at = at.Next() {
		if n := at.Value.(*shared).has.Load(); n != nil {
			bytes += graphs.Bytes(n.store)
		}
	}
	return bytes
}

// identity covers all that is read to open a run: the path of its folder, its run file, its
// facts and the manifest of its best checkpoint, which holds the hash of the weights.
func (d *Dir) identity() (string, error) {
	path, err := filepath.Abs(d.path)
	if err != nil {
		return "", err
	}
	step, marked, _ := d.bestStep()
	if !marked {
		if step, err = d.Saved(); err != nil {
			return "", err
		}
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%q", path)
	for _, file := range []string{d.Path(configFile), d.Path(factsFile), filepath.Join(d.checkpoint(step), durable.ManifestName)} {
		text, err := durable.ReadFile(file, max(mostFacts, registry.MaxFile))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, " %d ", len(text))
		sum.Write(text)
		info, err := os.Stat(file)
		if err != nil {
			return "", err
		}
		fmt.Fprint(sum, info.ModTime().UnixNano())
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}

// network opens the network of a run, from the cache if the studio has one.
func (s *Studio) network(dir *Dir) (n *network, release func(), err error) {
	// Notices raised while reading go to everyone who opens it.
	read := func() (*network, error) {
		own, told := *s, []string(nil)
		own.Notice = func(line string) { told = append(told, line) }
		n, err := own.read(dir)
		if err != nil {
			for _, line := range told {
				s.notice(line)
			}
			return nil, err
		}
		n.told = slices.Clip(told)
		return n, nil
	}
	key, err := "", error(nil)
	if s.Loaded != nil {
		key, err = dir.identity()
	}
	if s.Loaded == nil || err != nil { // reading it tells better what is wrong
		n, err := read()
		if err != nil {
			return nil, nil, err
		}
		return n, sync.OnceFunc(n.release), nil
	}
	return s.Loaded.take(key, read)
}
