// Package threads runs tasks on a fixed number of threads that spin briefly
// between tasks, since the next one usually follows within microseconds, and
// park after that.
package threads

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// spins is how often a thread looks for work before it parks: some tens of
// microseconds, longer than the gap between two operations of a step and shorter
// than what a person or another process would notice.
const spins = 20_000

// A Pool runs tasks on a fixed number of threads, of which the caller is one.
// It is safe for use by several goroutines.
type Pool struct {
	size    int
	busy    sync.Mutex // held while helpers work for somebody
	helpers []*helper
}

// A job is one Run: tasks are taken from next until none is left.
type job struct {
	tasks   int
	work    func(worker, task int)
	next    atomic.Int64
	working atomic.Int64 // helpers that have not finished
	failed  atomic.Pointer[failure]
}

// A failure is the value of the first panic in a task.
type failure struct{ value any }

// A helper is a thread beside the caller's.
type helper struct {
	worker int
	job    atomic.Pointer[job]
	parked atomic.Bool
	wake   chan struct{}
}

var single = &Pool{size: 1}

// Single returns a pool of one thread: every Run is done by its caller.
func Single() *Pool { return single }

// New returns a pool of n threads, at least one. Its n-1 helpers live as long as
// the process.
func New(n int) *Pool {
	p := &Pool{size: max(n, 1)}
	for i := 1; i < p.size; i++ {
		h := &helper{worker: i, wake: make(chan struct{}, 1)}
		p.helpers = append(p.helpers, h)
		go h.loop()
	}
	return p
}

// Size is the number of threads.
func (p *Pool) Size() int { return p.size }

// Run does every task in [0, tasks) once, in any order, and returns when all are
// done. The worker that work is told is in [0, Size()) and no two tasks of this
// Run that are done at once share it; another Run may use the same number. A Run
// within a Run, or while the pool works for another goroutine, is done by its
// caller alone. A panic of a task is raised again in the caller.
func (p *Pool) Run(tasks int, work func(worker, task int)) {
	if tasks <= 1 || p.size == 1 || !p.busy.TryLock() {
		for i := range tasks {
			work(0, i)
		}
		return
	}
	defer p.busy.Unlock()
	j := &job{tasks: tasks, work: work}
	helpers := p.helpers[:min(len(p.helpers), tasks-1)]
	j.working.Store(int64(len(helpers)))
	for _, h := range helpers {
		h.give(j)
	}
	j.take(0)
	for i := 1; j.working.Load() > 0; i++ {
		if i%64 == 0 {
			runtime.Gosched()
		}
	}
	if f := j.failed.Load(); f != nil {
		panic(f.value)
	}
}

// take does tasks until none is left.
func (j *job) take(worker int) {
	defer func() {
		if v := recover(); v != nil {
			j.failed.CompareAndSwap(nil, &failure{v})
			j.next.Store(int64(j.tasks))
		}
	}()
	for {
		i := int(j.next.Add(1)) - 1
		if i >= j.tasks {
			return
		}
		j.work(worker, i)
	}
}

// give hands a helper its next job.
func (h *helper) give(j *job) {
	h.job.Store(j)
	if h.parked.Load() {
		select {
		case h.wake <- struct{}{}:
		default:
		}
	}
}

func (h *helper) loop() {
	for {
		j := h.await()
		h.job.Store(nil)
		j.take(h.worker)
		j.working.Add(-1)
	}
}

// await spins for a while and then parks until there is a job.
func (h *helper) await() *job {
	for i := 1; ; i++ {
		if j := h.job.Load(); j != nil {
			return j
		}
		switch {
		case i >= spins:
			h.parked.Store(true)
			if h.job.Load() == nil {
				<-h.wake
			}
			h.parked.Store(false)
			i = 0
		case i%64 == 0:
			runtime.Gosched()
		}
	}
}
