package library

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/dustin/go-humanize"

	"atelier/data/store"
)

const (
	mostBars  = 20
	mostSizes = 1 << 20 // kept by a census
	columns   = 32      // of a histogram
)

// A census counts what the charts show.
type census struct {
	licences, credits, labels map[string]int
	sizes                     []float64 // bytes of each Item
}

func newCensus() *census {
	return &census{licences: map[string]int{}, credits: map[string]int{}, labels: map[string]int{}}
}

func (c *census) add(r store.Row) {
	c.licences[r.Origin.Licence]++
	c.labels[r.Label]++
	if credit := cmp.Or(r.Origin.Attribution, r.Origin.Creator); credit != "" && (c.credits[credit] > 0 || len(c.credits) < mostSizes) {
		c.credits[credit]++
	}
	if len(c.sizes) < mostSizes {
		c.sizes = append(c.sizes, float64(len(r.Bytes)))
	}
}

// A bar is a name with a number of Items, and its length in a chart.
type bar struct {
	Name    string
	N       int
	Percent float64 // of the longest
}

// bars sorts counts in descending order; those beyond the largest are added up in one bar at the
// end.
func bars(count map[string]int, most int) []bar {
	var all []bar
	for name, n := range count {
		all = append(all, bar{Name: cmp.Or(name, "unknown"), N: n})
	}
	slices.SortFunc(all, func(a, b bar) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	if len(all) > most {
		rest := bar{Name: fmt.Sprintf("%s others", humanize.Comma(int64(len(all)-most+1)))}
		for _, b := range all[most-1:] {
			rest.N += b.N
		}
		all = append(all[:most-1], rest)
	}
	return scaled(all)
}

// scaled sets the lengths of bars.
func scaled(all []bar) []bar {
	longest := 1
	for _, b := range all {
		longest = max(longest, b.N)
	}
	for i, b := range all {
		all[i].Percent = math.Round(1000*float64(b.N)/float64(longest)) / 10
	}
	return all
}

// A histogram is the distribution of sizes on a logarithmic scale.
type histogram struct {
	Columns             []bar
	Least, Middle, Most string // labels below the columns
	Median              string
}

// histogram counts the Items by size; nil if all are of one size.
func (c *census) histogram() *histogram {
	if len(c.sizes) == 0 {
		return nil
	}
	slices.Sort(c.sizes)
	low, high := max(c.sizes[0], 1), c.sizes[len(c.sizes)-1]
	if low >= high {
		return nil
	}
	edge := func(i float64) float64 { return low * math.Pow(high/low, i/columns) }
	h := &histogram{
		Columns: make([]bar, columns), Least: inBytes(low), Middle: inBytes(edge(columns / 2)), Most: inBytes(high),
		Median: inBytes(c.sizes[len(c.sizes)/2]),
	}
	for i := range h.Columns {
		h.Columns[i].Name = inBytes(edge(float64(i))) + " to " + inBytes(edge(float64(i+1)))
	}
	for _, s := range c.sizes {
		at := int(columns * math.Log(max(s, low)/low) / math.Log(high/low))
		h.Columns[min(at, columns-1)].N++
	}
	scaled(h.Columns)
	return h
}

func inBytes(n float64) string { return humanize.IBytes(uint64(max(n, 0))) }
