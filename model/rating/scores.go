package rating

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"atelier/internal/noise"
)

// A Standing is how good a side is.
type Standing struct {
	Side string `json:"side"`
	// Score is the natural logarithm of its strength in the model of Bradley and Terry (1952,
	// doi:10.2307/2334029); the mean over all sides is 0. A side wins against another with the
	// probability 1/(1+exp(-difference)).
	Score float64 `json:"score"`
	// Low and High bound the score with 95 % confidence.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Wins, Ties and Losses count first votes.
	Wins   int `json:"wins"`
	Ties   int `json:"ties"`
	Losses int `json:"losses"`
}

// An Agreement is how often a rater gave the same answer to a question that was hidden among others.
type Agreement struct {
	Rater  string `json:"rater"`
	Votes  int    `json:"votes"`
	Same   int    `json:"same"`
	Asked  int    `json:"asked"`  // again
	Lefts  int    `json:"lefts"`  // votes for the left side
	Rights int    `json:"rights"` // and for the right side
}

// An Accord is how often two raters gave the same answer to the same question.
type Accord struct {
	Same  int `json:"same"`
	Asked int `json:"asked"` // pairs of raters and questions
}

// A Result is what votes come to.
type Result struct {
	Standings []Standing  `json:"standings"` // the best first
	Raters    []Agreement `json:"raters"`
	Between   Accord      `json:"between"` // raters
	Votes     int         `json:"votes"`   // first ones
	Items     int         `json:"items"`
}

const (
	prior     = 0.5  // wins that every two sides are given against each other: without them a side that never lost would be infinitely good
	rounds    = 1000 // at most
	precise   = 1e-10
	resamples = 1000 // of the items
	tail      = 0.025
)

// Score turns votes into standings. Repeats count for the agreement alone, ties as half a win each.
// The interval is the wider of two: that of drawing the items anew (Efron 1979,
// doi:10.1214/aos/1176344552), as votes on the same item are not independent, and that of the
// model's information, which does not vanish where all votes agree.
func Score(votes []Vote) Result {
	sides, items := map[string]bool{}, map[string][]Vote{}
	r := Result{Standings: []Standing{}}
	for _, v := range votes {
		sides[v.Left], sides[v.Right] = true, true
		if !v.Repeat {
			items[v.Item] = append(items[v.Item], v)
			r.Votes++
		}
	}
	names, keys := slices.Sorted(maps.Keys(sides)), slices.Sorted(maps.Keys(items))
	r.Items, r.Raters, r.Between = len(keys), append([]Agreement{}, agreements(votes)...), accord(items)
	all := table(names, slices.Concat(slices.Collect(maps.Values(items))...))
	scores := strengths(all)
	each := make([][][]float64, len(keys))
	for i, k := range keys {
		each[i] = table(names, items[k])
	}
	low, high := intervals(each, len(names))
	for i, width := range widths(all, scores) {
		low[i], high[i] = math.Min(low[i], scores[i]-width), math.Max(high[i], scores[i]+width)
	}
	for i, name := range names {
		s := Standing{Side: name, Score: scores[i], Low: low[i], High: high[i]}
		for _, v := range votes {
			if !v.Repeat && (v.Left == name || v.Right == name) {
				s.count(v)
			}
		}
		r.Standings = append(r.Standings, s)
	}
	slices.SortStableFunc(r.Standings, func(a, b Standing) int { return cmp.Compare(b.Score, a.Score) })
	return r
}

// count counts a vote on the side.
func (s *Standing) count(v Vote) {
	switch v.winner() {
	case "":
		s.Ties++
	case s.Side:
		s.Wins++
	default:
		s.Losses++
	}
}

// table counts how often each side won against each other: [winner][loser].
func table(names []string, votes []Vote) [][]float64 {
	wins := make([][]float64, len(names))
	for i := range wins {
		wins[i] = make([]float64, len(names))
	}
	for _, v := range votes {
		a, _ := slices.BinarySearch(names, v.Left)
		b, _ := slices.BinarySearch(names, v.Right)
		switch v.For {
		case ForLeft:
			wins[a][b]++
		case ForRight:
			wins[b][a]++
		default:
			wins[a][b] += 0.5
			wins[b][a] += 0.5
		}
	}
	return wins
}

// strengths are the logarithms of the strengths that make wins likeliest, with the prior, by
// the MM algorithm (Hunter 2004, doi:10.1214/aos/1079120141).
func strengths(wins [][]float64) []float64 {
	n := len(wins)
	p := make([]float64, n)
	for i := range p {
		p[i] = 1
	}
	for range rounds {
		change := 0.0
		next := make([]float64, n)
		for i := range next {
			won, met := 0.0, 0.0
			for j := range p {
				if i != j {
					won += wins[i][j] + prior
					met += (wins[i][j] + wins[j][i] + 2*prior) / (p[i] + p[j])
				}
			}
			next[i] = won / met
		}
		mean := 0.0
		for _, x := range next {
			mean += math.Log(x) / float64(n)
		}
		for i := range next {
			next[i] /= math.Exp(mean)
			change = math.Max(change, math.Abs(math.Log(next[i]/p[i])))
		}
		if p = next; change < precise {
			break
		}
	}
	for i := range p {
		p[i] = math.Log(p[i])
	}
	return p
}

// intervals bound the scores with 95 % confidence, from the votes on each item.
func intervals(each [][][]float64, n int) (low, high []float64) {
	drawn := make([][]float64, n) // scores of each side
	for k := range resamples {
		rng := noise.Stream(1, uint64(k))
		wins := make([][]float64, n)
		for i := range wins {
			wins[i] = make([]float64, n)
		}
		for range each {
			for i, row := range each[rng.IntN(len(each))] {
				for j, x := range row {
					wins[i][j] += x
				}
			}
		}
		for i, s := range strengths(wins) {
			drawn[i] = append(drawn[i], s)
		}
	}
	for _, all := range drawn {
		slices.Sort(all)
		low = append(low, all[int(tail*resamples)])
		high = append(high, all[int((1-tail)*resamples)])
	}
	return low, high
}

// widths are half the 95 % intervals of scores by the information of all votes, with the prior.
func widths(wins [][]float64, scores []float64) []float64 {
	n := len(scores)
	if n == 0 {
		return nil
	}
	// Scores have the mean 0: the information is singular but for what is added, and taken off again.
	information := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i {
			p := 1 / (1 + math.Exp(scores[j]-scores[i]))
			x := (wins[i][j] + wins[j][i] + 2*prior) * p * (1 - p)
			information.SetSym(i, i, information.At(i, i)+x)
			information.SetSym(j, j, information.At(j, j)+x)
			information.SetSym(i, j, -x)
		}
	}
	for i := range n {
		for j := range i + 1 {
			information.SetSym(i, j, information.At(i, j)+1/float64(n))
		}
	}
	all := make([]float64, n)
	var covariance mat.Dense
	if covariance.Inverse(information) != nil { // of sides so far apart that their votes say no more
		return all
	}
	for i := range all {
		all[i] = quantile * math.Sqrt(math.Max(0, covariance.At(i, i)-1/float64(n)))
	}
	return all
}

// quantile is that of the normal distribution for 95 %.
const quantile = 1.959964

// accord compares the first votes of different raters on the same sides of an item.
func accord(items map[string][]Vote) (a Accord) {
	for _, votes := range items {
		for i, v := range votes {
			for _, w := range votes[:i] {
				if v.Rater == w.Rater || !(v.Left == w.Left && v.Right == w.Right || v.Left == w.Right && v.Right == w.Left) {
					continue
				}
				a.Asked++
				if v.winner() == w.winner() {
					a.Same++
				}
			}
		}
	}
	return a
}

// winner is the side that a vote is for, empty for a tie.
func (v Vote) winner() string { return map[string]string{ForLeft: v.Left, ForRight: v.Right}[v.For] }

// agreements are those of the raters with themselves.
func agreements(votes []Vote) []Agreement {
	found := map[string]*Agreement{}
	first := map[string]string{} // side that won, by rater and pair
	key := func(v Vote, left, right string) string {
		return v.Rater + "\x00" + Pair{Item: v.Item, Left: left, Right: right}.ID()
	}
	for _, v := range votes {
		if !v.Repeat {
			first[key(v, v.Left, v.Right)] = v.winner()
		}
	}
	for _, v := range votes {
		a := found[v.Rater]
		if a == nil {
			a = &Agreement{Rater: v.Rater}
			found[v.Rater] = a
		}
		a.Votes++
		switch v.For {
		case ForLeft:
			a.Lefts++
		case ForRight:
			a.Rights++
		}
		if was, ok := first[key(v, v.Right, v.Left)]; ok && v.Repeat {
			a.Asked++
			if was == v.winner() {
				a.Same++
			}
		}
	}
	var all []Agreement
	for _, name := range slices.Sorted(maps.Keys(found)) {
		all = append(all, *found[name])
	}
	return all
}
