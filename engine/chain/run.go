package chain

import (
	"fmt"
	"sync"

	"github.com/gomlx/compute/dtypes"

	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// Run computes the chain. in are the operands in the order of their declaration; out are the
// results in the order of their stores, then the sums. It panics if there are too few of them or
// one is too short.
func (p *Program) Run(pool *threads.Pool, out, in []tensor.Tensor) {
	r := p.begin(pool.Size(), out, in)
	defer p.free.give(r)
	if p.cut.tasks == 1 {
		r.task(0, 0)
	} else {
		pool.Run(p.cut.tasks, r.task)
	}
	r.finish()
}

// A run is one execution of a program.
type run struct {
	*Program
	in, out []memory // operands; results and sums
	workers []worker
	task    func(worker, task int)
	parts   []partial // of the sums
	mu      sync.Mutex
	idle    []*worker // of a run in stretches
}

// memory is the memory of a tensor.
type memory struct {
	bytes  []byte
	floats []float32
}

// A worker is the state of one thread.
type worker struct {
	tiles  [][]float32
	at     [][]float32 // current location of each value
	filled bool        // whether the fixed tiles are filled
	sums   []running
}

// free keeps finished runs for reuse.
type free struct {
	mu   sync.Mutex
	runs []*run
}

func (f *free) give(r *run) {
	for i := range r.in {
		r.in[i] = memory{}
	}
	for i := range r.out {
		r.out[i] = memory{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.runs = append(f.runs, r)
}

func (f *free) take() *run {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.runs); n > 0 {
		r := f.runs[n-1]
		f.runs = f.runs[:n-1]
		return r
	}
	return nil
}

func (p *Program) begin(workers int, out, in []tensor.Tensor) *run {
	if len(in) != len(p.operands) || len(out) != len(p.results)+len(p.sums) {
		panic(fmt.Sprintf("chain: %d operands and %d results, want %d and %d", len(in), len(out), len(p.operands), len(p.results)+len(p.sums)))
	}
	r := p.free.take()
	if r == nil {
		r = &run{Program: p, in: make([]memory, len(in)), out: make([]memory, len(out)), parts: p.partials()}
		r.task = r.work
	}
	for len(r.workers) < workers {
		r.workers = append(r.workers, worker{})
	}
	for i := range r.workers {
		r.workers[i].filled = false
	}
	for i, t := range in {
		r.in[i] = memoryOf(t, p.operands[i].dtype)
	}
	for i, t := range out {
		dtype := dtypes.Float32
		if i < len(p.results) {
			dtype = p.results[i].dtype
		}
		r.out[i] = memoryOf(t, dtype)
	}
	return r
}

func memoryOf(t tensor.Tensor, dtype dtypes.DType) memory {
	m := memory{bytes: t.Bytes}
	if dtype == dtypes.Float32 {
		m.floats = tensor.As[float32](t.Bytes)
	}
	return m
}

// ready allocates a worker's tiles and fills the fixed ones.
func (r *run) ready(w *worker) {
	if w.tiles == nil {
		for range r.Program.tiles {
			w.tiles = append(w.tiles, tensor.As[float32](tensor.Memory(4*r.cut.longestTile())))
		}
		w.at = make([][]float32, len(r.values))
		w.sums = r.runningSums()
	}
	if w.filled {
		return
	}
	w.filled = true
	for _, id := range r.fixed {
		v := &r.values[id]
		tile := w.tiles[v.index]
		if v.operand < 0 {
			simd.Fill(tile, v.number)
			continue
		}
		layout := r.operands[v.operand].layout
		width := r.space.Cols
		if v.kind == perProgram {
			width, layout.Constant = len(tile), true
		}
		for ; len(tile) > 0; tile = tile[width:] {
			r.read(tile[:width], v.operand, layout.Offset, layout.Constant)
		}
	}
}

// work runs a task.
func (r *run) work(worker, task int) {
	w := &r.workers[worker]
	r.ready(w)
	first, end := task*r.cut.each, min((task+1)*r.cut.each, r.cut.tiles)
	for i := first; i < end; i++ {
		r.tile(w, r.cut.part(r.space, i), i == first)
	}
	r.keepSums(w, task)
}
