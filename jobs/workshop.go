package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"atelier/app"
	"atelier/data"
	"atelier/data/library"
	"atelier/data/source"
	"atelier/internal/badinput"
	"atelier/model/run"
	"atelier/model/train"
)

// A Workshop does the jobs of all apps with a studio and a library. Its fields are set before
// the first job.
type Workshop struct {
	Studio  *run.Studio
	Library *library.Library
	// PDF reads PDF files, see [app.Env].
	PDF func(ctx context.Context, file []byte, counted app.PagesCounted) ([]app.PDFPage, error)
	// Marking says how all works are marked besides their labels, where their formats allow it.
	Marking app.Marking
	// Verifier checks files; its Studio is that of the Workshop.
	Verifier app.Verifier
	// Widen gives an Env what only jobs that may name addresses have: the web, and models at
	// servers; nil gives nothing.
	Widen func(*app.Env)
	// Files finds what the inputs of jobs name.
	Files Files
	// Known and Dataset are those of [Rights].
	Known, Dataset func(string) bool
	// Members is how many members an archive may have that a job without wide rights names; 0 is as
	// many as anywhere.
	Members int
	// Instance is the name of this home's queue, by which runs know their jobs.
	Instance string
}

// Verify checks what a file says of itself.
func (w *Workshop) Verify(file app.File) (*app.Verification, error) {
	v := w.Verifier
	v.Studio = w.Studio
	return v.Verify(file, nil)
}

// Bind makes the app of a job.
func (w *Workshop) Bind(j Job) (app.App, error) {
	return Bind(j.App, j.Inputs, w.Files, Rights{Wide: j.Wide, Known: w.Known, Dataset: w.Dataset})
}

// Check makes the app of a job, and refuses one that would fail because of its inputs alone.
func (w *Workshop) Check(j Job) (app.App, error) {
	if j.Options.File != "" {
		if err := CheckName(j.Options.File); err != nil {
			return nil, &FieldError{"file", err}
		}
		if j.Options.Apart {
			return nil, &FieldError{"file", badinput.Errorf("works apart have names of their own")}
		}
	}
	a, err := w.Bind(j)
	if err != nil {
		return nil, err
	}
	if chat, ok := a.(*app.Chat); ok && chat.Message == "" { // nobody can be asked
		return nil, &FieldError{"message", badinput.Errorf("want a question")}
	}
	return a, fieldOf(a, app.Check(a, j.Options.out()))
}

// fieldOf names the input that an error of [app.Check] is about, where it can.
func fieldOf(a app.App, err error) error {
	if err == nil {
		return nil
	}
	file := (*app.FileError)(nil)
	isFile := errors.As(err, &file)
	for _, in := range app.Inputs(a) {
		f := in.File()
		switch {
		case isFile && f != nil && (f.Name == file.Name || in.Name == file.Name):
			return &FieldError{in.Name, err}
		case !isFile && prefixed(err.Error(), in.Name):
			return &FieldError{in.Name, err}
		}
	}
	return err
}

// prefixed reports whether a message begins with the name of an input.
func prefixed(message, name string) bool {
	return len(message) > len(name)+2 && message[:len(name)] == name && message[len(name):len(name)+2] == ": "
}

// Like implements [Worker]: pictures that are drawn by the same run are drawn together.
func (w *Workshop) Like(j Job) string {
	if j.App != "generate" {
		return ""
	}
	given, err := object(j.Inputs)
	if err != nil {
		return ""
	}
	return "generate " + string(given["run"])
}

// Thread implements [Worker]: messages of a conversation are answered one after another.
func (w *Workshop) Thread(j Job) string {
	if j.App != "chat" {
		return ""
	}
	return conversationOf(j)
}

// Work implements [Worker].
func (w *Workshop) Work(ctx context.Context, t *Task) error {
	a, err := w.Bind(t.Job)
	if err != nil {
		return err
	}
	env := w.env(t)
	if !t.Job.Wide {
		ctx = source.WithMostMembers(ctx, w.Members)
	}
	if training, ok := a.(*app.Train); ok {
		return w.train(ctx, t, training, env)
	}
	if !t.Job.Wide {
		env.Studio = w.studioFor(t)
	}
	return fieldOf(a, app.Run(ctx, a, env))
}

// env is the environment of a job.
func (w *Workshop) env(t *Task) *app.Env {
	env := &app.Env{
		Studio: w.Studio, Library: w.Library, PDF: w.PDF, Out: t.Job.Options.out(), Watcher: t.watcher(), Marking: w.Marking,
		Expect: func(names ...string) error {
			if t.Job.Options.File != "" && len(names) > 1 {
				return &FieldError{"file", badinput.Errorf("%d files would be made; leave out the name of one", len(names))}
			}
			for _, name := range names {
				if err := CheckName(portable(name)); err != nil {
					return err
				}
			}
			return nil
		},
		Emit: func(it data.Item) error {
			it.Name = cmp.Or(t.Job.Options.File, portable(it.Name))
			return t.Emit(it)
		},
		Beside: func(name string, label []byte) error {
			return t.Emit(data.Item{Name: cmp.Or(t.Job.Options.File, portable(name)) + ".json", MediaType: "application/json", Bytes: label})
		},
		Text: t.Text, Say: t.Log, Found: t.Found,
	}
	if t.Job.Wide && w.Widen != nil {
		w.Widen(env)
	}
	return env
}

// watcher tells the progress of a job.
func (t *Task) watcher() run.Watcher {
	return run.Watcher{
		Notice: t.Notice,
		Progress: func(e train.Event) {
			p := Progress{Done: e.Step, Total: e.Total}
			if len(e.Stats) > 0 {
				p.Stats = map[string]float64{}
				for name, x := range e.Stats {
					if !math.IsNaN(x) && !math.IsInf(x, 0) { // which JSON has not
						p.Stats[name] = x
					}
				}
			}
			t.Progress(p)
		},
		Working:  func(work string, done, total int) { t.Progress(Progress{Work: work, Done: done, Total: total}) },
		Training: func(name string) { t.training(name) },
	}
}

// training records the run that is trained.
func (t *Task) training(name string) {
	if err := t.Training(name); err != nil {
		t.Notice(fmt.Sprintf("the name of the run could not be recorded: %v", err))
	}
}

// studioFor is the studio for who asked for a job.
func (w *Workshop) studioFor(t *Task) *run.Studio {
	own := *w.Studio
	own.By = t.Job.By
	return &own
}

// train trains, or goes on with the run that an earlier attempt began.
func (w *Workshop) train(ctx context.Context, t *Task, a *app.Train, env *app.Env) error {
	own := w.studioFor(t)
	own.For = fmt.Sprintf("%s/%d", w.Instance, t.Job.ID)
	env.Studio = own
	var begun *run.Dir
	if a.Resume == "" {
		var err error
		if begun, err = run.MadeFor(own.Runs, own.For); err != nil {
			return err
		}
	}
	if begun == nil {
		return fieldOf(a, app.Run(ctx, a, env))
	}
	again := app.New[*app.Train]()
	again.Resume = app.Model(begun.Name())
	err := app.Run(ctx, again, env)
	if !errors.Is(err, run.ErrDone) {
		return err
	}
	step, err := begun.Saved()
	if err != nil {
		return err
	}
	found, err := app.TrainedIn(begun, step)
	if err == nil {
		t.training(begun.Name())
		t.Found(found)
	}
	return err
}

// Known reports whether a word names a run of a studio, or weights that are kept.
func Known(s *run.Studio, kept func() []string) func(string) bool {
	return func(word string) bool {
		_, err := run.OpenKept(s.Runs, word)
		return err == nil || slices.Contains(kept(), word)
	}
}
