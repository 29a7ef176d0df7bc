// Package rating compares what several sides made, such as runs, by the judgement of people: which
// of two works that stand side by side is better. It plans what is asked, keeps votes as lines of
// JSON, and turns them into scores.
package rating

import (
	"fmt"
	"hash/fnv"
	"slices"

	"atelier/internal/noise"
)

// A Pair is a question: which of the works of two sides of the same item is better.
type Pair struct {
	Item        string // what both were made of, such as a prompt
	Left, Right string // sides
	Repeat      bool   // it was asked before, with the sides exchanged
}

// ID tells a pair from the others of its plan.
func (p Pair) ID() string { return fmt.Sprintf("%q %q %q %v", p.Item, p.Left, p.Right, p.Repeat) }

// repeatsAfter is how many pairs stand between a question and its repeat, where there are as many.
const repeatsAfter = 5

// Plan is what a rater is asked: each item of every two sides once, in an order and with sides
// that are drawn from the seed and the rater's name, and a share of them again, hidden among the
// others, with the sides exchanged.
func Plan(sides, items []string, rater string, seed uint64, repeats float64) []Pair {
	h := fnv.New64a()
	h.Write([]byte(rater)) // which does not fail
	rng := noise.Stream(seed, h.Sum64())
	var all []Pair
	for i, a := range sides {
		for _, b := range sides[i+1:] {
			for _, item := range items {
				p := Pair{Item: item, Left: a, Right: b}
				if rng.IntN(2) == 1 {
					p.Left, p.Right = b, a
				}
				all = append(all, p)
			}
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	n := int(repeats*float64(len(all)) + 0.5)
	for _, p := range slices.Clone(all[:n]) { // the earliest, so that all have pairs behind them
		at := slices.Index(all, p)
		first := min(at+1+repeatsAfter, len(all))
		to := first + rng.IntN(len(all)-first+1)
		all = slices.Insert(all, to, Pair{Item: p.Item, Left: p.Right, Right: p.Left, Repeat: true})
	}
	return all
}

// Left are the pairs of a plan that a rater has not voted on.
func Left(plan []Pair, votes []Vote, rater string) []Pair {
	done := map[string]bool{}
	for _, v := range votes {
		if v.Rater == rater {
			done[v.pair().ID()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(plan), func(p Pair) bool { return done[p.ID()] })
}
