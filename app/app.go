// Package app is the application layer: what people do with trained runs,
// one app per file. Other Go programs may import it.
package app

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"atelier/data"
	"atelier/data/library"
	"atelier/internal/badinput"
	"atelier/internal/fetch"
	"atelier/internal/registry"
	"atelier/model/remote"
	"atelier/model/run"
	"atelier/model/train"
)

// Apps lists the apps. Each is a command.
var Apps = registry.New[App]("app")

// An App is one request: its exported fields are its inputs, see [Input]. It is a value:
// Run has a value receiver, reads nothing but the inputs and the Env, and writes nothing
// but through the Env, so that one App can be run several times, and many at once.
type App interface {
	// Run does the work and emits what it makes through Env as it comes. Front ends
	// call [Run], which checks the inputs first.
	Run(ctx context.Context, env *Env) error
	// Example is a worked example: the arguments of the command.
	Example() string
}

// A Checker is an App with constraints between inputs, or between inputs and the output.
// Constraints on a single input are in its tags.
type Checker interface {
	// Check reports the first invalid input, see [registry.Unfit].
	Check(out Out) error
}

// A Finder is an App that gives its result to [Env.Found], too.
type Finder interface {
	// Finds is an empty result.
	Finds() any
}

// An Out says how the output of an app is arranged. The zero Out asks for one Item,
// named by the app.
type Out struct {
	// Apart asks for a separate Item per work.
	Apart bool
	// File is the name of the output file, whose extension gives the format; if empty,
	// the app chooses.
	File string
	// Unasked says that no output was named: an app that tells what it found makes no file.
	Unasked bool
}

// unnamed reports whether no file name tells a format: that of a folder or of standard output does
// not.
func (o Out) unnamed() bool { return o.Apart || filepath.Ext(o.File) == "" }

// named is what messages call an Item of that name: the file that is asked for, if it is one.
func (o Out) named(item string) string {
	switch {
	case o.File == "" || o.Apart:
		return item
	case strings.HasPrefix(o.File, "/dev/"):
		return "the output"
	}
	return o.File
}

// An Env is the environment of a request: what is shared with other requests, and what
// belongs to this one.
type Env struct {
	// Studio holds the runs, and Library the datasets, for all requests.
	Studio  *run.Studio
	Library *library.Library
	// Watcher receives progress.
	run.Watcher
	// Remote says where the server of the model [RemoteModel] is; zero if there is none.
	Remote remote.Settings
	// Fetch fetches pages of the web; nil where that is not done.
	Fetch func(ctx context.Context, address string) (*fetch.Page, error)
	// PDF reads the pages of a PDF file; nil where such are not read. What is wrong with the file is
	// an error of [badinput].
	PDF func(ctx context.Context, file []byte, counted PagesCounted) ([]PDFPage, error)
	// Marking says how works are marked besides their labels, and Keys holds the secrets for it.
	Marking Marking
	Keys    Keys
	// Out says how the output is arranged.
	Out Out
	// Expect receives the names of all Items, in order, before the work starts; its error
	// ends the work. Nil ignores them.
	Expect func(names ...string) error
	// Emit receives each Item made, whose name is a file name.
	Emit func(data.Item) error
	// Beside receives, after the Item of that name, a label that its file cannot hold, as
	// JSON; nil ignores it.
	Beside func(name string, label []byte) error
	// Text receives a text token by token as it is generated; nil ignores it. The whole
	// text is emitted at the end.
	Text func(string)
	// Say prints a line of results for people; nil ignores it.
	Say func(line string)
	// Ask returns the next message of a conversation, and the context of its answer, which ends
	// when the answer is not wanted any more; [io.EOF] ends the conversation, and
	// [ErrNewConversation] begins another. Nil if there is nobody to ask.
	Ask func(ctx context.Context) (message string, answering context.Context, err error)
	// Found receives the result as a value that can be encoded as JSON, such as a
	// [*Trained]; nil ignores it.
	Found func(result any)

	opened   []*run.Run
	moves    bool              // pictures in WebP are films
	atEnd    []func()          // releases what else was opened
	weights  map[string]string // hashes of opened weights and further runs, by name, for labels
	unmarked []string          // what was said of pictures too small for marks
}

// open opens a run, which is released when the app is done.
func (e *Env) open(name Model) (*run.Run, error) {
	r, err := e.Studio.Open(string(name))
	if err == nil {
		e.opened = append(e.opened, r)
	}
	return r, err
}

// Run checks the inputs of an app and runs it. It ends soon after ctx does, and emits nothing more
// then.
func Run(ctx context.Context, a App, env *Env) error {
	if err := Check(a, env.Out); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	own := *env
	own.opened, own.atEnd, own.weights, own.unmarked, own.moves = nil, nil, nil, nil, moves(a)
	own.Emit = func(it data.Item) error {
		if err := ctx.Err(); err != nil { // what was not wanted any more is not made
			return err
		}
		return env.Emit(it)
	}
	if _, finds := a.(Finder); finds && env.Out.Unasked {
		for _, c := range env.Marking.places() {
			if c.asked && !env.Marking.WherePossible {
				return badinput.Errorf("%s: want a file to mark: name one with -o", c.name)
			}
		}
	}
	if env.Studio != nil {
		own.Studio = env.Studio.With(env.Watcher)
	}
	if env.Library != nil {
		own.Library = env.Library.With(env.Notice, env.Working)
	}
	defer func() {
		for _, r := range own.opened {
			r.Close()
		}
		for _, release := range own.atEnd {
			release()
		}
	}()
	return a.Run(ctx, &own)
}

// Check reports the first input of an app that violates its tags or conflicts with
// another. Files are checked last: a [*FileError] means that all else is valid.
func Check(a App, out Out) error {
	if err := checkInputs(a); err != nil {
		return badinput.Mark(err)
	}
	if c, ok := a.(Checker); ok {
		if err := c.Check(out); err != nil {
			return badinput.Mark(err)
		}
	}
	return badinput.Mark(checkFiles(a))
}

func (e *Env) progress(done, total int) {
	if e.Progress != nil {
		e.Progress(train.Event{Step: done, Total: total})
	}
}

func (e *Env) expect(names ...string) error {
	if err := e.planned(names); err != nil {
		return err
	}
	if e.Expect == nil {
		return nil
	}
	return e.Expect(names...)
}

// expectUnread expects files unless they are read while they are written, which needs none.
func (e *Env) expectUnread(names ...string) error {
	if e.Text != nil {
		return e.planned(names)
	}
	return e.expect(names...)
}

func (e *Env) say(format string, args ...any) {
	if e.Say != nil {
		e.Say(fmt.Sprintf(format, args...))
	}
}

func (e *Env) notice(line string) {
	if e.Notice != nil {
		e.Notice(line)
	}
}

func (e *Env) found(result any) {
	if e.Found != nil {
		e.Found(result)
	}
}

func (e *Env) text(piece string) {
	if e.Text != nil {
		e.Text(piece)
	}
}
