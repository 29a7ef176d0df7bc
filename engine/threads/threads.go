// Package threads runs tasks on a fixed number of threads that spin briefly
// between tasks, since the next one usually follows within microseconds, and
// park after that.
package threads

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// spins is the number of times a thread looks for work before it parks: some tens of microseconds,
// longer than the gap between two operations of a step and too short for a person or another
// process to notice.
const spins = 20_000

// A Pool runs tasks on a fixed number of threads, including the caller's. It is safe for concurrent
// use.
type Pool struct {
	size    int
	busy    sync.Mutex // held while helpers work for a caller
	helpers []*helper
	ended   sync.WaitGroup
}

// A job is one Run: tasks are taken from next until none are left.
type job struct {
	tasks   int
	work    func(worker, task int)
	next    atomic.Int64
	working atomic.Int64 // helpers that have not finished
	failed  atomic.Pointer[failure]
}

// A failure is the value of the first panic in a task.
type failure struct{ value any }

// A helper is a thread besides the caller's.
type helper struct {
	worker int
	job    atomic.Pointer[job]
	parked atomic.Bool
	wake   chan struct{}
}

var single = &Pool{size: 1}

// Single returns a pool of one thread: every Run runs in its caller.
func Single() *Pool { return single }

// New returns a pool of n threads, at least one. Its n-1 helpers live until Close.
func New(n int) *Pool {
	p := &Pool{size: max(n, 1)}
	for i := 1; i < p.size; i++ {
		h := &helper{worker: i, wake: make(chan struct{}, 1)}
		p.helpers = append(p.helpers, h)
		p.ended.Go(h.loop)
	}
	return p
}

// end is the job that stops a helper.
var end = &job{}

// Close ends the helpers, after the Run in progress. Later Runs run in their callers alone.
func (p *Pool) Close() {
	p.busy.Lock()
	defer p.busy.Unlock()
	for _, h := range p.helpers {
		h.give(end)
	}
	p.ended.Wait()
	p.helpers = nil
}

// Size is the number of threads.
func (p *Pool) Size() int { return p.size }

// Run runs every task in [0, tasks) once, in any order, and returns when all are done. The worker
// passed to work is in [0, Size()) and not shared by concurrent tasks of this Run; another Run may
// use the same number. A nested Run, or one while the pool works for another goroutine, runs in its
// caller alone. A panic in a task is raised again in the caller.
func (p *Pool) Run(tasks int, work func(worker, task int)) {
	if tasks <= 1 || p.size == 1 || !p.busy.TryLock() {
		alone(tasks, work)
		return
	}
	defer p.busy.Unlock()
	if len(p.helpers) == 0 {
		alone(tasks, work)
		return
	}
	j := &job{tasks: tasks, work: work}
	helpers := p.helpers[:min(len(p.helpers), tasks-1)]
	j.working.Store(int64(len(helpers)))
	for _, h := range helpers {
		h.give(j)
	}
	j.take(0)
	for _, h := range helpers { // one that has not begun need not: no tasks are left
		if h.job.CompareAndSwap(j, nil) {
			j.working.Add(-1)
		}
	}
	for i := 1; j.working.Load() > 0; i++ {
		if i%64 == 0 {
			runtime.Gosched()
		}
	}
	if f := j.failed.Load(); f != nil {
		panic(f.value)
	}
}

// alone runs every task in the caller.
func alone(tasks int, work func(worker, task int)) {
	for i := range tasks {
		work(0, i)
	}
}

// take runs tasks until none are left.
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
		if j == end {
			return
		}
		j.take(h.worker)
		j.working.Add(-1)
	}
}

// await spins for a while and then parks until there is a job, and takes it.
func (h *helper) await() *job {
	for i := 1; ; i++ {
		if h.job.Load() != nil {
			if j := h.job.Swap(nil); j != nil { // it was not withdrawn
				return j
			}
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
