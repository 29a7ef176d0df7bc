package bench

import (
	"math"
	"slices"
	"testing"

	_ "atelier/data/cards"  // the card of the chorales
	_ "atelier/data/source" // and what reads it
	"atelier/engine"
	"atelier/internal/home"
	"atelier/internal/midi"
	"atelier/internal/noise"
	"atelier/model/run"
)

// musicMachine is a machine that trains.
func musicMachine(t *testing.T) *Machine {
	t.Helper()
	b, err := engine.Open(engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Finalize)
	return &Machine{Studio: &run.Studio{Backend: b, Runs: t.TempDir(), Cache: t.TempDir()}, Threads: 1}
}

// TestMusic runs the suite with few steps, twice, the second time from what was kept.
func TestMusic(t *testing.T) {
	if home.Mirror() == "" {
		t.Skip("ATELIER_MIRROR names no folder with the chorales")
	}
	if testing.Short() {
		t.Skip("trains")
	}
	on := musicMachine(t)
	run := func() (rows []Row) {
		if err := (&Music{Only: []string{"chorales"}, Steps: 10, Pieces: 1}).Run(t.Context(), on, func(r Row) { rows = append(rows, r) }); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	first := run()
	if len(first) != 8 || !first[0].Holds || !first[1].Holds || first[2].N != 4725 || !first[3].Holds {
		t.Errorf("%+v", first)
	}
	if again := run(); again[2].Value != first[2].Value || again[4].Value != first[4].Value {
		t.Error("what was kept is trained again")
	}
	if err := (&Music{Steps: 1, Pieces: 1}).Run(t.Context(), on, nil); err == nil {
		t.Error("trains for a step")
	}
}

// TestLikelihood reckons the likelihood of a piece by hand.
func TestLikelihood(t *testing.T) {
	var chord frame
	chord.press(0)
	chord.press(87)
	nats := likelihood([]roll{{chord, {}}}, func(_ roll, t int, p *[rollKeys]float64) {
		clear(p[:])
		p[0], p[87] = .5, .25
	})
	if want := -(math.Log(.5) + math.Log(.25) + math.Log(.5) + math.Log(.75)) / 2; math.Abs(nats-want) > 1e-9 {
		t.Errorf("%g, want %g", nats, want)
	}
	if chord.lowest() != 0 || chord.highest() != 87 || chord.count() != 2 || chord.below(87).count() != 1 || chord.below(88) != chord || chord.has(88) {
		t.Error(chord)
	}
}

// TestFeatures: the features of a key depend on the frames before, and if keys are chained on its
// lower keys, but on nothing else.
func TestFeatures(t *testing.T) {
	rng := noise.Stream(1)
	random := func() (f frame) {
		for range 4 {
			f.press(30 + rng.IntN(40))
		}
		return f
	}
	for _, chained := range []bool{false, true} {
		k := keyFeatures{from: 30, to: 70, chained: chained}
		tell := func(r roll, t, key int) []float32 {
			x := make([]float32, k.width())
			k.write(x, r, t, key)
			return x
		}
		differ := 0
		for range 300 {
			r := make(roll, 24)
			for i := range r {
				r[i] = random()
			}
			at, key := rng.IntN(len(r)), 30+rng.IntN(40)
			other := slices.Clone(r)
			for i := at; i < len(r); i++ {
				other[i] = random()
			}
			if chained { // the lower keys are the same
				low, high := r[at].below(key), other[at]
				for high != (frame{}) && high.lowest() < key {
					high = high.without(high.lowest())
				}
				other[at] = frame{low.low | high.low, low.high | high.high}
			}
			if !slices.Equal(tell(r, at, key), tell(other, at, key)) {
				t.Fatalf("chained %v: frame %d tells key %d what is not known yet", chained, at, key)
			}
			if at > 0 {
				other[at-1] = random()
				if !slices.Equal(tell(r, at, key), tell(other, at, key)) {
					differ++
				}
			}
		}
		if differ < 200 {
			t.Errorf("the frame before is told %d times of 300", differ)
		}
	}
}

// TestPatterns cuts drums into patterns by hand.
func TestPatterns(t *testing.T) {
	song := &midi.Song{Quarter: 480, Tracks: 1, End: 2*8*480 + 100}
	for i := range 16 {
		song.Notes = append(song.Notes, midi.Note{At: int64(i)*480 + 40, Channel: midi.DrumChannel, Pitch: 36, Velocity: 127})
	}
	song.Notes = append(song.Notes, midi.Note{At: 17 * 480, Channel: midi.DrumChannel, Pitch: 36, Velocity: 1})
	got := patternsOf(song)
	if len(got) != 2 || got[0][0] != 1 || got[0][1] != 1 || got[0][2*4*midi.DrumClasses] != 1 || got[0][2*patternSteps*midi.DrumClasses] != 1 {
		t.Error(len(got))
	}
}

// TestRecognised tells two plain styles apart, and holds the interval to those who guess.
func TestRecognised(t *testing.T) {
	var patterns []drumPattern
	for i := range 80 {
		p := drumPattern{style: i % 4, file: string(rune('a' + i%20)), x: make([]float32, patternNumbers)}
		p.session = p.file
		p.x[20*p.style], p.x[100+i] = 1, 1
		patterns = append(patterns, p)
	}
	r, err := recognised(t.Context(), musicMachine(t), patterns, ofFile)
	if err != nil || r.share < .95 || r.n != 80 || r.low > r.share || r.high < r.share {
		t.Error(r, err)
	}
	half := intervalOf(patterns, make([]bool, 80), ofSession)
	if half.share != 0 || half.high != 0 {
		t.Error(half)
	}
	folds := foldsOf(patterns, ofFile)
	count := [styleFolds]int{}
	for _, f := range folds {
		count[f]++
	}
	if slices.Max(count[:]) > 2*slices.Min(count[:])+1 {
		t.Error(count)
	}
}

// TestMusicRender times a piece.
func TestMusicRender(t *testing.T) {
	var rows []Row
	if err := (&Music{Only: []string{"render"}, Steps: 10, Pieces: 1}).Run(t.Context(), &Machine{Studio: &run.Studio{Runs: t.TempDir()}}, func(r Row) { rows = append(rows, r) }); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Value <= 0 || rows[1].Value <= 0 || rows[1].Bar == "" {
		t.Error(rows)
	}
}

// What is composed holds what is asked for, whoever wrote it.
func TestComposed(t *testing.T) {
	on := musicMachine(t)
	on.Kernels = engine.NewDots(engine.Options{Threads: 1})
	var rows []Row
	if err := (&Music{Only: []string{"composed"}, Steps: 10, Pieces: 1}).Run(t.Context(), on, func(r Row) { rows = append(rows, r) }); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 5 || !rows[0].Holds || !rows[1].Holds || !rows[2].Holds || rows[1].N != 4 {
		t.Errorf("%+v", rows)
	}
}
