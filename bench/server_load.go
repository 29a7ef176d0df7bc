package bench

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// rest measures a studio that has nothing to do, and how it lists the runs.
func (s *Server) rest(ctx context.Context, st *studio, emit func(Row)) error {
	var took []float64
	for range 6 { // the first reads them
		began := time.Now()
		status, b, err := st.ask(ctx, "GET", "/api/v1/runs", "", nil)
		if err != nil || status != http.StatusOK || strings.Count(string(b), `"name"`) < s.Runs {
			return fmt.Errorf("the runs were not listed: status %d, %d bytes, %v", status, len(b), err)
		}
		took = append(took, float64(time.Since(began).Microseconds())/1e3)
	}
	emit(Row{Name: "listing the runs for the first time", Value: took[0], Unit: "ms", Bar: "none", Holds: true, N: s.Runs})
	emit(atMost("listing the runs", median(took[1:]), "ms", mostListing, s.Runs))
	before, _, ok := usage(st.pid)
	if !ok {
		return nil // the system does not tell
	}
	select {
	case <-time.After(time.Duration(s.Rest) * time.Second):
	case <-ctx.Done():
		return ctx.Err()
	}
	after, mib, _ := usage(st.pid)
	emit(atMost("memory at rest", mib, "MiB", mostRestMiB, 1))
	emit(atMost("processor at rest", 100*(after-before)/float64(s.Rest), "% of a core", mostRestCPU, s.Rest))
	return nil
}

// usage is the processor time of a process in seconds and its memory in MiB.
func usage(pid int) (seconds, mib float64, ok bool) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, 0, false
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 22 {
		return 0, 0, false
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	pages, _ := strconv.ParseFloat(fields[21], 64)
	return (user + system) / 100, pages * float64(os.Getpagesize()) / (1 << 20), true
}

// load has many clients ask for pictures for some time.
func (s *Server) load(ctx context.Context, st *studio, drawn string, alone float64, emit func(Row)) error {
	until := time.Now().Add(time.Duration(s.Seconds) * time.Second)
	_, before, _ := usage(st.pid)
	var mu sync.Mutex
	var took []float64
	answers := map[int]int{}
	var failed error
	var all sync.WaitGroup
	began := time.Now()
	for i := range s.Clients {
		all.Go(func() {
			for n := 0; time.Now().Before(until) && ctx.Err() == nil; n++ {
				asked := time.Now()
				status, _, err := st.picture(ctx, drawn, 1+i*1_000_000+n)
				mu.Lock()
				answers[status]++
				if err != nil && failed == nil {
					failed = err
				}
				if status == http.StatusCreated {
					took = append(took, float64(time.Since(asked).Microseconds())/1e3)
				}
				mu.Unlock()
				if status == http.StatusTooManyRequests {
					time.Sleep(time.Second) // as it was told
				}
			}
		})
	}
	all.Wait()
	if failed != nil {
		return failed
	}
	rate := float64(len(took)) / time.Since(began).Seconds()
	emit(shareOf(fmt.Sprintf("pictures of %d clients", s.Clients), rate, alone, leastLoaded, len(took)))
	slices.Sort(took)
	if len(took) > 0 {
		emit(atMost("pictures under load, 95 of 100", took[len(took)*95/100], "ms", mostLoaded95, len(took)))
	}
	other := 0
	for status, n := range answers {
		if status != http.StatusCreated && status != http.StatusTooManyRequests {
			other += n
		}
	}
	emit(atMost("answers under load but 201 and 429", float64(other), "", 0, len(took)+answers[http.StatusTooManyRequests]))
	if _, after, ok := usage(st.pid); ok {
		emit(Row{Name: "memory under load", Value: after, Unit: "MiB", Bar: "none", Holds: true, Floor: &before, N: 1})
	}
	return nil
}
