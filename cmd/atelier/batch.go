package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"

	"atelier/app"
	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/stopped"
	"atelier/model/run"
)

// mostCompared is the size limit in bytes of files whose labels are compared.
const mostCompared = 256 << 20

// errThere ends the work on an output that exists already.
var errThere = errors.New("it exists already")

// A batch runs an app for each work of a folder or an archive, with an output of the same
// name each. When run again, it leaves existing outputs unchanged.
type batch struct {
	app   app.App
	input app.Input // the file
	place string    // of the works
	out   string
	guard *durable.Guard
	marks app.Marking
	by    *app.Maker // what the app draws or writes with, nil for nothing

	stems       map[string]int // how many works have a name, without extension
	made, there int            // files
	works       int
	skipped     []string // works
}

// batchOf returns the batch of an app with one input file, nil if that is a single work.
func batchOf(a app.App, marked *marks, out string, guard *durable.Guard) (*batch, error) {
	in := app.OneFile(a)
	if in == nil || in.File().Name == "" || in.IsAddress() || !app.IsMany(in.File().Name) {
		return nil, nil
	}
	place := in.File().Name
	if _, err := os.Stat(place); errors.Is(err, fs.ErrNotExist) {
		return nil, badinput.Errorf("%s: there is no such file", place)
	}
	if !isFolder(out) {
		kind := "an archive"
		if isFolder(place) {
			kind = "a folder"
		}
		return nil, badinput.Errorf("%s is %s: name an output folder with -o for what is made of each work in it", place, kind)
	}
	if within(out, place) {
		return nil, badinput.Errorf("%s is inside the input folder %s: name a folder elsewhere with -o", out, place)
	}
	in.Value.SetZero()
	if err := app.ReadFiles(a, os.Stdin, func(string, error) {}); err != nil {
		return nil, err
	}
	var missing *app.FileError // which the works are to be
	if err := app.Check(a, app.Out{}); err != nil && !errors.As(err, &missing) {
		return nil, err
	}
	marking, err := marked.marking()
	if err != nil {
		return nil, err
	}
	return &batch{app: a, input: *in, place: place, out: out, guard: guard, marks: marking, stems: map[string]int{}}, nil
}

// within reports whether a path is a folder or lies in it.
func within(path, folder string) bool {
	to, err := filepath.Abs(path)
	from, err2 := filepath.Abs(folder)
	if err != nil || err2 != nil {
		return false
	}
	rel, err := filepath.Rel(from, to)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// runBatch runs an app for each of the works, and prints a summary.
func (c *cli) runBatch(ctx context.Context, b *batch) error {
	m := newMeter(c.console)
	studio, done, err := c.studio(m)
	if err != nil {
		return err
	}
	defer done()
	studio.Loaded = run.NewLoaded(0) // all works are made with what the first one opened
	defer studio.Loaded.Close()
	if err := b.open(ctx, studio); err != nil {
		return err
	}
	err = b.each(ctx, func(file app.File) error { return c.runWork(ctx, b, m, studio, file) }, func(name string, why error) {
		m.clear()
		c.warn("skipped "+name, reasonOf(name, why))
	})
	m.done()
	if b.made+b.there > 0 {
		err = stopped.Explained(ctx, err, "stopped; complete files are kept, and the same command continues with the rest")
	}
	if err == nil || b.made+b.there > 0 {
		if b.there > 0 {
			c.say("wrote %d of %d files to %s; the others exist already", b.made, b.made+b.there, b.out)
		} else {
			c.say("wrote %s to %s", app.Counted(b.made, "file"), b.out)
		}
	}
	if err == nil && len(b.skipped) > 0 {
		err = fmt.Errorf("skipped %d of %d works: %s", len(b.skipped), b.works, strings.Join(b.skipped, ", "))
	}
	return err
}

// reasonOf says why a work was skipped, without its name, which is told before.
func reasonOf(name string, why error) string { return aboutFile(name, why.Error()) }

// aboutFile is a line about a file without its name at the beginning.
func aboutFile(name, line string) string {
	if rest, ok := strings.CutPrefix(line, name); ok && strings.IndexAny(rest, ": ") == 0 {
		return strings.TrimLeft(rest, ": ")
	}
	return line
}

// open identifies what the app draws or writes with, so that a missing run is not blamed on the
// works.
func (b *batch) open(ctx context.Context, s *run.Studio) (err error) {
	b.by, err = app.MakerOf(ctx, &app.Env{Studio: s, Remote: remoteSettings()}, b.app)
	return err
}

// each calls a function with each work. Bad works are skipped and reported.
func (b *batch) each(ctx context.Context, do func(app.File) error, skip func(name string, why error)) error {
	for file := range app.Works(ctx, b.input, b.place) { // an error is met again below
		b.stems[stemOf(file.Name)]++
	}
	for file, err := range app.Works(ctx, b.input, b.place) {
		b.works++
		bad := (*data.Drop)(nil)
		if err == nil {
			if err = do(file); err == nil {
				continue
			}
			if output := (*refused)(nil); !errors.Is(err, badinput.Err) || errors.As(err, &output) {
				return err
			}
		} else if !errors.As(err, &bad) {
			return err
		}
		b.skipped = append(b.skipped, file.Name)
		skip(file.Name, err)
	}
	if b.works == 0 {
		return badinput.Errorf("%s is empty: there is no work in it", b.place)
	}
	return nil
}

// refused is the error of an output that cannot be written, as opposed to a bad work.
type refused struct{ error }

func (r *refused) Unwrap() error { return r.error }

// runWork runs the app for one work.
func (c *cli) runWork(ctx context.Context, b *batch, m *meter, s *run.Studio, file app.File) error {
	a := app.Copy(b.app)
	app.OneFile(a).Value.Set(reflect.ValueOf(file))
	places := map[string]*durable.Place{}
	m.stage("works", b.works, 0)
	env := &app.Env{Studio: s, Remote: remoteSettings(), Fetch: fetchPage, PDF: readPDF, Watcher: run.Watcher{Notice: m.notice}, Marking: b.marks}
	env.Say = func(line string) { m.clear(); c.say("%s: %s", file.Name, aboutFile(file.Name, line)) }
	env.Expect = func(names ...string) error {
		there := 0
		for _, name := range names {
			to := b.output(file.Name, name, len(names) > 1)
			old, err := durable.ReadFile(to, mostCompared)
			beside, _ := durable.ReadFile(to+app.LabelEnd, mostCompared)
			if err == nil && app.Made(a, b.by, b.marks, old, beside) {
				there, b.there = there+1, b.there+1
				continue
			}
			place, err := b.guard.File(ctx, to)
			if err != nil {
				return &refused{err}
			}
			places[name] = place
		}
		if there == len(names) {
			return errThere
		}
		return nil
	}
	env.Beside = func(name string, label []byte) error {
		place, err := b.guard.File(ctx, b.output(file.Name, name, len(places) > 1)+app.LabelEnd)
		if err == nil {
			_, err = place.WriteFile(label)
		}
		return err
	}
	env.Emit = func(it data.Item) error {
		place := places[it.Name]
		if place == nil {
			return nil // it is there, and others are not
		}
		_, err := place.WriteFile(it.Bytes)
		if err == nil {
			b.made++
		}
		return err
	}
	err := app.Run(ctx, a, env)
	if errors.Is(err, errThere) {
		return nil
	}
	return err
}

// stemOf is the name of a work without extension.
func stemOf(work string) string { return strings.TrimSuffix(work, path.Ext(work)) }

// output is the output path of a work: the work's own path below the folder, with the
// extension of the output. Of a.jpg beside a.png, both have theirs in the name. Several
// outputs of a work have what tells them apart appended.
func (b *batch) output(work, name string, several bool) string {
	stem := stemOf(work)
	if several {
		name = "-" + strings.TrimPrefix(name, path.Base(stem)+"-")
	} else {
		name = filepath.Ext(name)
	}
	if own := "-" + strings.TrimPrefix(path.Ext(work), "."); b.stems[stem] > 1 {
		for stem += own; b.stems[stem] > 0; {
			stem += own // there is a work of that name, too
		}
	}
	return filepath.Join(b.out, filepath.FromSlash(stem)+name)
}
