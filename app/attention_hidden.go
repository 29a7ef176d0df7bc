package app

import (
	"cmp"
	"context"
	"math"
	"slices"

	"atelier/internal/noise"
	"atelier/model/language"
)

// mostOf are the indices of the largest values, the largest first.
func mostOf(x []float64, n int) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[b], x[a]) })
	return order[:min(n, len(order))]
}

// randomHidings is the number of random choices of tokens that are hidden for comparison.
const randomHidings = 8

// hide measures what hiding tokens from a later one changes in its prediction: those that it attends
// to most by the mean of all layers and heads, and others. The token itself is never hidden.
func (f *FoundAttention) hide(ctx context.Context, p *pen, all *attended) error {
	weights := all.mean(0, 0)
	for t := hiddenTokens * 2; t < len(all.tokens); t++ {
		before := p.model.NewText()
		if err := p.model.Read(ctx, language.Reading{Text: before, Tokens: all.tokens[:t]}); err != nil {
			return err
		}
		predict := func(hidden []int) ([]float64, error) {
			logits := make([]float32, p.model.Vocabulary)
			err := p.model.Read(ctx, language.Reading{Text: before.Clone(), Tokens: all.tokens[t : t+1], Logits: logits, Hidden: hidden})
			return logProbabilities(logits), err
		}
		plain, err := predict(nil)
		if err != nil {
			return err
		}
		most := mostOf(weights[t][:t], hiddenTokens)
		without, err := predict(most)
		if err != nil {
			return err
		}
		f.Hidden += divergence(plain, without)
		for i := range randomHidings {
			var others []int
			for _, k := range noise.Stream(uint64(t), uint64(i), hidingNoise).Perm(t) {
				if len(others) < hiddenTokens && !slices.Contains(most, k) {
					others = append(others, k)
				}
			}
			if without, err = predict(others); err != nil {
				return err
			}
			f.Random += divergence(plain, without) / randomHidings
		}
		f.Measured++
	}
	if f.Measured > 0 {
		f.Hidden, f.Random = f.Hidden/float64(f.Measured), f.Random/float64(f.Measured)
	}
	f.Ratio = f.Hidden / max(f.Random, 1e-9)
	return nil
}

// hidingNoise is the key of the choice of random tokens.
const hidingNoise = 0x68696465 // "hide"

// logProbabilities are the logarithms of the probabilities of logits.
func logProbabilities(logits []float32) []float64 {
	most, sum := float64(slices.Max(logits)), 0.
	for _, x := range logits {
		sum += math.Exp(float64(x) - most)
	}
	out := make([]float64, len(logits))
	for i, x := range logits {
		out[i] = float64(x) - most - math.Log(sum)
	}
	return out
}

// divergence is the Kullback-Leibler divergence of the distribution q from p, both in logarithms.
func divergence(p, q []float64) (sum float64) {
	for i := range p {
		sum += math.Exp(p[i]) * (p[i] - q[i])
	}
	return sum
}
