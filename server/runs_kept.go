package server

import (
	"net/http"
	"slices"

	"atelier/app"
	"atelier/jobs"
	"atelier/model/run"
)

// keptRoutes are about what of a run is kept.
var keptRoutes = []route{
	{method: "GET", path: "/runs/{run}/card", scope: Read, summary: "Get the card of a run: its data and their licences, how good it is, what it took, what it cannot do", do: (*Server).getCard, gives: app.Card{}},
	{method: "POST", path: "/runs/{run}/copy", scope: Make, summary: "Copy a run, as it is or as it was at one of its checkpoints", do: (*Server).copyRun, takes: RunCopy{}, gives: app.Summary{}, status: http.StatusCreated},
	{method: "POST", path: "/runs/{run}/prune", scope: Make, summary: "Remove the checkpoints and previews of a run that neither sampling nor resuming needs", do: (*Server).pruneRun, gives: Pruned{}},
}

// A RunCopy says what a copy of a run is.
type RunCopy struct {
	// Name is that of the copy; it is numbered.
	Name string `json:"name"`
	// Step is that of the checkpoint to branch from; without it all is copied.
	Step *int `json:"step,omitempty"`
}

// Pruned says what was removed.
type Pruned struct {
	Freed int64 `json:"freed"` // bytes
}

func (s *Server) getCard(w http.ResponseWriter, r *http.Request) error {
	return s.withRun(r, func(d *run.Dir) error {
		c, err := app.CardOf(r.Context(), d, 0)
		if err != nil {
			return err
		}
		return answer(w, http.StatusOK, c)
	})
}

func (s *Server) copyRun(w http.ResponseWriter, r *http.Request) error {
	var how RunCopy
	if err := decode(w, r, &how); err != nil {
		return err
	}
	if how.Name != "" {
		if err := jobs.CheckName(how.Name); err != nil {
			return fieldf("name", "%w", err)
		}
	}
	return s.withRun(r, func(d *run.Dir) error {
		size, err := d.Size()
		if err != nil {
			return err
		}
		if err := s.room(size); err != nil {
			return err
		}
		copied := d.Copy
		if how.Step != nil {
			steps, _, err := d.Checkpoints()
			if err != nil {
				return err
			}
			if !slices.Contains(steps, *how.Step) {
				return fieldf("step", "want the step of a checkpoint, one of %v, got %d", steps, *how.Step)
			}
			copied = func(root, name string) (*run.Dir, error) { return d.Branch(root, name, *how.Step) }
		}
		made, err := copied(s.runs(), how.Name)
		if err != nil {
			return fieldf("name", "%w", err)
		}
		if err := made.GiveTo(CallerOf(r.Context()).Name); err != nil {
			return err
		}
		summary, err := app.Summarise(made)
		if err != nil {
			return err
		}
		return answer(w, http.StatusCreated, summary)
	})
}

func (s *Server) pruneRun(w http.ResponseWriter, r *http.Request) error {
	return s.withOwnRun(r, func(d *run.Dir) error {
		freed, err := d.Prune()
		if err != nil {
			return err
		}
		return answer(w, http.StatusOK, Pruned{freed})
	})
}
