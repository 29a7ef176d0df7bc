package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"atelier/app"
	"atelier/jobs"
	"atelier/model/metric"
	"atelier/model/run"
)

var runRoutes = []route{
	{method: "GET", path: "/runs", scope: Read, summary: "List the runs", do: (*Server).listRuns, gives: RunPage{},
		query: map[string]string{"after": "the name of a run: only those after it", "limit": "how many, 1 to 10000; all if empty", "can": "an ability, such as draws, writes or steers: only runs that have it"}},
	{method: "GET", path: "/runs/{run}", scope: Read, summary: "Get a run", do: (*Server).getRun, gives: RunDetail{}},
	{method: "GET", path: "/runs/{run}/statistics", scope: Read, summary: "Get the statistics of the training steps of a run, for curves", do: (*Server).getStatistics, gives: []map[string]any{},
		query: map[string]string{"after": "a step: only later ones"}},
	{method: "GET", path: "/runs/{run}/scores", scope: Read, summary: "Get all scores of a run", do: (*Server).getScores, gives: []run.Measured{}},
	{method: "GET", path: "/runs/{run}/config", scope: Read, summary: "Get the run file", do: (*Server).getConfig, gives: "text/plain"},
	{method: "GET", path: "/runs/{run}/previews/{name}", scope: Read, summary: "Get a preview of what the run makes", do: (*Server).getPreview, gives: "*/*"},
	{method: "POST", path: "/runs/{run}/stop", scope: Make, summary: "Stop the training of a run, with everything saved", do: (*Server).stopRun, gives: jobs.Job{}},
	{method: "POST", path: "/runs/{run}/resume", scope: Make, summary: "Make a job that goes on with the training of a run", do: (*Server).resumeRun, takes: Resumption{}, gives: jobs.Job{}, status: http.StatusCreated},
	{method: "DELETE", path: "/runs/{run}", scope: Make, summary: "Put a run into the trash", do: (*Server).deleteRun, gives: Trashed{}},
}

// A RunPage is the list of runs, or a part of it.
type RunPage struct {
	Runs []app.Summary `json:"runs"`
	// Damaged are the folders that cannot be read, with why.
	Damaged map[string]string `json:"damaged,omitempty"`
}

// A RunDetail is all about a run.
type RunDetail struct {
	app.Summary
	// Can are its abilities, Classes those that it draws.
	Can     []string `json:"can"`
	Classes []string `json:"classes"`
	// Scores are the last ones, Verdict what they come to.
	Scores  []metric.Score `json:"scores"`
	Verdict metric.Verdict `json:"verdict"`
	// Previews are the names of the previews, in order.
	Previews []string `json:"previews"`
	// Checkpoints are the steps that it can be branched from, BestStep is the one of the best.
	Checkpoints []int `json:"checkpoints"`
	BestStep    int   `json:"best_step"`
}

// A Resumption says how a training goes on.
type Resumption struct {
	// Steps is the new total, 0 to keep it.
	Steps int `json:"steps,omitempty"`
}

func (s *Server) listRuns(w http.ResponseWriter, r *http.Request) error {
	if err := known(r, "after", "limit", "can"); err != nil {
		return err
	}
	limit, err := number(r, "limit", 1<<30, 1, 10_000)
	if err != nil {
		return err
	}
	can, after := r.URL.Query().Get("can"), r.URL.Query().Get("after")
	if can != "" && !slices.Contains(run.Abilities(), can) {
		return fieldf("can", "want one of %s, got %q", strings.Join(run.Abilities(), ", "), can)
	}
	all, damaged, err := s.summaries(can)
	if err != nil {
		return err
	}
	page := RunPage{Runs: []app.Summary{}, Damaged: damaged}
	begun := after == ""
	for _, one := range all {
		if begun && len(page.Runs) < limit {
			page.Runs = append(page.Runs, one)
		}
		begun = begun || one.Name == after
	}
	return answer(w, http.StatusOK, page)
}

// withRun calls a function with the run in the path.
func (s *Server) withRun(r *http.Request, do func(*run.Dir) error) error {
	d, err := s.run(r.PathValue("run"))
	if err != nil {
		return err
	}
	return do(d)
}

func (s *Server) getRun(w http.ResponseWriter, r *http.Request) error {
	return s.withRun(r, func(d *run.Dir) error {
		summary, err := app.Summarise(d)
		if err != nil {
			return err
		}
		detail := RunDetail{Summary: summary, Classes: append([]string{}, d.Classes()...), Can: append([]string{}, d.Abilities()...), Previews: []string{}}
		scores, err := d.Scores()
		if err != nil {
			return err
		}
		detail.Scores = app.Latest(scores)
		detail.Verdict = metric.Judge(detail.Scores)
		steps, best, err := d.Checkpoints()
		if err != nil {
			return err
		}
		detail.Checkpoints, detail.BestStep = append([]int{}, steps...), best
		previews, err := d.Previews()
		if err != nil {
			return err
		}
		for _, p := range previews {
			detail.Previews = append(detail.Previews, filepath.Base(p))
		}
		return answer(w, http.StatusOK, detail)
	})
}

func (s *Server) getStatistics(w http.ResponseWriter, r *http.Request) error {
	after, err := number(r, "after", -1, -1, run.MostSteps)
	if err != nil {
		return err
	}
	return s.withRun(r, func(d *run.Dir) error {
		stats, err := d.ReadStats()
		if err != nil {
			return err
		}
		lines := []map[string]any{}
		for _, line := range stats.Lines {
			if step, _ := line["step"].(float64); int(step) > after {
				lines = append(lines, line)
			}
		}
		return answer(w, http.StatusOK, lines)
	})
}

func (s *Server) getScores(w http.ResponseWriter, r *http.Request) error {
	return s.withRun(r, func(d *run.Dir) error {
		scores, err := d.Scores()
		if err != nil {
			return err
		}
		return answer(w, http.StatusOK, append([]run.Measured{}, scores...))
	})
}

func (s *Server) getConfig(w http.ResponseWriter, r *http.Request) error {
	return s.withRun(r, func(d *run.Dir) error {
		text, err := d.ConfigText()
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, err = w.Write(text)
		return err
	})
}

func (s *Server) getPreview(w http.ResponseWriter, r *http.Request) error {
	return s.withRun(r, func(d *run.Dir) error {
		previews, err := d.Previews()
		if err != nil {
			return err
		}
		name := r.PathValue("name")
		for _, p := range previews {
			if filepath.Base(p) == name {
				head, err := os.Open(p)
				if err != nil {
					return err
				}
				b := make([]byte, sniffed)
				n, _ := head.Read(b)
				return serveFile(w, r, p, app.File{Bytes: b[:n]}.MediaType(), closed(head))
			}
		}
		return failf(http.StatusNotFound, "the run %s has no preview %q", d.Name(), name)
	})
}

// closed closes a file, and is a tag of it by its size and time.
func closed(f *os.File) string {
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%x-%x", info.Size(), info.ModTime().UnixNano())
}

// withOwnRun is withRun for what changes the run.
func (s *Server) withOwnRun(r *http.Request, do func(*run.Dir) error) error {
	return s.withRun(r, func(d *run.Dir) error {
		if err := s.mayChangeRun(r.Context(), d); err != nil {
			return err
		}
		return do(d)
	})
}

// stopRun cancels the job that trains a run.
func (s *Server) stopRun(w http.ResponseWriter, r *http.Request) error {
	return s.withOwnRun(r, func(d *run.Dir) error {
		id, ok := s.queue.TrainingOf(d.Name())
		if !ok {
			if d.Training() {
				return failf(http.StatusConflict, "the run %s is trained by another program; stop it there", d.Name())
			}
			return failf(http.StatusConflict, "the run %s is not being trained", d.Name())
		}
		j, err := s.queue.Cancel(r.Context(), id)
		if err != nil {
			return err
		}
		return answer(w, http.StatusOK, j)
	})
}

func (s *Server) resumeRun(w http.ResponseWriter, r *http.Request) error {
	var how Resumption
	if r.ContentLength != 0 {
		if err := decode(w, r, &how); err != nil {
			return err
		}
	}
	return s.withOwnRun(r, func(d *run.Dir) error {
		if err := further(d, how.Steps); err != nil {
			return err
		}
		inputs := map[string]any{"resume": d.Name()}
		if how.Steps > 0 {
			inputs["settings"] = []string{"steps=" + strconv.Itoa(how.Steps)}
		}
		text, err := json.Marshal(inputs)
		if err != nil {
			return err
		}
		j := jobs.Job{App: "train", Inputs: text, By: CallerOf(r.Context()).Name}
		if _, err := s.config.Workshop.Check(j); err != nil {
			return err
		}
		if j, err = s.add(r, j); err != nil {
			return err
		}
		w.Header().Set("Location", fmt.Sprintf("%s/jobs/%d", base, j.ID))
		return answer(w, http.StatusCreated, j)
	})
}

// further refuses to resume a run to a step that it has reached, or to fewer steps than it was to have;
// 0 keeps these.
func further(d *run.Dir, steps int) error {
	if steps < 0 || steps > run.MostSteps {
		return fieldf("steps", "want 1 to %d, got %d", run.MostSteps, steps)
	}
	has, err := app.Glance(d)
	switch {
	case err != nil:
		return err
	case steps == 0 && has.State == app.Done:
		return fieldf("steps", "the run %s has done its %d steps; want more", d.Name(), has.Steps)
	case steps > 0 && (steps < has.Steps || steps <= has.Step):
		return fieldf("steps", "the run %s is at step %d of %d; want more, got %d", d.Name(), has.Step, has.Steps, steps)
	}
	return nil
}

func (s *Server) deleteRun(w http.ResponseWriter, r *http.Request) error {
	return s.withOwnRun(r, func(d *run.Dir) error {
		t, err := s.trashRun(d)
		if err != nil {
			return err
		}
		return answer(w, http.StatusOK, t)
	})
}
