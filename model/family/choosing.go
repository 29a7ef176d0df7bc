package family

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"atelier/internal/registry"
)

// A Choosing says how the next token is chosen by its logits.
type Choosing struct {
	Temperature float64 `help:"what logits are divided by: below 1 the likely gets likelier; 0 takes the likeliest"`
	TopK        int     `toml:"top_k" help:"choose among this many likeliest tokens; 0 among all"`
	TopP        float64 `toml:"top_p" help:"choose among the likeliest tokens that together have this probability (Holtzman et al. 2019, arXiv:1904.09751); 1 among all"`
}

// Plain chooses by the model's own probabilities.
var Plain = Choosing{Temperature: 1, TopP: 1}

// Check reports a setting that is out of range.
func (c *Choosing) Check() error {
	switch {
	case !(c.Temperature >= 0) || c.Temperature > 100:
		return registry.Unfit("temperature", fmt.Sprintf("want 0 to 100, got %g", c.Temperature))
	case c.TopK < 0:
		return registry.Unfit("top_k", fmt.Sprintf("want at least 0, got %d", c.TopK))
	case !(c.TopP > 0 && c.TopP <= 1):
		return registry.Unfit("top_p", fmt.Sprintf("want more than 0, at most 1, got %g", c.TopP))
	}
	return nil
}

// A chooser chooses tokens of a vocabulary one after another.
type chooser struct {
	Choosing
	rng    *rand.Rand
	order  []int32   // tokens, the likeliest first where that matters
	weight []float64 // exponentials of logits, in that order
}

func newChooser(c Choosing, rng *rand.Rand, vocabulary int) *chooser {
	return &chooser{Choosing: c, rng: rng, order: make([]int32, vocabulary), weight: make([]float64, vocabulary)}
}

// choose returns a token by the logits [vocabulary].
func (c *chooser) choose(logits []float32) int32 {
	best := 0
	for i, l := range logits {
		c.order[i] = int32(i)
		if l > logits[best] {
			best = i
		}
	}
	if c.Temperature == 0 {
		return int32(best)
	}
	order := c.order[:c.kept(logits)]
	total := 0.0
	for i, token := range order {
		c.weight[i] = math.Exp(float64(logits[token]-logits[best]) / c.Temperature)
		total += c.weight[i]
	}
	if c.TopP < 1 {
		order, total = c.nucleus(order, total)
	}
	at := c.rng.Float64() * total
	for i := range order {
		if at -= c.weight[i]; at < 0 {
			return order[i]
		}
	}
	return order[len(order)-1] // rounding
}

// kept is how many tokens of the order are chosen among, after the order is sorted
// if it has to be.
func (c *chooser) kept(logits []float32) int {
	n := len(logits)
	if c.TopK == 0 && c.TopP == 1 {
		return n
	}
	slices.SortFunc(c.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(logits[b], logits[a]), cmp.Compare(a, b))
	})
	if c.TopK > 0 {
		n = min(n, c.TopK)
	}
	return n
}

// nucleus returns the fewest likeliest tokens that have the share TopP of the total,
// and their total.
func (c *chooser) nucleus(order []int32, total float64) ([]int32, float64) {
	sum := 0.0
	for i := range order {
		if sum += c.weight[i]; sum >= c.TopP*total {
			return order[:i+1], sum
		}
	}
	return order, total
}
