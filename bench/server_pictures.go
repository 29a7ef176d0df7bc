package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"atelier/app"
	"atelier/data"
	"atelier/model/run"
)

// Both sides are measured by turns, for the other programs of a machine take from both alike.
const (
	turns     = 15
	turnTimes = 8 // draws, and rounds of requests, of a turn
)

// An inside draws in this process what a studio draws in its own.
type inside struct {
	env   *app.Env
	drawn string
	first []byte // the first picture
	end   func()
}

func (s *Server) inside(on *Machine, home, drawn string) *inside {
	studio := *on.Studio
	studio.Runs, studio.Loaded = filepath.Join(home, "runs"), run.NewLoaded(0)
	in := &inside{drawn: drawn, end: studio.Loaded.Close}
	in.env = &app.Env{Studio: &studio, Out: app.Out{Apart: true}, Emit: func(it data.Item) error {
		if in.first == nil {
			in.first = it.Bytes
		}
		return nil
	}}
	return in
}

// draw makes 32 pictures so often, as labelled PNG files.
func (in *inside) draw(ctx context.Context, times int) (took, error) {
	return drawing(os.Getpid(), times, func() error {
		g := app.New[*app.Generate]()
		g.From, g.N, g.Seed = app.Model(in.drawn), picturesOnce, 1
		return app.Run(ctx, g, in.env)
	})
}

// took is what pictures take.
type took struct {
	rate float64 // pictures a second
	each float64 // ms of processor time for one
}

// drawing makes 32 pictures so often, in a process.
func drawing(pid, times int, once func() error) (t took, err error) {
	before, _, _ := usage(pid)
	began := time.Now()
	for range times {
		if err := once(); err != nil {
			return t, err
		}
	}
	n := float64(times * picturesOnce)
	t.rate = n / time.Since(began).Seconds()
	after, _, _ := usage(pid)
	t.each = 1e3 * (after - before) / n
	return t, nil
}

// draw has 32 clients ask for a picture each at once, so often. It checks the first.
func (st *studio) draw(ctx context.Context, want []byte, times int) (took, error) {
	return drawing(st.pid, times, func() error {
		var all sync.WaitGroup
		files, errs := make([]string, picturesOnce), make([]error, picturesOnce)
		for i := range picturesOnce {
			all.Go(func() {
				var status int
				if status, files[i], errs[i] = st.picture(ctx, i+1); errs[i] == nil && status != http.StatusCreated {
					errs[i] = fmt.Errorf("a picture was answered with %d", status)
				}
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
		_, got, err := st.ask(ctx, "GET", files[0], "", nil)
		if err == nil && string(got) != string(want) {
			err = errors.New("a picture of many has other bytes than alone")
		}
		return err
	})
}

// pictures compares pictures that 32 clients ask for at once to draws in the process, turn by turn.
func (s *Server) pictures(ctx context.Context, own *inside, st *studio, emit func(Row)) error {
	var alone, served, each, eachServed, share, cost []float64
	for i := range turns + 1 {
		times := turnTimes
		if i == 0 {
			times = 1 // which opens the run
		}
		a, err := own.draw(ctx, times)
		if err != nil {
			return err
		}
		b, err := st.draw(ctx, own.first, times)
		if err != nil {
			return err
		}
		if i == 0 {
			continue
		}
		alone, served, share = append(alone, a.rate), append(served, b.rate), append(share, b.rate/a.rate)
		if a.each > 0 && b.each > 0 {
			each, eachServed, cost = append(each, a.each), append(eachServed, b.each), append(cost, b.each/a.each)
		}
	}
	emit(shareOf("pictures of 32 clients, of draws in the process", median(served), median(alone), median(share), leastShare, turns))
	if len(cost) > 0 { // else the system does not tell
		peer, ratio := median(each), median(cost)
		emit(Row{Name: "processor time for a picture, of draws in the process", Value: median(eachServed), Unit: "ms", Bar: fmt.Sprintf("<= %.3g of %.3g", 1/leastShare, peer),
			Holds: ratio <= 1/leastShare, Peer: &peer, Ratio: &ratio, N: turns})
	}
	return nil
}

// shareOf is a rate beside what it is measured against, and their ratio.
func shareOf(name string, value, of, ratio, least float64, n int) Row {
	return Row{Name: name, Value: value, Unit: "pictures/s", Bar: fmt.Sprintf(">= %g of %.4g", least, of), Holds: ratio >= least, Peer: &of, Ratio: &ratio, N: n}
}
