package wfc

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/badinput"
	"atelier/internal/noise"
)

func gridOf(drawn string) Grid {
	rows := strings.Fields(drawn)
	g := Grid{Width: len([]rune(rows[0])), Height: len(rows)}
	for _, row := range rows {
		g.Cells = append(g.Cells, []rune(row)...)
	}
	return g
}

const room = `
#########
#.......#
#..##...#
#..##...#
#.......#
#....~..#
#...~~..#
#########`

// pipes do not end, and turn seldom.
const pipes = `
............
.┌──┐..┌──┐.
.│..│..│..│.
.└─┐└──┘┌─┘.
...│....│...
...└────┘...
............`

// windowsOf are the windows of a grid.
func windowsOf(g Grid, n int) map[string]bool {
	all := map[string]bool{}
	for y := range g.Height - n + 1 {
		for x := range g.Width - n + 1 {
			var w []rune
			for i := range n {
				w = append(w, g.Cells[(y+i)*g.Width+x:][:n]...)
			}
			all[string(w)] = true
		}
	}
	return all
}

// Every window of what is made is one of the example, and the walls of the rim are at the rim; the
// same seed makes the same.
func TestMake(t *testing.T) {
	example := gridOf(room)
	known := windowsOf(example, 3)
	rapid.Check(t, func(t *rapid.T) {
		s := Settings{Window: 3, Seed: rapid.Uint64().Draw(t, "seed")}
		w, h := rapid.IntRange(9, 20).Draw(t, "width"), rapid.IntRange(8, 16).Draw(t, "height")
		made, err := Make(context.Background(), example, w, h, s)
		if errors.Is(err, badinput.Err) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for window := range windowsOf(made.Grid, 3) {
			if !known[window] {
				t.Fatalf("%q is no window of the example", window)
			}
		}
		for x := range w {
			if made.Cells[x] != '#' || made.Cells[(h-1)*w+x] != '#' {
				t.Fatal("the rim is open")
			}
		}
		again, err := Make(context.Background(), example, w, h, s)
		if err != nil || !slices.Equal(again.Cells, made.Cells) {
			t.Fatal("the same seed made another grid")
		}
	})
}

// What was undone is as it was before it was done.
func TestUndo(t *testing.T) {
	p, err := patternsOf(gridOf(room), Settings{Window: 2})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		w := newWave(p, 8, 6, noise.Stream(rapid.Uint64().Draw(t, "seed")))
		w.bound()
		w.propagate()
		before := len(w.trail)
		possible, left, weight := slices.Clone(w.possible), slices.Clone(w.left), slices.Clone(w.weight)
		var support [4][]int32
		for d := range support {
			support[d] = slices.Clone(w.support[d])
		}
		for range rapid.IntRange(1, 6).Draw(t, "choices") {
			if at := w.lowest(); at >= 0 {
				w.keep(w.choose(at))
				if !w.propagate() {
					break
				}
			}
		}
		w.undo(before)
		if !slices.Equal(w.possible, possible) || !slices.Equal(w.left, left) || !slices.Equal(w.weight, weight) {
			t.Fatal("what is possible is another")
		}
		for d := range support {
			if !slices.Equal(w.support[d], support[d]) {
				t.Fatal("the support is another")
			}
		}
	})
}

// A chessboard of odd width cannot be closed by a rim that fits even ones: it is found out, not tried
// for ever. An example that has contradictions on the way is solved by going back.
func TestBounds(t *testing.T) {
	odd := gridOf("ab12 ab12 ab12 ab12")
	if _, err := Make(t.Context(), odd, 5, 4, Settings{Window: 2, Seed: 1}); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "no map was found") {
		t.Error(err)
	}
	for _, c := range []struct {
		g    Grid
		w, h int
		want string
	}{
		{gridOf("ab ab"), 8, 8, "want at least 3"}, {gridOf(room), 2, 9, "want at least 3"}, {gridOf(room), 1 << 10, 1 << 10, "at most"},
	} {
		if _, err := Make(t.Context(), c.g, c.w, c.h, Settings{Window: 3}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v; want %q", err, c.want)
		}
	}
	back := 0
	for seed := range uint64(40) {
		made, err := Make(t.Context(), gridOf(pipes), 14, 12, Settings{Window: 2, Seed: seed})
		if err == nil && made.Attempts == 1 {
			back += made.Back
		}
	}
	if back == 0 {
		t.Error("it never went back and succeeded")
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := Make(ended, gridOf(room), 14, 12, Settings{Window: 3}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
