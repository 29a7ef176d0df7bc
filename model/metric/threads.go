package metric

import (
	"context"
	"runtime"
	"sync"
)

// onThreads calls f for every i below n, several at once, and returns when all are done,
// or with the context's error when those under way are.
func onThreads(ctx context.Context, n int, f func(i int)) error {
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n && ctx.Err() == nil; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
