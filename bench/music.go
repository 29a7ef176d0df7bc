package bench

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"atelier/data"
	"atelier/internal/arrange"
	"atelier/internal/registry"
	"atelier/internal/sound"
)

func init() {
	Suites.Add("music", "likelihood of chorales by small networks, styles of drums told apart, the speed of rendering, and what composed pieces hold",
		func() Suite { return &Music{Steps: choraleSteps, Pieces: composedEach} })
}

// Music measures what the program knows of music.
type Music struct {
	Only  []string `help:"the parts to measure: chorales, styles, render, composed, guidance, drums; all if empty"`
	Steps int      `help:"training steps of each model of chorales, 10 to 100000; the bars hold for the usual number"`
	// Pieces is how many are composed in each style.
	Pieces int `help:"number of pieces composed in each style, 1 to 1000"`
}

var musicParts = suiteParts[*Music]{
	{"chorales", (*Music).chorales}, {"styles", (*Music).styles}, {"render", (*Music).render}, {"composed", (*Music).composed}, {"guidance", (*Music).guided}, {"drums", (*Music).drums},
}

// The bars of the suite.
const (
	choraleSteps  = 3000
	mostNumbers   = 300_000
	mostTraining  = 30 * 60
	meanNats      = 11.06 // of each key by its mean
	lastNats      = 10.47 // of each key by its last value
	nearNats      = 0.02
	aloneNats     = 8.10 // a TCN (Bai, Kolter, Koltun 2018, arXiv:1803.01271)
	chainedNats   = 6.0
	rnnNadeNats   = 5.56 // RNN-NADE (Boulanger-Lewandowski, Bengio, Vincent 2012, arXiv:1206.6392)
	leastRealTime = 100
)

// Check reports a setting that is out of range.
func (s *Music) Check() error {
	if s.Steps < 10 || s.Steps > 100_000 {
		return registry.Unfit("steps", fmt.Sprintf("want 10 to 100000, got %d", s.Steps))
	}
	if s.Pieces < 1 || s.Pieces > mostComposed {
		return registry.Unfit("pieces", fmt.Sprintf("want 1 to %d, got %d", mostComposed, s.Pieces))
	}
	return musicParts.check(s.Only)
}

// Run implements [Suite].
func (s *Music) Run(ctx context.Context, on *Machine, emit func(Row)) error {
	return musicParts.run(ctx, on, "music", s, s.Only, emit)
}

// folder is where what was trained is kept, so that the suite can go on; without a cache it is
// taken away at the end.
func (s *Music) folder(on *Machine) (folder string, done func(), err error) {
	if on.Cache == "" {
		folder, err = os.MkdirTemp("", "atelier-music-")
		return folder, func() { os.RemoveAll(folder) }, err
	}
	folder = filepath.Join(on.Cache, "bench-music")
	return folder, func() {}, os.MkdirAll(folder, 0o777)
}

// chorales holds two networks, and two models whose likelihood is known, to the chorales.
func (s *Music) chorales(ctx context.Context, on *Machine, emit func(Row)) error {
	c, err := readChorales(ctx)
	if err != nil {
		return err
	}
	n := frames(c.test)
	for _, known := range []struct {
		name  string
		model foretelling
		want  float64
	}{{"each key by its mean", byMean(c.train), meanNats}, {"each key by its last value", byLast(c.train), lastNats}} {
		nats := likelihood(c.test, known.model)
		emit(Row{Name: "chorales, " + known.name, Value: nats, Unit: "nats a frame", Bar: fmt.Sprintf("%.2f ± %g", known.want, nearNats),
			Holds: nats > known.want-nearNats && nats < known.want+nearNats, Peer: &known.want, N: n})
	}
	folder, done, err := s.folder(on)
	if err != nil {
		return err
	}
	defer done()
	for _, one := range []struct {
		name    string
		chained bool
		bar     float64
		peer    float64
	}{{"keys independent given the past", false, aloneNats, aloneNats}, {"keys one after another", true, chainedNats, rnnNadeNats}} {
		m := newKeysModel(map[bool]string{false: "alone", true: "chained"}[one.chained], c.train, one.chained)
		seconds, err := m.train(ctx, on, c.train, s.Steps, folder)
		if err != nil {
			return err
		}
		nats, err := m.likelihood(on, c.test)
		if err != nil {
			return err
		}
		emit(Row{Name: "chorales, " + one.name, Value: nats, Unit: "nats a frame", Bar: fmt.Sprintf("< %.2f", one.bar), Holds: nats < one.bar, Peer: &one.peer, N: n})
		numbers := m.parameters()
		emit(Row{Name: "the same, numbers learned", Value: float64(numbers), Bar: fmt.Sprintf("<= %d", mostNumbers), Holds: numbers <= mostNumbers})
		emit(Row{Name: "the same, training", Value: seconds, Unit: "s", Bar: fmt.Sprintf("<= %d", mostTraining), Holds: seconds <= mostTraining, N: s.Steps})
	}
	return nil
}

// styles is how well real patterns of drums are told apart, which is what generated ones are judged
// by.
func (s *Music) styles(ctx context.Context, on *Machine, emit func(Row)) error {
	patterns, err := readGrooves(ctx, data.Train, data.Test)
	if err != nil {
		return err
	}
	for _, split := range []struct {
		name  string
		group func(drumPattern) string
	}{{"recording", ofFile}, {"session", ofSession}} {
		r, err := recognised(ctx, on, patterns, split.group)
		if err != nil {
			return err
		}
		chance := 100 / float64(len(grooveStyles))
		emit(Row{Name: fmt.Sprintf("styles of real patterns told, held out by %s (95 %%: %.0f to %.0f)", split.name, 100*r.low, 100*r.high), Value: 100 * r.share, Unit: "%",
			Bar: fmt.Sprintf("> %g, by chance", chance), Holds: 100*r.low > chance, N: r.n})
	}
	return nil
}

// render times a piece of four parts on one core, the best of three times: by the clock, and by
// processor time, for which the bar holds, since others may use the machine.
func (s *Music) render(ctx context.Context, _ *Machine, emit func(Row)) error {
	book, err := arrange.Own()
	if err != nil {
		return err
	}
	piece, err := book.Arrange(arrange.Order{Style: "rock", Bars: 16, Seed: 1})
	if err != nil {
		return err
	}
	font, err := sound.Own()
	if err != nil {
		return err
	}
	best, byClock := 0.0, 0.0
	for range 3 {
		begun, used := time.Now(), processorSeconds()
		r, _, err := sound.Play(ctx, piece, font, -16, nil)
		if err != nil {
			return err
		}
		byClock = max(byClock, r.Seconds()/time.Since(begun).Seconds())
		best = max(best, r.Seconds()/(processorSeconds()-used))
	}
	emit(Row{Name: fmt.Sprintf("rendering %d parts, levelled, by the clock", len(piece.Parts)), Value: byClock, Unit: "× real time", Holds: true, N: cmp.Or(piece.Notes(), 1)})
	emit(Row{Name: "the same, by processor time", Value: best, Unit: "× real time",
		Bar: fmt.Sprintf(">= %d", leastRealTime), Holds: best >= leastRealTime, N: cmp.Or(piece.Notes(), 1)})
	return nil
}
