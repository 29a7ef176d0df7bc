package app

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atelier/data"
	_ "atelier/data/augment"
	_ "atelier/data/cards"
	_ "atelier/data/clean"
	_ "atelier/data/codec"
	_ "atelier/data/store"
	"atelier/engine"
	_ "atelier/model/arch"
	_ "atelier/model/family"
	_ "atelier/model/feature"
	_ "atelier/model/loss"
	_ "atelier/model/metric"
	"atelier/model/run"
	"atelier/model/train"
	"atelier/recipes"
)

// The runs that the tests of this package share, made when they are first asked for.
var (
	scratch string
	runsOf  = sync.OnceValues(func() (*run.Studio, error) {
		backend, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 1})
		if err != nil {
			return nil, err
		}
		s := &run.Studio{Runs: filepath.Join(scratch, "runs"), Backend: backend, Kernels: engine.NewDots(engine.Options{}), Program: "test", Engine: "cpu"}
		play := filepath.Join(scratch, "play.txt")
		if err := os.WriteFile(play, bytes.Repeat([]byte("To be, or not to be, that is the question.\n"), 4), 0o666); err != nil {
			return nil, err
		}
		clothes, err := recipes.Read("fashion")
		if err != nil {
			return nil, err
		}
		for _, of := range []struct {
			text      []byte
			overrides []string
		}{
			{clothes, []string{"name=clothes", "steps=1", "pictures=1", "save=1", "batch=2", "score.metrics=[]", "model.generator.width=1", "model.discriminator.width=1", "model.discriminator.hidden=[]"}},
			{[]byte(playFile), []string{"name=play", "data.path=" + play}},
		} {
			config, err := run.Parse("test.toml", of.text, of.overrides...)
			if err != nil {
				return nil, err
			}
			if _, err := s.Train(context.Background(), config); err != nil {
				return nil, err
			}
		}
		return s, nil
	})
)

// The names of the runs.
const (
	clothes = "0001-clothes"
	play    = "0002-play"
)

const playFile = `steps = 1
batch = 4
pictures = 1
data = {use = "text"}
codec = {use = "chars", context = 8}
model = {use = "lm", network = {use = "gpt", layers = 1, heads = 2, width = 8}}
score = {metrics = []}
`

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "app"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// shared is the Studio of the tests.
func shared(t *testing.T) *run.Studio {
	t.Helper()
	s, err := runsOf()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A request is what one test asks for, and what came of it.
type request struct {
	App
	Out
	made     []data.Item
	progress []int
	texts    string
}

func (q *request) run(ctx context.Context, s *run.Studio) error {
	env := &Env{Studio: s, Out: q.Out, Emit: func(it data.Item) error { q.made = append(q.made, it); return nil }}
	env.Text = func(piece string) { q.texts += piece }
	env.Progress = func(e train.Event) { q.progress = append(q.progress, e.Step*1000+e.Total) }
	return Run(ctx, q.App, env)
}

// requests are of eight kinds, more than there are apps.
func requests(t *testing.T) []*request {
	t.Helper()
	drawn := &request{App: &Generate{From: clothes, N: 1, Seed: 5, As: files, Truncation: 1, Temperature: 1, TopP: 1, Class: []string{"bag"}}}
	if err := drawn.run(t.Context(), shared(t)); err != nil {
		t.Fatal(err)
	}
	bag := File{Name: "bag.png", Bytes: drawn.made[0].Bytes}
	return []*request{
		{App: &Generate{From: clothes, N: 9, Seed: 1, As: files, Truncation: 1, Temperature: 1, TopP: 1}},
		{App: &Generate{From: clothes, N: 4, Seed: 1, As: files, Truncation: 0.5, Temperature: 1, TopP: 1, Class: []string{"bag", "coat"}}, Out: Out{Apart: true}},
		{App: &Generate{From: play, Seed: 1, As: files, Truncation: 1, Temperature: 1, TopP: 1, Length: 20}},
		{App: &Interpolate{From: clothes, Seeds: []uint64{1, 7}, Frames: 2, Loop: true, Rate: 7, Truncation: 1, Class: "bag"}, Out: Out{File: "walk.png"}},
		{App: &Interpolate{From: clothes, Seeds: []uint64{2, 3}, Frames: 2, Rate: 7, Truncation: 1, Class: "coat"}},
		{App: &Mix{From: clothes, Coarse: []uint64{1, 2}, Fine: []uint64{3}, Truncation: 1}, Out: Out{File: "mix.jpg"}},
		{App: &Nearest{From: clothes, N: 1, K: 1, Seed: 1, Truncation: 1}},
		{App: &Variations{From: clothes, Picture: bag, N: 2, Strength: 0.2, Seed: 1, Candidates: 4}},
	}
}

// Eight requests at once, to one Studio, make the same as each alone, receive their own
// work alone, and change nothing in what was asked for.
func TestRequestsAtOnce(t *testing.T) {
	alone, together := requests(t), requests(t)
	for _, q := range alone {
		before := Copy(q.App)
		if err := q.run(t.Context(), shared(t)); err != nil {
			t.Fatalf("%s: %v", Name(q.App), err)
		}
		if d := cmp.Diff(before, q.App); d != "" {
			t.Errorf("%s changed what was asked for: %s", Name(q.App), d)
		}
	}
	var group sync.WaitGroup
	for i, q := range together {
		group.Go(func() {
			if err := q.run(t.Context(), shared(t)); err != nil {
				t.Errorf("%s: %v", Name(q.App), err)
			}
			if !reflect.DeepEqual(q, alone[i]) {
				t.Errorf("%s depends on the other examples", Name(q.App))
			}
		})
	}
	group.Wait()
}

// Every app is a value: its Run cannot change it.
func TestAppsAreValues(t *testing.T) {
	for e := range Apps.All() {
		if a := e.New(); !structOf(a).Implements(reflect.TypeFor[App]()) {
			t.Errorf("%s: Run and Example want receivers that are no pointers", e.Name)
		}
	}
}
