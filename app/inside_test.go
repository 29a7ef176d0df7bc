package app

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/model/run"
)

// A look inside works on a run that has hardly learned anything, makes a picture, and says the same
// each time.
func TestInside(t *testing.T) {
	s, err := runsOf()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		app   App
		check func(found any) error
	}{
		{Directions{From: clothes, N: 3, Length: 2, Seed: 1, Measured: 20}, func(found any) error {
			f := found.(*FoundDirections)
			if len(f.Directions) != 3 || !slices.IsSortedFunc(f.Directions, func(a, b FoundDirection) int { return int(math.Copysign(1, b.Strength-a.Strength)) }) {
				return fmt.Errorf("%d directions", len(f.Directions))
			}
			for _, d := range f.Directions {
				if d.Changes[d.Property] != d.Change || !(d.Random >= 0) || !(d.RandomMost >= d.Random) {
					return fmt.Errorf("%+v", d)
				}
			}
			return nil
		}},
		{Dissect{From: clothes, Class: []string{"bag"}, Units: 1, Seed: 1, Measured: 10}, func(found any) error {
			f := found.(*FoundUnits)
			if f.Layer != f.Layers || len(f.Found) != 1 || f.Found[0].Of != "bag" || len(f.Found[0].Units) != 1 {
				return fmt.Errorf("%+v", f)
			}
			for _, u := range f.Seen {
				if u.IoU <= u.Random || u.IoU > 1 {
					return fmt.Errorf("%+v", u)
				}
			}
			return nil
		}},
		{Saliency{From: clothes, N: 2, Seed: 1, Measured: 8, Share: 0.1}, func(found any) error {
			f := found.(*FoundSaliency)
			if f.Measured != 8 || !(f.Removed >= 0) || !(f.Again > f.Shuffled) {
				return fmt.Errorf("%+v", f)
			}
			return nil
		}},
		{Attention{Text: "be, or ", Model: play}, func(found any) error {
			f := found.(*FoundAttention)
			for i, row := range f.Weights {
				sum := 0.
				for _, w := range row {
					sum += w
				}
				if len(row) != i+1 || math.Abs(sum-1) > 1e-4 {
					return fmt.Errorf("token %d: weights %v", i, row)
				}
			}
			if strings.Join(f.Tokens, "") != "be, or " || f.Measured == 0 || !(f.Random > 0) {
				return fmt.Errorf("%+v", f)
			}
			return nil
		}},
	} {
		var made [][]byte
		for range 2 {
			var found any
			env := &Env{Studio: s, Out: Out{File: "made.png"}, Found: func(v any) { found = v }, Emit: func(it data.Item) error { made = append(made, it.Bytes); return nil }}
			if err := Run(t.Context(), c.app, env); err != nil {
				t.Fatalf("%T: %v", c.app, err)
			}
			if err := c.check(found); err != nil {
				t.Errorf("%T: %v", c.app, err)
			}
		}
		if len(made) != 2 || string(made[0]) != string(made[1]) {
			t.Errorf("%T: %d pictures, or other bytes the second time", c.app, len(made))
		} else if _, err := picture.Open(made[0]); err != nil {
			t.Error(err)
		}
	}
}

// Runs that cannot be looked into, and values out of range, are the user's mistakes.
func TestInsideRefuses(t *testing.T) {
	s, err := runsOf()
	if err != nil {
		t.Fatal(err)
	}
	for want, a := range map[string]App{
		"run 0002-play is a lm, whose samples have no codes":            Directions{From: play, N: 1, Length: 1, Measured: 20},
		"want a run trained on pictures":                                Dissect{From: play, Units: 1, Measured: 10},
		"the generator of run 0001-clothes has the hidden layers 1 to ": Dissect{From: clothes, Layer: 9, Units: 1, Measured: 10},
		"want at most half of them, got 64":                             Dissect{From: clothes, Units: 64, Measured: 10},
		"no class \"hat\"":                                              Dissect{From: clothes, Class: []string{"hat"}, Units: 1, Measured: 10},
		"want 4 to 8 tokens, got 2":                                     Attention{Text: "be", Model: play},
		"has 1 layer of 2 heads, got --layer 2":                         Attention{Text: "be, or", Model: play, Layer: 2},
		"want the number of a direction":                                Generate{From: clothes, Direction: []string{"3=x"}, As: files, Truncation: 1, Temperature: 1, TopP: 1},
		"has the directions 1 to 64, got 65":                            Generate{From: clothes, N: 1, Direction: []string{"65=1"}, As: files, Truncation: 1, Temperature: 1, TopP: 1},
	} {
		err := Run(t.Context(), a, &Env{Studio: s, Out: Out{Unasked: true}, Emit: func(data.Item) error { return nil }})
		if !errors.Is(err, badinput.Err) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%T: %v, want %q", a, err, want)
		}
	}
}

// Moving by 0 changes nothing, bit for bit; moving there and back is the way back.
func TestMovedAlong(t *testing.T) {
	s, err := runsOf()
	if err != nil {
		t.Fatal(err)
	}
	draw := func(direction ...string) string {
		var all []byte
		a := Generate{From: clothes, N: 2, Seed: 3, As: files, Truncation: 1, Temperature: 1, TopP: 1, Direction: direction}
		if err := Run(t.Context(), a, &Env{Studio: s, Out: Out{Apart: true}, Emit: func(it data.Item) error {
			f, err := picture.Open(it.Bytes)
			if err != nil {
				return err
			}
			img, err := f.Decode()
			all = fmt.Append(all, img)
			return err
		}}); err != nil {
			t.Fatal(err)
		}
		return string(all)
	}
	plain := draw()
	if draw("1=0") != plain {
		t.Error("moving by 0 changes samples")
	}
	if draw("1=+8") == plain {
		t.Error("moving by 8 changes nothing")
	}
}

// The card of a run is complete, and its chain starts with the data and ends with samples.
func TestCard(t *testing.T) {
	s, err := runsOf()
	if err != nil {
		t.Fatal(err)
	}
	d, err := run.OpenDir(s.Runs, clothes)
	if err != nil {
		t.Fatal(err)
	}
	c, err := CardOf(t.Context(), d, 400)
	if err != nil {
		t.Fatal(err)
	}
	if l := c.Data.Licences; len(l) != 1 || l[0].Licence != "MIT" || len(l[0].Asks) != 1 || c.Data.Unlicensed != 0 || len(c.Data.Credits) != 1 {
		t.Errorf("%+v", c.Data)
	}
	if n := c.Data.Train + c.Data.Test; c.Data.Looked != n || c.Data.Licences[0].Items != n || c.Data.Sampled {
		t.Errorf("%d Items of %d examples", c.Data.Looked, n)
	}
	if c.Energy.Spent == nil || c.Energy.Thousand == nil || c.Energy.Grams == nil || len(c.Energy.InWords) < 4 {
		t.Errorf("%+v", c.Energy)
	}
	if n := len(c.Chain); n < 5 || !strings.HasPrefix(c.Chain[0].What, "training examples") || c.Chain[n-1].What != "samples" {
		t.Errorf("%+v", c.Chain)
	}
	for _, l := range c.Chain {
		if len(l.Hash) != 64 {
			t.Errorf("%+v", l)
		}
	}
	if !slices.Contains(c.Limits, "It was not scored: how good it is, is not known.") || c.Copies[0] != "Whether samples copy training data was not measured." {
		t.Errorf("%q, %q", c.Limits, c.Copies)
	}
}
