package codec

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/midi"
)

// held holds a codec to giving back what it can hold: numbers that are snapped come back exactly,
// as the same piece, of which nothing is reported lost.
func held(t *rapid.T, c data.Snapping, draw func(row []float64)) {
	spec, err := c.Spec(nil)
	if err != nil {
		t.Fatal(err)
	}
	b, again := data.NewBatch(spec, 1), data.NewBatch(spec, 1)
	target := b.Column(data.Target)
	row := make([]float64, target.Field.Size())
	draw(row)
	for i, v := range row {
		if target.Ints != nil {
			target.Ints[i] = int32(v)
		} else {
			target.Floats[i] = float32(v)
		}
	}
	c.Snap(b, 0)
	it, err := c.Decode(b, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Encode(data.ExampleOf(it), again, 0); err != nil {
		t.Fatal(err)
	}
	for i, v := range values(again.Column(data.Target), 0) {
		if was := values(target, 0)[i]; math.Abs(v-was) > 1e-6 {
			t.Fatalf("number %d was %g and is %g", i, was, v)
		}
	}
	loss, err := c.(data.Reporting).Report(it)
	if err != nil || loss.Kept != loss.Notes || loss.MostMs > 0.01 || len(loss.Left) > 0 {
		t.Fatal(loss, err)
	}
	second, err := c.Decode(again, 0)
	if err != nil || !slices.Equal(second.Bytes, it.Bytes) {
		t.Fatal("the second piece differs", err)
	}
}

func TestDrumsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		held(t, &Drums{Tempo: rapid.IntRange(40, 240).Draw(t, "tempo")}, func(row []float64) {
			seed := rapid.SliceOfN(rapid.Float64Range(-1, 1), 1, 60).Draw(t, "numbers")
			for i := range row {
				row[i] = seed[i%len(seed)]
			}
			row[0] = 1
		})
	})
}

func TestGridHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &Grid{Bars: rapid.IntRange(1, 3).Draw(t, "bars"), Steps: rapid.IntRange(1, 6).Draw(t, "steps"), Lowest: rapid.IntRange(0, 60).Draw(t, "lowest"),
			Pitches: rapid.IntRange(1, 20).Draw(t, "pitches"), Tracks: rapid.SampledFrom([][]int{{1}, {0, 34, 26}, {5, 0}, {40, 41, 42, 1, 0}}).Draw(t, "tracks"), Tempo: 120}
		held(t, c, func(row []float64) {
			seed := rapid.SliceOfN(rapid.Float64Range(-1, 1), 1, 50).Draw(t, "numbers")
			for i := range row {
				row[i] = seed[i%len(seed)]
			}
			for i := range c.Tracks { // a track without notes is none when it is read
				row[i] = 1
			}
		})
	})
}

func TestChoraleHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &Chorale{Bars: rapid.IntRange(1, 4).Draw(t, "bars"), Tempo: 120}
		held(t, c, func(row []float64) {
			seed := rapid.SliceOfN(rapid.IntRange(0, choraleTokens-1), 1, 50).Draw(t, "tokens")
			for i := range row {
				if row[i] = float64(seed[i%len(seed)]); rapid.Bool().Draw(t, "held") {
					row[i] = holdToken
				}
			}
			for v := range choraleVoices {
				row[v] = pitchToken + 60
			}
		})
	})
}

// songItem is a MIDI file at 120 quarter notes a minute, 480 ticks each.
func songItem(t *testing.T, tracks int, notes ...midi.Note) data.Item {
	t.Helper()
	song := &midi.Song{Quarter: 480, Tracks: tracks, Tempos: []midi.Tempo{{Micros: 500_000}}, Notes: notes}
	song.Sort()
	file, err := song.Write()
	if err != nil {
		t.Fatal(err)
	}
	return data.Item{Name: "song.mid", Bytes: file}
}

// TestLosses reckons by hand what is not held.
func TestLosses(t *testing.T) {
	drum := func(at int64, pitch, velocity uint8) midi.Note {
		return midi.Note{At: at, Length: 10, Channel: midi.DrumChannel, Pitch: pitch, Velocity: velocity}
	}
	it := songItem(t, 1, drum(0, 36, 100), drum(3, 35, 50), drum(490, 38, 90), drum(5000, 38, 90), midi.Note{At: 0, Length: 480, Pitch: 60, Velocity: 80})
	loss, err := (&Drums{Tempo: 100}).Report(it)
	if err != nil || loss.Notes != 5 || loss.Kept != 2 || loss.MostMs != 0 || loss.Left[leftDouble] != 1 || loss.Left[leftLater] != 1 || loss.Left[leftOthers] != 1 {
		t.Error(loss, err)
	}
	// 48 ticks of 480 at 120 a minute are 50 ms: 60 ticks to the grid of eighths are 62.5 ms.
	grid := &Grid{Bars: 1, Steps: 2, Lowest: 60, Pitches: 12, Tracks: []int{1}, Tempo: 100}
	it = songItem(t, 1, midi.Note{At: 48, Length: 480, Pitch: 60, Velocity: 80}, midi.Note{At: 480, Length: 240, Pitch: 62, Velocity: 80},
		midi.Note{At: 0, Length: 240, Pitch: 40, Velocity: 80}, drum(0, 36, 1))
	if loss, err = grid.Report(it); err != nil || loss.Kept != 2 || math.Abs(loss.MostMs-50) > .01 || math.Abs(loss.MeanMs-25) > .01 ||
		loss.Left[leftPitch] != 1 || loss.Left[leftDrums] != 1 || math.Abs(loss.LengthMs-0) > .01 {
		t.Error(loss, err)
	}
	voice := func(track int, at, length int64, pitch uint8) midi.Note {
		return midi.Note{Track: track, Channel: uint8(track), At: at, Length: length, Pitch: pitch, Velocity: 80}
	}
	it = songItem(t, 4, voice(0, 0, 960, 72), voice(0, 0, 480, 60), voice(0, 480, 480, 74), voice(1, 0, 480, 67), voice(2, 0, 480, 64), voice(3, 24, 456, 48))
	chorale := &Chorale{Bars: 1, Tempo: 80}
	if loss, err = chorale.Report(it); err != nil || loss.Kept != 5 || loss.Left[leftUnder] != 1 || math.Abs(loss.MostMs-25) > .01 || math.Abs(loss.LengthMs-(500.+25)/5) > .01 {
		t.Error(loss, err)
	}
	if !strings.Contains(loss.String(), "5 of 6 notes held, moved by 5.0 ms on average and 25.0 ms at most") {
		t.Error(loss)
	}
	tokens, err := chorale.Tokens(it)
	if err != nil || !slices.Equal(tokens[:8], []int32{74, 69, 66, 50, 1, 1, 1, 1}) || tokens[16] != 76 {
		t.Error(tokens[:20], err)
	}
}

// TestRefusesHeld refuses settings, and pieces without what a codec holds.
func TestRefusesHeld(t *testing.T) {
	for _, c := range []data.Codec{
		&Drums{Tempo: 1}, &Chorale{Bars: 0, Tempo: 80}, &Chorale{Bars: 4, Tempo: 8000}, &Grid{Bars: 1, Steps: 4, Lowest: 100, Pitches: 40, Tracks: []int{1}, Tempo: 100},
		&Grid{Bars: 1, Steps: 4, Pitches: 40, Tempo: 100}, &Grid{Bars: 1, Steps: 4, Pitches: 40, Tracks: []int{0, 0}, Tempo: 100}, &Grid{Bars: 1, Steps: 4, Pitches: 40, Tracks: []int{129}, Tempo: 100},
	} {
		if _, err := c.Spec(nil); err == nil {
			t.Errorf("takes %+v", c)
		}
	}
	piano := songItem(t, 1, midi.Note{At: 0, Length: 480, Pitch: 20, Velocity: 80})
	for _, c := range []data.Codec{&Drums{Tempo: 100}, &Chorale{Bars: 1, Tempo: 80}, &Grid{Bars: 1, Steps: 4, Lowest: 60, Pitches: 12, Tracks: []int{1}, Tempo: 100}} {
		spec, _ := c.Spec(nil)
		if err := c.Encode(data.ExampleOf(piano), data.NewBatch(spec, 1), 0); err == nil {
			t.Errorf("%T takes a piece without what it holds", c)
		}
	}
}
