package music

import (
	"cmp"
	"fmt"
	"slices"

	"atelier/internal/badinput"
)

// What notation cannot hold, as counts.
const (
	LostMoved       = "notes moved to the nearest place that can be written"
	LostVelocities  = "velocities"
	LostPrograms    = "changes of instrument within a part"
	LostInstant     = "notes without a length, which were given one"
	LostEvents      = "MIDI controllers and texts"
	LostLayers      = "notes beyond 32 at once in a part"
	LostMeters      = "changes of metre within a bar"
	mostLayers      = 32
	mostWrittenBars = 1 << 19 // times parts
	mostWritten     = 1 << 20 // notes, each of which is written in every bar that it sounds in
)

// grids are the numbers of places per quarter note that are written, the plainest first:
// down to triplets of 64ths, then with quintuplets, septuplets and both.
var grids = []int{48, 240, 336, 420}

// OnGrid returns the score with places that can be written in notation, and the number of
// notes that had to be moved for it.
func (s *Score) OnGrid() (_ *Score, moved int) {
	for _, g := range grids {
		if to, n := s.Rescaled(g); n == 0 {
			return to, 0
		}
	}
	return s.Rescaled(grids[0])
}

// A cell is a chord or a rest of one layer of a part, within a bar.
type cell struct {
	at, length int64
	notes      []Note // of the same place and length; none for a rest
	tied       bool   // to the next cell of the layer
	tiedTo     bool   // to the one before
}

// A writtenBar is a bar of a part: its layers, each filled with cells from its beginning to
// its end. The first one is always there.
type writtenBar struct {
	Bar
	layers [][]cell
}

// notation prepares a score for being written as notes: on a grid, as bars for each part.
// Cells of the first layer of the first part begin wherever a tempo, key or chord does.
func (s *Score) notation(lost Counts) (*Score, [][]writtenBar, error) {
	for _, p := range s.Parts {
		for _, n := range p.Notes {
			if n.Length == 0 {
				lost.Add(LostInstant, 1)
			}
		}
	}
	s, moved := s.OnGrid()
	lost.Add(LostMoved, moved)
	lost.Add(LostEvents, len(s.Events))
	bars := s.Bars()
	if len(bars) == mostBars || len(bars)*len(s.Parts) > mostWrittenBars {
		return nil, nil, badinput.Errorf("has %d bars in %d parts, too many to be written as notes", len(bars), len(s.Parts))
	}
	var splits []int64
	for _, t := range s.Tempos {
		splits = append(splits, t.At)
	}
	for _, k := range s.Keys {
		splits = append(splits, k.At)
	}
	for _, c := range s.Chords {
		splits = append(splits, c.At)
	}
	slices.Sort(splits)
	splits = slices.Compact(splits)
	all, budget := make([][]writtenBar, len(s.Parts)), mostWritten
	for i := range s.Parts {
		p := &s.Parts[i]
		for j, n := range p.Notes {
			if j > 0 && n.Program != p.Notes[j-1].Program {
				lost.Add(LostPrograms, 1)
			}
		}
		if all[i] = p.written(bars, splits, &budget, lost); budget < 0 {
			return nil, nil, badinput.Errorf("has notes that are held over so many bars that they come to more than %d written notes", mostWritten)
		}
		splits = nil // in the first part alone
	}
	return s, all, nil
}

// written divides a part into layers and bars, within a budget of notes that is below 0
// afterwards if it was too small.
func (p *Part) written(bars []Bar, splits []int64, budget *int, lost Counts) []writtenBar {
	out := make([]writtenBar, len(bars))
	for i, b := range bars {
		out[i].Bar = b
	}
	for i, layer := range p.chords(lost) {
		var cuts []int64
		if i == 0 {
			cuts = splits
		}
		if place(out, i, layer, cuts, budget); *budget < 0 {
			return nil
		}
	}
	for i := range out {
		b := &out[i]
		for j := range b.layers {
			if j == 0 || len(b.layers[j]) > 0 {
				b.layers[j] = filled(b.Bar, b.layers[j], cutsIn(splits, b.At, b.At+b.Length))
			}
		}
		if len(b.layers) == 0 {
			b.layers = [][]cell{filled(b.Bar, nil, cutsIn(splits, b.At, b.At+b.Length))}
		}
		b.layers = slices.DeleteFunc(b.layers, func(l []cell) bool { return len(l) == 0 })
	}
	return out
}

// chords joins the notes of a part that begin and end together, and divides them into layers
// in which none overlap.
func (p *Part) chords(lost Counts) [][]cell {
	notes := slices.Clone(p.Notes)
	slices.SortStableFunc(notes, func(a, b Note) int { return cmp.Or(cmp.Compare(a.At, b.At), -cmp.Compare(a.Length, b.Length)) })
	var layers [][]cell
	for from := 0; from < len(notes); {
		to := from
		for to < len(notes) && notes[to].At == notes[from].At && notes[to].Length == notes[from].Length {
			to++
		}
		chord := cell{at: notes[from].At, length: notes[from].Length, notes: notes[from:to:to]}
		from = to
		i := slices.IndexFunc(layers, func(l []cell) bool { return last(l).at+last(l).length <= chord.at })
		switch {
		case i >= 0:
			layers[i] = append(layers[i], chord)
		case len(layers) < mostLayers:
			layers = append(layers, []cell{chord})
		default:
			lost.Add(LostLayers, len(chord.notes))
		}
	}
	return layers
}

// cutsIn are the cuts within a span.
func cutsIn(cuts []int64, from, to int64) []int64 {
	i, _ := slices.BinarySearch(cuts, from+1)
	j, _ := slices.BinarySearch(cuts, to)
	j = max(i, j)
	return cuts[i:j:j]
}

// place puts the chords of a layer into bars, in parts that are tied where bars end or cuts
// are.
func place(bars []writtenBar, layer int, chords []cell, cuts []int64, budget *int) {
	for _, c := range chords {
		end, first := c.at+c.length, true
		for i := barOf(bars, c.at); i < len(bars) && bars[i].At < end; i++ {
			b := &bars[i]
			for len(b.layers) <= layer {
				b.layers = append(b.layers, nil)
			}
			from, to := max(c.at, b.At), min(end, b.At+b.Length)
			for _, until := range append(cutsIn(cuts, from, to), to) {
				if *budget -= len(c.notes); *budget < 0 {
					return
				}
				part := cell{at: from, length: until - from, notes: c.notes, tiedTo: !first, tied: until < end}
				b.layers[layer] = append(b.layers[layer], part)
				from, first = until, false
			}
		}
	}
}

// barOf is the index of the bar that a tick is in.
func barOf(bars []writtenBar, tick int64) int {
	i, found := slices.BinarySearchFunc(bars, tick, func(b writtenBar, tick int64) int { return cmp.Compare(b.At, tick) })
	if !found {
		i--
	}
	return max(0, i)
}

// filled fills the places between the cells of a bar with rests.
func filled(b Bar, cells []cell, cuts []int64) []cell {
	var out []cell
	at := b.At
	rest := func(to int64) {
		for _, until := range append(cutsIn(cuts, at, to), to) {
			if until > at {
				out = append(out, cell{at: at, length: until - at})
				at = until
			}
		}
	}
	for _, c := range cells {
		rest(c.at)
		out = append(out, c)
		at = c.at + c.length
	}
	rest(b.At + b.Length)
	return out
}

// A value is a note value: 1 over a power of two, with dots, of which a tuplet puts so many
// in the time of others.
type value struct {
	base           int // 1 for a whole note, 4 for a quarter; 0 for a double whole
	dots           int
	actual, normal int // 3 in the time of 2; 1 and 1 for no tuplet
	ticks          int64
}

// valuesOf divides a length into note values, the longest first, exactly.
func valuesOf(length int64, quarter int) ([]value, error) {
	var all []value
	for length > 0 {
		v, ok := longestValue(length, quarter)
		if !ok {
			return nil, fmt.Errorf("a length of %d/%d quarter notes cannot be written", length, quarter)
		}
		all = append(all, v)
		length -= v.ticks
	}
	return all, nil
}

// tuplets that are written, from none on.
var tuplets = [][2]int{{1, 1}, {3, 2}, {5, 4}, {7, 4}, {15, 8}, {21, 16}, {35, 32}, {105, 64}}

// longestValue is the longest note value that fits into a length and, if there is one, has
// exactly that length; among several the plainest.
func longestValue(length int64, quarter int) (best value, ok bool) {
	const longestBase, shortestBase = 0, 1024
	for _, t := range tuplets {
		for base := longestBase; base <= shortestBase; base = max(1, 2*base) {
			for dots := range 3 {
				// The length is 4/base quarters, of a double whole note 8, and half of it for each dot.
				num := int64(quarter) * 4 * int64(1<<(dots+1)-1) * int64(t[1])
				den := int64(max(1, base)) << dots * int64(t[0])
				if base == 0 {
					num *= 2
				}
				if num%den != 0 || num/den > length {
					continue
				}
				v := value{base, dots, t[0], t[1], num / den}
				if !ok || v.ticks == length && best.ticks != length || best.ticks != length && t[0] == best.actual && v.ticks > best.ticks {
					best, ok = v, true
				}
			}
		}
	}
	return best, ok
}
