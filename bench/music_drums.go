package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/events"
	"atelier/internal/midi"
	"atelier/internal/music"
	"atelier/model/composing"
	"atelier/model/feature"
	"atelier/model/language"
	"atelier/model/metric"
	"atelier/model/run"
)

// How a composer of drums is trained and measured.
const (
	drumsRun    = "drums"
	drumsBars   = 16
	drumsSteps  = 3000
	leastRecall = 0.7 // of that of real patterns
	nearestOf   = 3   // neighbours of a manifold
)

// drumsSampling draws from all that the composer thinks possible: less makes its patterns more alike than
// real ones are.
var drumsSampling = language.Sampling{Temperature: 1, TopP: 1}

// drumsTraining are the arguments that train it: about eight minutes of processor time.
var drumsTraining = []string{"train", "music", "data.use=card", "data.name=groove", "codec.context=384", fmt.Sprintf("steps=%d", drumsSteps),
	"batch=4", "save=100", `model.network={use="llama", layers=4, heads=4, width=64}`, "name=" + drumsRun}

// drums measures patterns of a composer that learned from the recordings of Groove: whether the
// style asked for is told, how much of the real ones it reaches, and how much is copied. The training
// part of the set is what both the composer and the judge learned from.
func (s *Music) drums(ctx context.Context, on *Machine, emit func(Row)) error {
	b, done, err := s.drummer(ctx, on)
	if err != nil {
		return err
	}
	defer done()
	train, err := readGrooves(ctx, data.Train)
	if err != nil {
		return err
	}
	test, err := readGrooves(ctx, data.Test)
	if err != nil {
		return err
	}
	judge, err := newStyleJudge(ctx, on, train)
	if err != nil {
		return err
	}
	reals, err := judge.recognise(test)
	if err != nil {
		return err
	}
	real, copied := 100*reals.share, copiedDrums(test, train)
	floor, err := recallOf(test, train)
	if err != nil {
		return err
	}
	for _, scale := range []float64{1, 3} {
		b.Guidance = scale
		made, err := s.drumPatterns(ctx, on, b)
		if err != nil {
			return err
		}
		r, err := judge.recognise(made)
		if err != nil {
			return err
		}
		recall, err := recallOf(test, made)
		if err != nil {
			return err
		}
		name := "drums"
		if scale != 1 {
			name = fmt.Sprintf("drums with a guidance of %g", scale)
		}
		share := copiedDrums(made, train)
		emit(Row{Name: fmt.Sprintf("%s, style of 2 bars told (95 %%: %.0f to %.0f)", name, 100*r.low, 100*r.high), Value: 100 * r.share, Unit: "%",
			Bar: fmt.Sprintf(">= %.1f, of held-out recordings (95 %%: %.0f to %.0f), less %g", real, 100*reals.low, 100*reals.high, pointsBelow), Holds: 100*r.share >= real-pointsBelow, Floor: &real, N: r.n})
		emit(Row{Name: name + ", recall of held-out patterns", Value: recall, Bar: fmt.Sprintf(">= %g of that of what was learned from, %.3f", leastRecall, floor), Holds: recall >= leastRecall*floor, Floor: &floor, N: len(test)})
		emit(Row{Name: name + ", 4 bars copied", Value: share, Unit: "%", Bar: fmt.Sprintf("<= %.1f, of held-out recordings, and %g", copied, pointsBelow), Holds: share <= copied+pointsBelow, Floor: &copied, N: len(made) / 2})
	}
	return nil
}

// recognise says how many patterns are told to be of their style, with an interval over their files.
func (j *styleJudge) recognise(patterns []drumPattern) (recognition, error) {
	styles, err := j.tell(featuresOf(patterns))
	if err != nil {
		return recognition{}, err
	}
	right := make([]bool, len(patterns))
	for i := range styles {
		right[i] = styles[i] == patterns[i].style
	}
	return intervalOf(patterns, right, ofFile), nil
}

// drummer opens the composer, which it trains first unless that was done; what was interrupted goes
// on.
func (s *Music) drummer(ctx context.Context, on *Machine) (c *composing.Composer, done func(), err error) {
	folder, clean, err := s.folder(on)
	if err != nil {
		return nil, nil, err
	}
	studio := *on.Studio
	studio.Runs = filepath.Join(folder, "runs")
	args := drumsTraining
	dir, err := run.OpenDir(studio.Runs, drumsRun)
	saved := 0
	if err == nil {
		saved, err = dir.Saved()
		args = []string{"train", "--resume", drumsRun}
	}
	if err != nil && !errors.Is(err, run.ErrNoRun) {
		clean()
		return nil, nil, err
	}
	if saved < drumsSteps {
		on.Tell("training a composer of drums")
		cmd := on.Program(ctx, append(slices.Clip(args), "--runs", studio.Runs, "--threads", fmt.Sprint(on.Threads))...)
		var said strings.Builder
		cmd.Stderr = &said
		if err := cmd.Run(); err != nil {
			clean()
			return nil, nil, &ChildError{Command: cmd.Args, How: err, Said: said.String()}
		}
	}
	r, err := studio.Open(drumsRun)
	if err != nil {
		clean()
		return nil, nil, err
	}
	done = func() { r.Close(); clean() }
	m, err := r.Writer()
	if err != nil {
		done()
		return nil, nil, err
	}
	learned := r.Config.Codec.Value.(*codec.Events)
	return &composing.Composer{Model: m, Vocabulary: learned.Vocabulary(), Instruments: learned.Instruments(), Sampling: drumsSampling}, done, nil
}

// drumPatterns composes drums in 4/4 in each of the styles and cuts them into patterns.
func (s *Music) drumPatterns(ctx context.Context, on *Machine, b *composing.Composer) (all []drumPattern, err error) {
	for style, name := range grooveStyles {
		h := composing.Heading{Style: slices.Index(b.Vocabulary.Styles, name), Tempo: -1, Key: events.KeyValue(music.Key{}), Parts: []int{events.Drums}, Bars: drumsBars}
		for i := range s.Pieces {
			p, err := b.Begin(ctx, h, uint64(i))
			if err == nil {
				err = b.Write(ctx, &composing.Plan{Piece: p, To: drumsBars}, uint64(i), nil)
			}
			if err != nil {
				return nil, err
			}
			file, _, err := p.Score().Write(music.MIDI)
			if err != nil {
				return nil, err
			}
			song, _, err := midi.Read(file)
			if err != nil {
				return nil, err
			}
			for _, x := range patternsOf(song) {
				all = append(all, drumPattern{style, fmt.Sprint(name, i), "", x})
			}
			on.Tell(fmt.Sprintf("composed %d of %d drums", style*s.Pieces+i+1, len(grooveStyles)*s.Pieces))
		}
	}
	return all, nil
}

func featuresOf(patterns []drumPattern) (x [][]float32) {
	for _, p := range patterns {
		x = append(x, p.x)
	}
	return x
}

// recallOf is the share of patterns that lie among others, as many of which count as of the
// patterns, evenly chosen.
func recallOf(of, among []drumPattern) (float64, error) {
	points := func(all []drumPattern, n int) feature.Points {
		p := feature.Points{N: n, Width: patternNumbers}
		for i := range n {
			for _, v := range all[i*len(all)/n].x {
				p.Features = append(p.Features, float64(v))
			}
		}
		return p
	}
	n := min(len(of), len(among))
	_, recall, err := metric.PrecisionRecall(points(of, n), points(among, n), nearestOf)
	return recall, err
}

// copiedDrums is the share in percent of windows of four bars that are struck as one that was
// learned from: two patterns one after another.
func copiedDrums(of, learned []drumPattern) float64 {
	windows := func(all []drumPattern, yield func(struck string)) {
		for i := 1; i < len(all); i++ {
			if all[i].file == all[i-1].file {
				yield(all[i-1].struck() + all[i].struck())
			}
		}
	}
	known := map[string]bool{}
	windows(learned, func(w string) { known[w] = true })
	n, found := 0, 0
	windows(of, func(w string) {
		if n++; known[w] {
			found++
		}
	})
	return percentOf(found, n)
}

// struck are the steps and classes that are struck.
func (p drumPattern) struck() string {
	var b strings.Builder
	for i := 0; i < patternSteps*midi.DrumClasses; i++ {
		b.WriteByte('0' + byte(p.x[2*i]))
	}
	return b.String()
}
