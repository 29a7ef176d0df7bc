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

// turnSeconds is how long clients ask before draws in the process have their turn.
const turnSeconds = 5

// A loading is what many clients were answered.
type loading struct {
	mu      sync.Mutex
	took    []float64 // ms of the accepted ones
	answers map[int]int
	failed  error
}

// load has many clients ask for pictures for some time, with draws in the process in between.
func (s *Server) load(ctx context.Context, own *inside, st *studio, emit func(Row)) error {
	all := loading{answers: map[int]int{}}
	var alone, served, share, memory []float64
	for left := s.Seconds; left > 0; left -= turnSeconds {
		a, err := own.draw(ctx, 2*turnTimes)
		if err != nil {
			return err
		}
		rate, err := s.loaded(ctx, st, time.Duration(min(left, turnSeconds))*time.Second, &all)
		if err != nil {
			return err
		}
		alone, served, share = append(alone, a.rate), append(served, rate), append(share, rate/a.rate)
		if _, mib, ok := usage(st.pid); ok {
			memory = append(memory, mib)
		}
	}
	emit(shareOf(fmt.Sprintf("pictures of %d clients, of draws in the process", s.Clients), median(served), median(alone), median(share), leastLoaded, len(share)))
	slices.Sort(all.took)
	if n := len(all.took); n > 0 {
		emit(atMost("pictures under load, 95 of 100", all.took[n*95/100], "ms", mostLoaded95, n))
	}
	other := 0
	for status, n := range all.answers {
		if status != http.StatusCreated && status != http.StatusTooManyRequests {
			other += n
		}
	}
	emit(atMost("answers under load but 201 and 429", float64(other), "", 0, len(all.took)+all.answers[http.StatusTooManyRequests]))
	if n := len(memory); n > 0 {
		ratio := memory[n-1] / memory[0]
		emit(Row{Name: "memory under load, of that after the first turn", Value: memory[n-1], Unit: "MiB", Bar: fmt.Sprintf("<= %g of %.4g", mostGrowth, memory[0]),
			Holds: ratio <= mostGrowth, Peer: &memory[0], Ratio: &ratio, N: n})
	}
	return nil
}

// loaded has many clients ask for pictures for a turn, and returns how many a second were accepted.
func (s *Server) loaded(ctx context.Context, st *studio, turn time.Duration, all *loading) (rate float64, err error) {
	began, before := time.Now(), len(all.took)
	var clients sync.WaitGroup
	for i := range s.Clients {
		clients.Go(func() {
			for n := 0; time.Since(began) < turn && ctx.Err() == nil; n++ {
				asked := time.Now()
				status, _, err := st.picture(ctx, 1+i*1_000_000+n)
				all.answered(status, time.Since(asked), err)
				if status == http.StatusTooManyRequests {
					time.Sleep(min(time.Second, turn-time.Since(began))) // as it was told
				}
			}
		})
	}
	clients.Wait()
	return float64(len(all.took)-before) / time.Since(began).Seconds(), all.failed
}

// answered notes an answer.
func (l *loading) answered(status int, took time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[status]++
	if err != nil && l.failed == nil {
		l.failed = err
	}
	if status == http.StatusCreated {
		l.took = append(l.took, float64(took.Microseconds())/1e3)
	}
}
