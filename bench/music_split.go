package bench

import (
	"context"
	"math"
	"slices"

	"atelier/internal/noise"
)

// A recognition is how often styles are told rightly.
type recognition struct {
	share     float64 // the mean of the styles' own shares, so that all count the same
	low, high float64 // an interval that covers it in 95 of 100 cases, groups drawn anew
	n         int     // patterns
}

// recognised judges patterns by judges that learned from others: those of styleFolds parts of the
// groups, one after another, of which a pattern names its own.
func recognised(ctx context.Context, on *Machine, patterns []drumPattern, group func(drumPattern) string) (recognition, error) {
	folds := foldsOf(patterns, group)
	right := make([]bool, len(patterns))
	for fold := range styleFolds {
		var learn []drumPattern
		var held []int
		for i, p := range patterns {
			if folds[group(p)] == fold {
				held = append(held, i)
			} else {
				learn = append(learn, p)
			}
		}
		if len(held) == 0 {
			continue
		}
		judge, err := newStyleJudge(ctx, on, learn)
		if err != nil {
			return recognition{}, err
		}
		var x [][]float32
		for _, i := range held {
			x = append(x, patterns[i].x)
		}
		told, err := judge.tell(x)
		if err != nil {
			return recognition{}, err
		}
		for k, i := range held {
			right[i] = told[k] == patterns[i].style
		}
	}
	return intervalOf(patterns, right, group), nil
}

// foldsOf puts groups into folds: the largest first, each where there are fewest patterns of its
// styles.
func foldsOf(patterns []drumPattern, group func(drumPattern) string) map[string]int {
	counts := map[string][]int{}
	var names []string
	for _, p := range patterns {
		g := group(p)
		if counts[g] == nil {
			counts[g] = make([]int, len(grooveStyles))
			names = append(names, g)
		}
		counts[g][p.style]++
	}
	total := func(g string) (n int) {
		for _, c := range counts[g] {
			n += c
		}
		return n
	}
	slices.SortStableFunc(names, func(a, b string) int { return total(b) - total(a) })
	var filled [styleFolds][]int
	for i := range filled {
		filled[i] = make([]int, len(grooveStyles))
	}
	folds := map[string]int{}
	for _, g := range names {
		best, least := 0, math.Inf(1)
		for fold := range filled {
			sum := 0.0
			for style, n := range counts[g] {
				sum += float64(n) * float64(filled[fold][style])
			}
			if sum < least {
				best, least = fold, sum
			}
		}
		folds[g] = best
		for style, n := range counts[g] {
			filled[best][style] += n
		}
	}
	return folds
}

// balanced is the mean of the shares of the styles, each pattern counted so many times.
func balanced(patterns []drumPattern, right []bool, times func(i int) float64) float64 {
	hit, of := make([]float64, len(grooveStyles)), make([]float64, len(grooveStyles))
	for i, p := range patterns {
		of[p.style] += times(i)
		if right[i] {
			hit[p.style] += times(i)
		}
	}
	sum, n := 0.0, 0.0
	for style := range hit {
		if of[style] > 0 {
			sum, n = sum+hit[style]/of[style], n+1
		}
	}
	return sum / max(1, n)
}

// intervalOf is the share of patterns told rightly, with the interval of a bootstrap over groups.
func intervalOf(patterns []drumPattern, right []bool, group func(drumPattern) string) recognition {
	r := recognition{share: balanced(patterns, right, func(int) float64 { return 1 }), n: len(patterns)}
	index, of := map[string]int{}, make([]int, len(patterns))
	for i, p := range patterns {
		g := group(p)
		if _, ok := index[g]; !ok {
			index[g] = len(index)
		}
		of[i] = index[g]
	}
	const draws = 400
	var shares []float64
	for draw := range draws {
		times := make([]float64, len(index))
		rng := noise.Stream(5, uint64(draw))
		for range index {
			times[rng.IntN(len(index))]++
		}
		shares = append(shares, balanced(patterns, right, func(i int) float64 { return times[of[i]] }))
	}
	slices.Sort(shares)
	r.low, r.high = shares[draws/40], shares[draws-1-draws/40]
	return r
}

// ofFile and ofSession are what patterns are split by: no pattern of a recording, or of all that a
// drummer played in a session, is learned from when another of it is judged.
func ofFile(p drumPattern) string    { return p.file }
func ofSession(p drumPattern) string { return p.session }
