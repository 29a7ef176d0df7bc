package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"atelier/jobs"
)

var jobRoutes = []route{
	{method: "GET", path: "/jobs", scope: Read, summary: "List the jobs, the newest first", do: (*Server).listJobs, gives: JobPage{},
		query: map[string]string{"state": "queued, running, done, failed or cancelled", "kind": "app, train, evaluate or collect", "app": "the name of an app",
			"trashed": "true for those in the trash", "before": "the id of a job: only older ones", "limit": "how many, 1 to 1000; 100 if empty"}},
	{method: "GET", path: "/jobs/{job}", scope: Read, summary: "Get a job", do: (*Server).getJob, gives: jobs.Job{}},
	{method: "PATCH", path: "/jobs/{job}", scope: Make, summary: "Change the place of a job that waits", do: (*Server).changeJob, takes: JobChange{}, gives: jobs.Job{}},
	{method: "DELETE", path: "/jobs/{job}", scope: Make, summary: "Cancel a job that waits or runs, keeping what it finished; put one that is over into the trash", do: (*Server).deleteJob, gives: jobs.Job{}},
	{method: "POST", path: "/jobs/{job}/retry", scope: Make, summary: "Have a job that failed or was cancelled wait again; a training goes on from its checkpoint", do: (*Server).retryJob, gives: jobs.Job{}},
	{method: "POST", path: "/jobs/{job}/restore", scope: Make, summary: "Take a job out of the trash", do: (*Server).restoreJob, gives: jobs.Job{}},
	{method: "GET", path: "/jobs/{job}/events", scope: Read, summary: "Follow the events of a job as server-sent events; Last-Event-ID goes on where a stream broke off",
		do: (*Server).followJob, gives: "text/event-stream", query: map[string]string{"after": "the id of an event: only later ones; like Last-Event-ID"}},
	{method: "GET", path: "/results/{job}/{name}", scope: Read, summary: "Get a file that a job made, or a part of it", do: (*Server).getResult, gives: "*/*",
		query: map[string]string{"download": "true to save it instead of showing it"}},
	{method: "GET", path: "/queue", scope: Read, summary: "See how many jobs wait and run", do: (*Server).getQueue, gives: QueueState{}},
	{method: "PATCH", path: "/queue", scope: Admin, summary: "Pause the queue, or let it go on", do: (*Server).changeQueue, takes: QueueChange{}, gives: QueueState{}},
}

// A JobPage is a part of the list of jobs.
type JobPage struct {
	Jobs []jobs.Job `json:"jobs"`
	// Before is what lists the next ones, 0 at the end.
	Before int64 `json:"before,omitempty"`
}

// A JobChange changes a job that waits.
type JobChange struct {
	Priority int `json:"priority"`
}

// A QueueState is how busy the queue is.
type QueueState struct {
	Waiting int  `json:"waiting"`
	Running int  `json:"running"`
	Paused  bool `json:"paused"`
}

// A QueueChange pauses the queue.
type QueueChange struct {
	Paused bool `json:"paused"`
}

// jobID is the id in the path.
func jobID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("job"), 10, 64)
	if err != nil || id < 1 {
		return 0, jobs.ErrNoJob
	}
	return id, nil
}

func (s *Server) listJobs(w http.ResponseWriter, r *http.Request) error {
	if err := known(r, "state", "kind", "app", "trashed", "before", "limit"); err != nil {
		return err
	}
	f := jobs.Filter{App: r.URL.Query().Get("app")}
	var err error
	if f.State, err = choice(r, "state", jobs.Queued, jobs.Running, jobs.Done, jobs.Failed, jobs.Cancelled); err != nil {
		return err
	}
	if f.Kind, err = choice(r, "kind", jobs.OfApp, jobs.Train, jobs.Evaluate, jobs.Collect); err != nil {
		return err
	}
	if f.Trashed, err = truth(r, "trashed"); err != nil {
		return err
	}
	if f.Limit, err = number(r, "limit", 100, 1, 1000); err != nil {
		return err
	}
	before, err := number(r, "before", 0, 1, 1<<62)
	if err != nil {
		return err
	}
	f.Before = int64(before)
	all, err := s.queue.List(r.Context(), f)
	if err != nil {
		return err
	}
	for i := range all {
		all[i] = s.told(r, all[i])
	}
	page := JobPage{Jobs: all}
	if len(all) == f.Limit {
		page.Before = all[len(all)-1].ID
	}
	return answer(w, http.StatusOK, page)
}

// withOwnJob is withJob for what changes the job.
func (s *Server) withOwnJob(w http.ResponseWriter, r *http.Request, do func(id int64) (jobs.Job, error)) error {
	return s.withJob(w, r, func(id int64) (jobs.Job, error) {
		if err := s.mayChangeJob(r.Context(), id); err != nil {
			return jobs.Job{}, err
		}
		return do(id)
	})
}

// withJob answers with the job that a function of the queue returns.
func (s *Server) withJob(w http.ResponseWriter, r *http.Request, do func(id int64) (jobs.Job, error)) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	j, err := do(id)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, s.told(r, j))
}

func (s *Server) getJob(w http.ResponseWriter, r *http.Request) error {
	return s.withJob(w, r, func(id int64) (jobs.Job, error) { return s.queue.Get(r.Context(), id) })
}

func (s *Server) changeJob(w http.ResponseWriter, r *http.Request) error {
	var c JobChange
	if err := decode(w, r, &c); err != nil {
		return err
	}
	if c.Priority < -100 || c.Priority > 100 {
		return fieldf("priority", "want a whole number from -100 to 100, got %d", c.Priority)
	}
	return s.withOwnJob(w, r, func(id int64) (jobs.Job, error) { return s.queue.Prioritize(r.Context(), id, c.Priority) })
}

// endTime is how long the answer waits for a job that was cancelled to end.
const endTime = 3 * time.Second

// deleteJob cancels a job, or puts one that is over into the trash.
func (s *Server) deleteJob(w http.ResponseWriter, r *http.Request) error {
	return s.withOwnJob(w, r, func(id int64) (jobs.Job, error) {
		j, err := s.queue.Get(r.Context(), id)
		if err != nil {
			return j, err
		}
		if j.State.Final() {
			return s.queue.Trash(r.Context(), id)
		}
		ctx, stop := context.WithTimeout(r.Context(), endTime)
		defer stop()
		return s.queue.Cancel(ctx, id)
	})
}

func (s *Server) retryJob(w http.ResponseWriter, r *http.Request) error {
	return s.withOwnJob(w, r, func(id int64) (jobs.Job, error) { return s.queue.Retry(r.Context(), id) })
}

func (s *Server) restoreJob(w http.ResponseWriter, r *http.Request) error {
	return s.withOwnJob(w, r, func(id int64) (jobs.Job, error) { return s.queue.Restore(r.Context(), id) })
}

func (s *Server) getQueue(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, http.StatusOK, QueueState{s.queue.Waiting(), s.queue.Busy(), s.queue.Paused()})
}

func (s *Server) changeQueue(w http.ResponseWriter, r *http.Request) error {
	var c QueueChange
	if err := decode(w, r, &c); err != nil {
		return err
	}
	if err := s.queue.Pause(c.Paused); err != nil {
		return err
	}
	return s.getQueue(w, r)
}

// aliveEvery is how often a stream shows a sign of life.
const aliveEvery = 15 * time.Second

// followJob writes the events of a job as they come.
func (s *Server) followJob(w http.ResponseWriter, r *http.Request) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	after, err := afterOf(r)
	if err != nil {
		return err
	}
	j, err := s.queue.Get(r.Context(), id)
	if err != nil {
		return err
	}
	last, err := s.queue.Last(r.Context(), id)
	if err != nil {
		return err
	}
	if j.State.Final() && after >= last && after > 0 {
		w.WriteHeader(http.StatusNoContent) // a browser does not ask again
		return nil
	}
	done, err := s.callers.follow(CallerOf(r.Context()).Name)
	if err != nil {
		return err
	}
	defer done()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	if err := out.Flush(); err != nil { // the client knows that it follows before something happens
		return err
	}
	ctx, cancel := s.untilLeaving(r.Context())
	defer cancel()
	err = s.queue.Follow(ctx, id, after, aliveEvery, func(e jobs.Event) error {
		if err := s.still(r.WithContext(ctx)); err != nil {
			return err
		}
		if err := writeEvent(w, s.toldEvent(r, e)); err != nil {
			return err
		}
		return out.Flush()
	})
	if err == nil {
		_, err = io.WriteString(w, "event: end\ndata: {}\n\n")
	}
	if ctx.Err() != nil {
		return nil // the client is gone, or the server goes
	}
	return err
}

// afterOf is the last event that the client has seen.
func afterOf(r *http.Request) (int64, error) {
	field, text := "Last-Event-ID", r.Header.Get("Last-Event-ID")
	if text == "" {
		field, text = "after", r.URL.Query().Get("after")
	}
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fieldf(field, "want the id of an event, got %q", text)
	}
	return n, nil
}

// writeEvent writes an event; an empty one is a comment.
func writeEvent(w io.Writer, e jobs.Event) (err error) {
	switch {
	case e.Type == "":
		_, err = io.WriteString(w, ": alive\n\n")
	case e.ID == 0:
		_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.Type, e.Data)
	default:
		_, err = fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Type, e.Data)
	}
	return err
}
