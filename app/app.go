// Package app is the application layer: what a person does with trained runs,
// one app a file. Other Go programs may import it.
package app

import (
	"context"
	"fmt"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/run"
)

// Apps lists the apps. Each is a command.
var Apps = registry.New[App]("app")

// An App is one request: its exported fields are its inputs, from which front
// ends derive their flags and forms. A help tag says what an input is; an input
// tagged arg:"RUN" is an argument of that name and not a flag.
type App interface {
	// Run does the work and emits what it makes through Env as it comes.
	Run(ctx context.Context, env *Env) error
	// Example is a worked example: the arguments of the command.
	Example() string
}

// A Gatherer can put all that it makes into one Item.
type Gatherer interface {
	// Gather asks for one Item, for a file of that name, whose extension says in which
	// format; empty if it is to have a name of its own.
	Gather(file string)
}

// An Env is what an app works with.
type Env struct {
	// Studio holds the runs.
	Studio *run.Studio
	// Expect is told, before the work, the names of all Items to come, in their order; an
	// error of it ends the work. Nil drops them.
	Expect func(names ...string) error
	// Emit takes what was made. The Item's name is that of a file.
	Emit func(data.Item) error
	// Text is told a text as it is written, a token at a time; nil drops it. The
	// whole text is emitted in the end.
	Text func(string)
	// Say tells a person a line of what was found; nil drops it.
	Say func(line string)
	// Progress is told how much is done; nil drops it.
	Progress func(done, total int)
}

func (e *Env) progress(done, total int) {
	if e.Progress != nil {
		e.Progress(done, total)
	}
}

func (e *Env) expect(names ...string) error {
	if e.Expect == nil {
		return nil
	}
	return e.Expect(names...)
}

func (e *Env) say(format string, args ...any) {
	if e.Say != nil {
		e.Say(fmt.Sprintf(format, args...))
	}
}
