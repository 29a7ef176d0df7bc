package product

import (
	"time"

	"atelier/engine/simd"
	"atelier/engine/threads"
)

// Peak measures the GFLOP/s that all threads of a pool reach together with all data in the L1
// cache: an upper bound for a product on this machine. It takes about a quarter of a second. It
// panics if this processor does not support the path.
func Peak(pool *threads.Pool, path simd.Path) float64 {
	const (
		depth  = 64
		tiles  = 200
		rounds = 50
	)
	k := kernelFor(path)
	type panels struct {
		a, b, c []float32
		offsets []int
	}
	own := make([]panels, pool.Size())
	for i := range own {
		own[i] = panels{a: floats(k.rows * depth), b: floats(k.cols * depth), c: floats(k.rows * k.cols)}
		for row := range k.rows {
			own[i].offsets = append(own[i].offsets, row*k.cols)
		}
	}
	best := 0.0
	for begin := time.Now(); time.Since(begin) < 250*time.Millisecond; {
		start := time.Now()
		pool.Run(rounds*pool.Size(), func(worker, _ int) {
			p := own[worker]
			for range tiles {
				k.multiply(k.rows, k.cols, depth, p.a, p.b, k.cols, p.c, p.offsets, true)
			}
		})
		flops := 2 * float64(rounds*pool.Size()*tiles) * float64(k.rows*k.cols*depth)
		best = max(best, flops/time.Since(start).Seconds()/1e9)
	}
	return best
}
