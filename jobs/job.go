// Package jobs is the queue of what is to be done: apps, trainings, evaluations and collections
// of datasets wait for their turn, are done one after another or side by side, and survive the
// end of the program, however that comes. A front end adds jobs, follows their events, and
// serves their outputs.
//
// Files are the truth, the database an index: what a job made lies in a folder below
// HOME/outputs, finished by a file that says what job it was.
package jobs

import (
	"encoding/json"
	"time"

	"atelier/app"
	"atelier/internal/badinput"
)

// A Kind is what sort of work a job is. Each has a lane of its own, see [Lanes].
type Kind string

// The kinds of jobs.
const (
	OfApp    Kind = "app"
	Train    Kind = "train"
	Evaluate Kind = "evaluate"
	Collect  Kind = "collect"
)

// KindOf is the kind of the jobs of an app.
func KindOf(name string) Kind {
	switch name {
	case "train":
		return Train
	case "evaluate":
		return Evaluate
	case "data add":
		return Collect
	}
	return OfApp
}

// A State is how far a job has come.
type State string

// The states of a job. The last three are final, until it is retried.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Final reports whether a job in this state is over.
func (s State) Final() bool { return s == Done || s == Failed || s == Cancelled }

// A Job is one request that is done once.
type Job struct {
	ID   int64  `json:"id"`
	Kind Kind   `json:"kind"`
	App  string `json:"app"`
	// Inputs are those of the app as they were sent, see [Bind].
	Inputs json.RawMessage `json:"inputs"`
	// Options say how the outputs are arranged.
	Options Options `json:"options"`
	State   State   `json:"state"`
	// Ending reports that it runs, but was cancelled and is to end soon.
	Ending bool `json:"ending,omitempty"`
	// Priority decides who is next: the higher, the earlier; among equals, the older.
	Priority int `json:"priority"`
	// By names the token that asked for it.
	By string `json:"by"`
	// Wide reports that it may name paths of this machine.
	Wide bool `json:"wide,omitempty"`
	// Attempt counts how often it was started, before it was retried, too.
	Attempt int        `json:"attempt"`
	Created time.Time  `json:"created"`
	Started *time.Time `json:"started,omitempty"`
	Ended   *time.Time `json:"ended,omitempty"`
	// Progress is how far the work has come, while it is running.
	Progress *Progress `json:"progress,omitempty"`
	// Run is the run that is trained.
	Run string `json:"run,omitempty"`
	// Outputs are the files that were made.
	Outputs []Output `json:"outputs"`
	// Found is the result, of apps that have one besides files.
	Found json.RawMessage `json:"found,omitempty"`
	// Problem is why it failed.
	Problem *Problem `json:"problem,omitempty"`
	// Trashed is when it was put into the trash.
	Trashed *time.Time `json:"trashed,omitempty"`

	// Amount is how much it asks for.
	Amount app.Amount `json:"-"`

	folder string // of its outputs, below the outputs
	bytes  int64  // of its outputs
}

// Options say how the outputs of a job are arranged.
type Options struct {
	// Apart asks for a file for each work.
	Apart bool `json:"apart,omitempty"`
	// File is the name of the output, whose extension gives the format.
	File string `json:"file,omitempty"`
}

// out is the arrangement for the app.
func (o Options) out() app.Out { return app.Out{Apart: o.Apart, File: o.File} }

// Progress is how far the work of a job has come.
type Progress struct {
	// Work is what is being done.
	Work string `json:"work,omitempty"`
	Done int    `json:"done"`
	// Total is 0 if it is not known.
	Total int `json:"total"`
	// Stats are those of a training step.
	Stats map[string]float64 `json:"stats,omitempty"`
}

// An Output is a file that a job made.
type Output struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
	// Width and Height are those of a picture, in pixels; 0 of other files.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
}

// A Problem is why a job failed.
type Problem struct {
	Message string `json:"message"`
	// Field is the input that is wrong, if one is.
	Field string `json:"field,omitempty"`
	// Mistake reports that another request would do, not another try.
	Mistake bool `json:"mistake"`
}

// Errors of the queue.
var (
	ErrNoJob = badinput.Errorf("there is no such job")
	ErrState = badinput.Errorf("the job is in another state")
)
