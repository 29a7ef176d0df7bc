package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"atelier/internal/registry"
	"atelier/model/run"
	"atelier/recipes"
	"atelier/server"
)

func init() {
	Suites.Add("server", "the studio: start, memory and processor time at rest, listing many runs, pictures for many clients at once",
		func() Suite { return &Server{Runs: 1000, Rest: 20, Seconds: 60, Clients: 200, Recipe: "fashion"} })
}

// Server measures a studio in a process of its own. The run that draws is trained for one step,
// which changes nothing of the time.
type Server struct {
	Runs    int    `help:"number of runs in the home"`
	Rest    int    `help:"seconds at rest"`
	Seconds int    `help:"seconds under load"`
	Clients int    `help:"clients at once under load"`
	Recipe  string `help:"recipe of the run that draws"`
}

// Check reports a setting that is out of range.
func (s *Server) Check() error {
	if min(s.Runs, s.Rest, s.Seconds, s.Clients) < 1 || s.Runs > 9000 || max(s.Rest, s.Seconds) > 3600 || s.Clients > 1000 {
		return registry.Unfit("runs", "want 1 to 9000 runs, 1 to 3600 seconds and 1 to 1000 clients")
	}
	return nil
}

// What the suite should reach.
const (
	mostReady    = 500 // ms from the start of the process with many runs
	mostRestMiB  = 60
	mostRestCPU  = 1    // % of a core
	mostListing  = 100  // ms
	leastShare   = 0.7  // of the pictures a second of draws in the process
	leastLoaded  = 0.8  // of that rate under load
	mostLoaded95 = 1000 // ms
	mostGrowth   = 1.2  // of the memory after the first turn under load
	picturesOnce = 32
)

// Run implements [Suite].
func (s *Server) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	if err := registry.Check(s); err != nil {
		return err
	}
	return inFolder(func(home string) error {
		drawn, err := s.fill(ctx, on, home)
		if err != nil {
			return err
		}
		own := s.inside(on, home, drawn)
		defer own.end()
		st, err := s.start(ctx, on, home, drawn)
		if err != nil {
			return err
		}
		defer st.end()
		emit(atMost("ready", st.ready, "ms", mostReady, 1))
		if err := s.rest(ctx, st, emit); err != nil {
			return err
		}
		if err := s.pictures(ctx, own, st, emit); err != nil {
			return err
		}
		return s.load(ctx, own, st, emit)
	})
}

// fill makes the runs of the home: many small ones, and the one that draws.
func (s *Server) fill(ctx context.Context, on *Machine, home string) (drawn string, err error) {
	text, err := recipes.Read(s.Recipe)
	if err != nil {
		return "", err
	}
	own := *on.Studio
	own.Runs, own.Cache = filepath.Join(home, "runs"), ""
	train := func(settings ...string) (*run.Run, error) {
		c, err := run.Parse(s.Recipe+".toml", text, append([]string{"steps=1", "pictures=1", "save=1", "score.metrics=[]"}, settings...)...)
		if err != nil {
			return nil, err
		}
		return own.Train(ctx, c)
	}
	r, err := train("name=draws")
	if err != nil {
		return "", err
	}
	drawn = r.Dir.Name()
	r.Close()
	if r, err = train("name=small", "batch=2", "model.generator.width=1", "model.discriminator.width=1", "model.discriminator.hidden=[]"); err != nil {
		return "", err
	}
	r.Close()
	for i := 2; i < s.Runs; i++ {
		if err := os.CopyFS(filepath.Join(own.Runs, fmt.Sprintf("%04d-small", i+1)), os.DirFS(r.Dir.Path())); err != nil {
			return "", err
		}
	}
	return drawn, nil
}

// A studio is a process that serves.
type studio struct {
	url, token string
	pid        int
	drawn      string  // the run that draws
	ready      float64 // ms
	client     *http.Client
	end        func()
}

// start starts a studio on a home and waits until it is ready.
func (s *Server) start(ctx context.Context, on *Machine, home, drawn string) (*studio, error) {
	token, err := server.OwnerToken(home)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	cmd := on.Program(ctx, "studio", "--home", home, "--runs", filepath.Join(home, "runs"), "--listen", "127.0.0.1:0", "--quiet", "--threads", fmt.Sprint(on.Threads))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var said strings.Builder
	cmd.Stderr = &said
	began := time.Now()
	if err := cmd.Start(); err != nil {
		stop()
		return nil, err
	}
	st := &studio{token: token, pid: cmd.Process.Pid, drawn: drawn, end: func() { stop(); cmd.Wait() }}
	st.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: s.Clients}}
	for time.Since(began) < time.Minute {
		if h, err := server.HolderOf(home); err == nil {
			st.url = h.URL
			if status, _, err := st.ask(ctx, "GET", "/readyz", "", nil); err == nil && status == http.StatusOK {
				st.ready = float64(time.Since(began).Microseconds()) / 1e3
				return st, nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	st.end()
	return nil, &ChildError{Command: cmd.Args, How: errors.New("it is not ready after a minute"), Said: said.String()}
}

// ask sends a request and returns the status and the body of the answer.
func (st *studio) ask(ctx context.Context, method, path, body string, head map[string]string) (int, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, st.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+st.token)
	r.Header.Set("Content-Type", "application/json")
	for key, value := range head {
		r.Header.Set(key, value)
	}
	a, err := st.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return a.StatusCode, b, err
}

// picture asks for one picture of a seed, and returns the status and the name of its file.
func (st *studio) picture(ctx context.Context, seed int) (status int, file string, err error) {
	body := fmt.Sprintf(`{"run":%q,"n":1,"seed":%d}`, st.drawn, seed)
	status, b, err := st.ask(ctx, "POST", "/api/v1/apps/generate?apart=true", body, map[string]string{"Prefer": "wait=30"})
	if err != nil || status != http.StatusCreated {
		return status, "", err
	}
	var j struct {
		ID      int64
		State   string
		Outputs []struct{ Name string }
	}
	if err := json.Unmarshal(b, &j); err != nil || j.State != "done" || len(j.Outputs) == 0 {
		return status, "", fmt.Errorf("a picture was not made: %s", b)
	}
	return status, fmt.Sprintf("/api/v1/results/%d/%s", j.ID, j.Outputs[0].Name), nil
}
