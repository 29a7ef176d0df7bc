package language

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"atelier/internal/registry"
)

// Sampling holds the settings of token sampling.
type Sampling struct {
	Temperature float64 `help:"sampling temperature: logits are divided by it; below 1 is more predictable, 0 is greedy"`
	TopK        int     `toml:"top_k" help:"top-k sampling: only from the k likeliest tokens; 0 is all"`
	TopP        float64 `toml:"top_p" help:"nucleus sampling: sample among the likeliest tokens whose probabilities add up to this (Holtzman et al. 2019, arXiv:1904.09751); 1 is all"`
	// MinP drops tokens less likely than this share of the most likely one's probability (Nguyen et
	// al. 2024, arXiv:2407.01082); 0 is none.
	MinP float64
	// Repetition divides the positive logits of tokens already in the text, and multiplies the
	// negative ones (Keskar et al. 2019, arXiv:1909.05858); 1 or 0 is none.
	Repetition float64
	// Presence is subtracted from the logits of tokens already written.
	Presence float64
	// Guidance is how far the logits go from those of the text without what is asked for to those
	// of the text with it: beyond them if it is more than 1; 1 or 0 is none (classifier-free
	// guidance, Ho and Salimans 2022, arXiv:2207.12598; of language models, Sanchez et al. 2023,
	// arXiv:2306.17806).
	Guidance float64
}

// Plain samples from the model's own distribution.
var Plain = Sampling{Temperature: 1, TopP: 1}

// Check reports a setting that is out of range.
func (c *Sampling) Check() error {
	switch {
	case !(c.Temperature >= 0) || c.Temperature > 100:
		return registry.Unfit("temperature", fmt.Sprintf("want 0 to 100, got %g", c.Temperature))
	case c.TopK < 0:
		return registry.Unfit("top_k", fmt.Sprintf("want at least 0, got %d", c.TopK))
	case !(c.TopP > 0 && c.TopP <= 1):
		return registry.Unfit("top_p", fmt.Sprintf("want more than 0, at most 1, got %g", c.TopP))
	case !(c.MinP >= 0 && c.MinP <= 1):
		return registry.Unfit("min_p", fmt.Sprintf("want 0 to 1, got %g", c.MinP))
	case c.Repetition != 0 && !(c.Repetition >= 0.01 && c.Repetition <= 100):
		return registry.Unfit("repetition", fmt.Sprintf("want 0.01 to 100, got %g", c.Repetition))
	case !(math.Abs(c.Presence) <= 100):
		return registry.Unfit("presence", fmt.Sprintf("want -100 to 100, got %g", c.Presence))
	case !(c.Guidance >= 0 && c.Guidance <= 100):
		return registry.Unfit("guidance", fmt.Sprintf("want 0 to 100, got %g", c.Guidance))
	}
	return nil
}

// A Constraint restricts which tokens may follow.
type Constraint interface {
	// Allows reports whether a token may follow.
	Allows(token int32) bool
	// Accept adds an allowed token.
	Accept(token int32)
	// Done reports whether the text is complete: nothing may follow.
	Done() bool
}

// A tokenSampler samples the tokens of one text.
type tokenSampler struct {
	Sampling
	kernels    Kernels
	constraint Constraint // nil for none
	rng        *rand.Rand
	logits     []float32 // adjusted
	order      []int32   // candidates
	heavy      []int32   // the most likely of those
	scaled     []float32 // of the candidates: logits by the temperature, then their exponentials
	weight     []float64 // of a token, if it is a candidate
	seen       map[int32]bool
	written    map[int32]bool
}

func newTokenSampler(c Sampling, k Kernels, rng *rand.Rand, vocabulary int) *tokenSampler {
	s := &tokenSampler{Sampling: c, kernels: k, rng: rng, order: make([]int32, 0, vocabulary), scaled: make([]float32, vocabulary), weight: make([]float64, vocabulary)}
	if c.penalizes() {
		s.seen, s.written = map[int32]bool{}, map[int32]bool{}
	}
	return s
}

func (c *Sampling) penalizes() bool {
	return c.Repetition != 0 && c.Repetition != 1 || c.Presence != 0
}

func (c *Sampling) guides() bool { return c.Guidance != 0 && c.Guidance != 1 }

// read adds tokens of the text to those penalized.
func (c *tokenSampler) read(tokens []int32, own bool) {
	if c.seen == nil {
		return
	}
	for _, t := range tokens {
		c.seen[t] = true
		c.written[t] = c.written[t] || own
	}
}

// adjusted returns the logits after penalties and the constraint.
func (c *tokenSampler) adjusted(logits []float32) []float32 {
	if len(c.seen) == 0 && c.constraint == nil {
		return logits
	}
	c.logits = append(c.logits[:0], logits...)
	for t := range c.seen {
		l := &c.logits[t]
		if c.Repetition != 0 {
			if *l > 0 {
				*l /= float32(c.Repetition)
			} else {
				*l *= float32(c.Repetition)
			}
		}
		if c.written[t] {
			*l -= float32(c.Presence)
		}
	}
	if c.constraint != nil {
		for t := range c.logits {
			if !c.constraint.Allows(int32(t)) {
				c.logits[t] = float32(math.Inf(-1))
			}
		}
	}
	return c.logits
}

// sample draws a token from the logits [vocabulary]; ok is false if no token may follow.
func (c *tokenSampler) sample(given []float32) (token int32, ok bool) {
	logits := c.adjusted(given)
	best := 0
	for i, l := range logits {
		if l > logits[best] {
			best = i
		}
	}
	if math.IsInf(float64(logits[best]), -1) {
		return 0, false
	}
	if c.Temperature == 0 {
		return int32(best), true
	}
	order, total := c.candidates(logits, best)
	at := c.rng.Float64() * total
	for _, token := range order {
		if at -= c.weight[token]; at < 0 {
			return token, true
		}
	}
	return int32(best), true // rounding
}

// candidates returns the tokens that may be drawn, and their total weight.
func (c *tokenSampler) candidates(logits []float32, best int) (order []int32, total float64) {
	order = c.order[:0]
	if c.TopK > 0 && c.TopK < len(logits) {
		order = c.likeliest(logits, c.TopK)
	} else {
		for i := range logits {
			order = append(order, int32(i))
		}
	}
	scaled := c.scaled[:len(order)]
	for i, token := range order {
		scaled[i] = float32(float64(logits[token]-logits[best]) / c.Temperature)
	}
	c.kernels.Exp(scaled, scaled)
	for i, token := range order {
		w := float64(scaled[i])
		if w < c.MinP { // of the likeliest, whose weight is 1
			w = 0
		}
		c.weight[token] = w
		total += w
	}
	if c.TopP < 1 {
		return c.nucleus(order, total)
	}
	return order, total
}

// likelier orders tokens by descending logit, then by number.
func likelier(logits []float32) func(a, b int32) int {
	return func(a, b int32) int { return cmp.Or(cmp.Compare(logits[b], logits[a]), cmp.Compare(a, b)) }
}

// likeliest returns the k tokens with the largest logits, in order. It sorts only those above a
// bound, which is lowered until there are enough.
func (c *tokenSampler) likeliest(logits []float32, k int) []int32 {
	bound := slices.Max(logits)
	for step := float32(2); ; step *= 2 {
		bound -= step
		order := c.order[:0]
		for i, l := range logits {
			if l >= bound || step > 1e6 {
				order = append(order, int32(i))
			}
		}
		if len(order) >= k {
			slices.SortFunc(order, likelier(logits))
			return order[:k]
		}
	}
}

// nucleus returns the smallest set of most likely tokens with the share TopP of the total weight,
// in order, and their weight.
func (c *tokenSampler) nucleus(order []int32, total float64) ([]int32, float64) {
	heavier := func(a, b int32) int { return cmp.Or(cmp.Compare(c.weight[b], c.weight[a]), cmp.Compare(a, b)) }
	for bound := 1e-2; ; bound *= 1e-2 { // most tokens have a negligible weight
		c.heavy = c.heavy[:0]
		for _, token := range order {
			if c.weight[token] >= bound || bound < 1e-300 {
				c.heavy = append(c.heavy, token)
			}
		}
		slices.SortFunc(c.heavy, heavier)
		sum := 0.0
		for i, token := range c.heavy {
			if sum += c.weight[token]; sum >= c.TopP*total {
				return c.heavy[:i+1], sum
			}
		}
		if len(c.heavy) == len(order) {
			return c.heavy, sum
		}
	}
}

// logProbability is the natural logarithm of a token's probability under logits.
func logProbability(logits []float32, token int32) float64 {
	most := slices.Max(logits)
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(float64(l - most))
	}
	return float64(logits[token]-most) - math.Log(sum)
}
