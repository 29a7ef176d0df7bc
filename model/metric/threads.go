package metric

import (
	"runtime"
	"sync"
)

// onThreads calls f for every i below n, several at once, and returns when all are done.
func onThreads(n int, f func(i int)) {
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
}
