package app

import (
	"bytes"
	"context"
	"errors"
	"image"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"atelier/data"
	"atelier/data/library"
	"atelier/data/store"
	"atelier/engine"
	"atelier/model/run"
	"atelier/model/train"
)

// A watched context ends when it is asked for the given time whether it has, or when its test says
// so; 0 is never. All contexts made of it end with it at once.
type watched struct {
	context.Context
	end context.CancelFunc

	mu         sync.Mutex
	asked, at  int
	since      int // asked since the last progress
	unheard    int // the longest row of progress told without asking
	row        int
	told, late int // progress, and that after the end
	emitted    int
}

func watching(t *testing.T, at int) *watched {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return &watched{Context: ctx, end: cancel, at: at}
}

func (w *watched) ask() {
	w.mu.Lock()
	w.asked++
	w.since++
	end := w.asked == w.at
	w.mu.Unlock()
	if end {
		w.end()
	}
}

// Err and Done implement [context.Context].
func (w *watched) Err() error            { w.ask(); return w.Context.Err() }
func (w *watched) Done() <-chan struct{} { w.ask(); return w.Context.Done() }

// progress counts what is told.
func (w *watched) progress() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told++
	if w.row++; w.since > 0 {
		w.row = 0
	}
	w.since, w.unheard = 0, max(w.unheard, w.row)
	if w.Context.Err() != nil {
		w.late++
	}
}

// env is an Env that tells the context what happens.
func (w *watched) env(s *run.Studio, l *library.Library) *Env {
	return &Env{Studio: s, Library: l, Out: Out{},
		Watcher: run.Watcher{Progress: func(train.Event) { w.progress() }, Working: func(string, int, int) { w.progress() }},
		Emit:    func(data.Item) error { w.emitted++; return nil }}
}

// asCancelled are inputs, as on a command line, that make each app do as little as shows how it ends.
// Files and runs are given besides, and numbers have their smallest value.
var asCancelled = map[string]map[string]string{
	"attention":   {"text": "To be", "model": play},
	"chat":        {"message": "What is a run?"},
	"collage":     {"place": "mask=a.png"},
	"compose":     {"bars": "4"},
	"continue":    {"frames": ""},
	"cutout":      {"box": "20,20,40,30", "keep": "30,30,10,10", "drop": "0,0,10,60"},
	"data add":    {"name": "works", "sources": `"{use=""starter""}"`},
	"denoise":     {"model": filepath.Join("..", "model", "pixelnet", "testdata", "tiny.pth")},
	"describe":    {"captions": filepath.Join("..", "cmd", "atelier", "testdata", "captioned")},
	"draw":        {"text": "a red car"},
	"enlarge":     {"times": "2"},
	"evaluate":    {"run": clothes, "metric": "sharpness"},
	"extend":      {"left": "8"},
	"infill":      {"bars": "1"},
	"inpaint":     {"box": "2,2,4,4"},
	"interpolate": {"seeds": "1,2"},
	"level":       {"format": "csv"},
	"quantise":    {"strength": "1"},
	"rearrange":   {"move": "2,2,4,4:10,10"},
	"retarget":    {"size": "80x60"},
	"search":      {"text": "red", "in": filepath.Join("..", "cmd", "atelier", "testdata", "captioned")},
	"sprites":     {"most": "512"},
	"terrain":     {"size": "40"},
	"tile":        {"size": "32"},
	"transpose":   {"by": "2"},
	"visualize":   {"run": clothes, "seconds": "1"},
	"write":       {"model": play, "prompt": "To be", "length": "40"},
}

// notCancelled are apps that are not run, and why.
var notCancelled = map[string]string{"compare": "it only reads scores, which the runs here have not"}

// aside are apps that tell their progress on another goroutine than those that work and ask, so that
// how often one happens between two of the other is chance.
var aside = map[string]bool{"data add": true}

// cancelledApp is an app with inputs that do little.
func cancelledApp(t *testing.T, name string, files map[string]File) App {
	t.Helper()
	a, err := Apps.New(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range Inputs(a) {
		text, set := asCancelled[name][in.Name]
		accept := in.Tag.Get("accept")
		var file File
		for kind, f := range files {
			if strings.HasPrefix(accept, kind) || accept == "" && kind == "text/" {
				file = f
			}
		}
		switch _, several := in.Files(); {
		case set:
		case several:
			in.Value.Set(reflect.ValueOf(Files{file}))
		case in.File() != nil && (in.Argument() != "" || in.Lead() != ""):
			in.Value.Set(reflect.ValueOf(file))
		case in.IsModel() && in.Argument() != "":
			text, set = clothes, true
		case in.Tag.Get(zeroTag) != "" || in.Tag.Get(labelTag) == "written": // they are not given
		case in.Argument() == "" && in.Tag.Get("min") != "" && (in.Type() == "int" || in.Type() == "uint64"):
			text, set = in.Tag.Get("min"), true
		}
		if set && text != "" {
			if err := in.Set(text, false); err != nil {
				t.Fatalf("%s: %v", in.Name, err)
			}
		}
	}
	return a
}

// Every app hears that its work is not wanted any more: before it begins, at any time while it works,
// and between any two reports of its progress. A new app is in this by being registered.
func TestCancelled(t *testing.T) {
	s := shared(t)
	st, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	matcher := engine.NewMatcher(engine.Options{Threads: 1})
	t.Cleanup(matcher.Close)
	img := image.NewNRGBA(image.Rect(0, 0, 96, 64))
	for i := range img.Pix {
		img.Pix[i] = uint8(i*i>>7 | 3)
	}
	files := map[string]File{"image/": {Name: "a.png", Bytes: encoded(t, img)}, "audio/midi": {Name: "a.abc", Bytes: []byte("X:1\nT:tune\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|cBAG|FEDC|\n")},
		"audio/wav": {Name: "a.abc", Bytes: []byte("X:1\nT:tune\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\n")},
		"text/":     {Name: "a.txt", Bytes: bytes.Repeat([]byte("A run is a folder. It holds what was learned. A studio has many of them. "), 20)}}
	for _, name := range Apps.Names() {
		t.Run(name, func(t *testing.T) {
			if why := notCancelled[name]; why != "" {
				t.Skip(why)
			}
			a := cancelledApp(t, name, files)
			if training, ok := a.(*Train); ok {
				training.File = File{Name: "play.toml", Bytes: []byte(strings.Replace(playFile, "steps = 1", "steps = 9", 1))}
				training.Settings = []string{"data.path=" + filepath.Join(scratch, "play.txt")}
			}
			do := func(w *watched) error {
				own := *s
				own.Matcher = matcher
				switch name {
				case "train":
					own.Runs = t.TempDir()
				case "evaluate": // keeps scores with the run, which others look at
					own.Runs = t.TempDir()
					if err := os.CopyFS(filepath.Join(own.Runs, clothes), os.DirFS(filepath.Join(s.Runs, clothes))); err != nil {
						t.Fatal(err)
					}
				}
				return Run(w, a, w.env(&own, &library.Library{Store: st, Home: t.TempDir(), Program: "test"}))
			}
			before := watching(t, 0)
			before.end()
			if err := do(before); !errors.Is(err, context.Canceled) || before.told+before.emitted > 0 {
				t.Errorf("before it began: %v, %d told, %d made", err, before.told, before.emitted)
			}
			whole := watching(t, 0)
			if err := do(whole); err != nil {
				t.Fatalf("undisturbed: %v", err)
			}
			if whole.unheard > mostUnheard && !aside[name] {
				t.Errorf("it tells its progress %d times without asking whether it is to end", whole.unheard)
			}
			halfway := watching(t, 1+whole.asked/2)
			most := mostUnheard
			if aside[name] {
				most = whole.told / 2
			}
			if err := do(halfway); !errors.Is(err, context.Canceled) || halfway.late > most {
				t.Errorf("ended at question %d of %d: error %v, and progress told %d times then", halfway.at, whole.asked, err, halfway.late)
			}
		})
	}
}

// mostUnheard is how often an app tells its progress without asking: at the end of a stage, and at the
// beginning of the next one.
const mostUnheard = 2
