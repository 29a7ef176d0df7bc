package rating

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"atelier/internal/badinput"
	"atelier/internal/noise"
)

// Every two sides of every item are asked for once, and some again with the sides exchanged, later.
func TestPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sides := []string{"a", "b", "c", "d"}[:rapid.IntRange(2, 4).Draw(t, "sides")]
		items := make([]string, rapid.IntRange(1, 30).Draw(t, "items"))
		for i := range items {
			items[i] = fmt.Sprint(i)
		}
		seed := rapid.Uint64().Draw(t, "seed")
		plan := Plan(sides, items, "ann", seed, 0.2)
		first := map[string]int{}
		repeats := 0
		for i, p := range plan {
			key := p.Item + min(p.Left, p.Right) + max(p.Left, p.Right)
			if p.Repeat {
				repeats++
				if at, ok := first[key]; !ok || plan[at].Left != p.Right || i-at < min(repeatsAfter, len(plan)-1-at) {
					t.Fatalf("%v is repeated at %d in %v", p, i, plan)
				}
				continue
			}
			if _, ok := first[key]; ok {
				t.Fatalf("%v is asked twice", p)
			}
			first[key] = i
		}
		pairs := len(items) * len(sides) * (len(sides) - 1) / 2
		if len(first) != pairs || repeats != int(0.2*float64(pairs)+0.5) {
			t.Errorf("%d pairs, %d repeats", len(first), repeats)
		}
		if !slices.Equal(plan, Plan(sides, items, "ann", seed, 0.2)) {
			t.Error("another plan from the same seed")
		}
		voted := rapid.IntRange(0, len(plan)).Draw(t, "voted")
		var votes []Vote
		for _, p := range plan[:voted] {
			votes = append(votes, Vote{Rater: "ann", Item: p.Item, Left: p.Left, Right: p.Right, Repeat: p.Repeat, For: Tie})
		}
		if got := Left(plan, votes, "ann"); !slices.Equal(got, plan[voted:]) {
			t.Errorf("%v is left of %v", got, plan[voted:])
		}
		if got := Left(plan, votes, "bob"); len(got) != len(plan) {
			t.Error("a rater is taken for another")
		}
	})
}

func vote(item int, left, right, winner string, repeat bool) Vote {
	v := Vote{Rater: "ann", Item: fmt.Sprint(item), Left: left, Right: right, For: Tie, Repeat: repeat}
	switch winner {
	case left:
		v.For = ForLeft
	case right:
		v.For = ForRight
	}
	return v
}

// Of two sides the score has a closed form: half the logarithm of the odds, with the prior.
func TestTwoSides(t *testing.T) {
	var votes []Vote
	for i := range 10 {
		winner := "b"
		switch {
		case i < 6:
			winner = "a"
		case i == 9:
			winner = ""
		}
		left, right := "a", "b"
		if i%2 == 1 {
			left, right = right, left
		}
		votes = append(votes, vote(i, left, right, winner, false))
	}
	votes = append(votes, vote(0, "b", "a", "a", true), vote(1, "a", "b", "b", true))
	r := Score(votes)
	want := math.Log((6.5+prior)/(3.5+prior)) / 2
	a := r.Standings[0]
	if a.Side != "a" || math.Abs(a.Score-want) > 1e-8 || a.Wins != 6 || a.Ties != 1 || a.Losses != 3 || r.Votes != 10 || r.Items != 10 {
		t.Errorf("%+v, want the score %g", r, want)
	}
	if a.Low >= a.Score || a.High <= a.Score || a.Low > 0 {
		t.Errorf("the interval %g to %g", a.Low, a.High)
	}
	if g := r.Raters[0]; g.Asked != 2 || g.Same != 1 || g.Votes != 12 {
		t.Errorf("%+v", g)
	}
}

// Scores are found again from votes that are drawn with them, and their intervals hold them.
func TestStrengthsAreFound(t *testing.T) {
	truth := map[string]float64{"a": 1, "b": 0.2, "c": -1.2}
	rng := noise.Stream(3)
	var votes []Vote
	for i := range 600 {
		for _, p := range [][2]string{{"a", "b"}, {"b", "c"}, {"c", "a"}} {
			winner := p[1]
			if rng.Float64() < 1/(1+math.Exp(truth[p[1]]-truth[p[0]])) {
				winner = p[0]
			}
			votes = append(votes, vote(i, p[0], p[1], winner, false))
		}
	}
	for _, s := range Score(votes).Standings {
		if math.Abs(s.Score-truth[s.Side]) > 0.15 || s.Low > truth[s.Side] || s.High < truth[s.Side] || s.High-s.Low > 0.4 {
			t.Errorf("%+v, want %g", s, truth[s.Side])
		}
	}
	never := Score([]Vote{vote(1, "a", "b", "a", false)}).Standings[0] // a side that never lost
	// p = 3/4 of two votes with the prior: the variance of the difference is 1/(2·3/16), of a score a quarter.
	if want := math.Log(3) / 2; math.Abs(never.Score-want) > 1e-8 || math.Abs(never.High-want-quantile*math.Sqrt(8./3/4)) > 1e-6 {
		t.Errorf("%+v", never)
	}
}

// Votes are read as they were kept; lines that are none are counted.
func TestKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "votes.jsonl")
	if votes, torn, err := Read(path); err != nil || len(votes) != 0 || torn != 0 {
		t.Error(votes, torn, err)
	}
	want := []Vote{vote(1, "a", "b", "a", false), vote(2, "b", "a", "", true)}
	for i := range want {
		want[i].Time = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		if err := Keep(path, want[i]); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(path, append(text, `{"rater":"ann","left":"a","right":"a","for":"left"}`+"\n"+`{"rater":"an`...), 0o666)
	if got, torn, err := Read(path); err != nil || torn != 2 || !slices.Equal(got, want) {
		t.Errorf("%+v, %d torn, error %v", got, torn, err)
	}
	os.WriteFile(path, []byte("a text\n"), 0o666)
	if _, _, err := Read(path); !errors.Is(err, badinput.Err) {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"rater":"a","item":"1","left":"x","right":"y","for":"tie"}` + "\n{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		votes, _ := Parse(text)
		for _, s := range Score(votes[:min(len(votes), 50)]).Standings {
			if math.IsNaN(s.Score) || math.IsInf(s.Score, 0) {
				t.Errorf("%+v", s)
			}
		}
	})
}

// Under a name one person votes at a time; others may.
func TestHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "votes.jsonl")
	release, err := Hold(path, "ann")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Hold(path, "ann"); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "ann is rating into") {
		t.Errorf("twice: %v", err)
	}
	other, err := Hold(path, "../bob")
	if err != nil {
		t.Fatal(err)
	}
	other()
	release()
	if release, err = Hold(path, "ann"); err != nil {
		t.Errorf("again: %v", err)
	} else {
		release()
	}
}
