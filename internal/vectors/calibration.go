package vectors

import (
	"cmp"
	"math"
	"slices"
)

// The sizes of a calibration.
const (
	askedWorks  = 200 // works whose nearest other is looked for, at most
	leastWorks  = 20  // works below which there is none
	perGroup    = 10  // works in a group, at least
	mostGroups  = 10
	unusualTail = 100 // one in so many works of the set is farther from all others than is usual
)

// A Calibration says what a nearness of unit vectors is worth in a set: how far two of its works that are
// so near agree, on average. It needs no other data than the set.
type Calibration struct {
	// Usual is the nearness that 99 of 100 works of the set have to their nearest other at least.
	Usual float64

	near, agree []float64 // corners of a line that does not fall, from (0, 0) to (1, 1)
}

// Calibrate asks of up to 200 works of an index how far each agrees with the nearest of the others, in
// [0, 1]. Only works that count are looked at, and copies of a work do not count for it. With fewer
// than 20 works there is nothing to tell, and the result is nil.
func Calibrate(x *Index, counts func(Work) bool, agree func(a, b Work) float64) *Calibration {
	var those []int
	for i, w := range x.Works {
		if counts(w) {
			those = append(those, i)
		}
	}
	if len(those) < leastWorks {
		return nil
	}
	type pair struct{ near, agree float64 }
	asked := min(askedWorks, len(those))
	var all []pair
	for k := range asked {
		i := those[k*len(those)/asked]
		best, at := math.Inf(-1), -1
		for _, j := range those {
			if x.Works[j].Sum == x.Works[i].Sum {
				continue
			}
			if near := Product(x.Row(i), x.Row(j)); near > best {
				best, at = near, j
			}
		}
		if at >= 0 {
			all = append(all, pair{max(best, 0), agree(x.Works[i], x.Works[at])})
		}
	}
	if len(all) < leastWorks {
		return nil
	}
	slices.SortStableFunc(all, func(a, b pair) int { return cmp.Compare(a.near, b.near) })
	c := &Calibration{Usual: all[len(all)/unusualTail].near, near: []float64{0}, agree: []float64{0}}
	var of []float64 // how many pairs are behind each corner
	groups := min(mostGroups, len(all)/perGroup)
	for g := range groups {
		members := all[g*len(all)/groups : (g+1)*len(all)/groups]
		n, near, agree := float64(len(members)), 0., 0.
		for _, p := range members {
			near, agree = near+p.near/n, agree+p.agree/n
		}
		// Corners that would fall are joined (Ayer et al. 1955, doi:10.1214/aoms/1177728423).
		for last := len(of) - 1; last >= 0 && c.agree[last+1] >= agree; last-- {
			sum := n + of[last]
			near = (near*n + c.near[last+1]*of[last]) / sum
			agree = (agree*n + c.agree[last+1]*of[last]) / sum
			n, of, c.near, c.agree = sum, of[:last], c.near[:last+1], c.agree[:last+1]
		}
		of, c.near, c.agree = append(of, n), append(c.near, near), append(c.agree, agree)
	}
	c.near, c.agree = append(c.near, 1), append(c.agree, 1)
	return c
}

// Of is how far works of that nearness agree, in [0, 1].
func (c *Calibration) Of(near float64) float64 {
	if near >= 1 {
		return 1
	}
	at, _ := slices.BinarySearch(c.near, max(near, 0))
	if at == 0 {
		return 0
	}
	from, to := c.near[at-1], c.near[at]
	if to <= from {
		return c.agree[at]
	}
	return c.agree[at-1] + (c.agree[at]-c.agree[at-1])*(max(near, 0)-from)/(to-from)
}
