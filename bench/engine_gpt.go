package bench

import (
	"context"
	"fmt"

	"atelier/data"
	"atelier/model/family"
	"atelier/model/language"
	"atelier/model/run"
)

// Sizes of the GPT of peers/gpt.py.
const (
	gptBatch      = 16
	gptContext    = 128
	gptLayers     = 4
	gptHeads      = 4
	gptWidth      = 128
	gptVocabulary = 256
)

var (
	gptModel = trainee{"lm", []string{
		fmt.Sprintf(`network={use="gpt", layers=%d, heads=%d, width=%d}`, gptLayers, gptHeads, gptWidth),
		"optimizer={rate=1e-3, beta1=0.9, beta2=0.99, decay=0.1}",
	}}
	gptTexts = noiseSet{field: data.Field{Name: data.Target, Kind: data.Tokens, Shape: []int{gptContext + 1}, Vocabulary: gptVocabulary}, size: 1024}
)

// gptMultiplications are the multiplications for a token that attends to n others.
func gptMultiplications(others float64) float64 {
	return gptLayers*(12*gptWidth*gptWidth+2*others*gptWidth) + gptWidth*gptVocabulary
}

// gptTraining is the training of a GPT, as in peers/gpt.py.
func gptTraining() work {
	// The backward pass has two products for each one of the forward pass.
	flops := 3 * 2 * gptBatch * gptContext * gptMultiplications(gptContext)
	return work{unit: "steps/s", units: 1, flops: flops, open: onBackend(training(gptModel, gptTexts, gptBatch))}
}

// gptSampling generates texts as long as the context, so many at once and token by token, with
// the initial weights of the same GPT.
func gptSampling(texts int) work {
	tokens := texts * (gptContext - 1)
	return work{unit: "tokens/s", units: tokens, flops: 2 * gptMultiplications(gptContext/2.),
		open: func(s *run.Studio) (func() error, error) {
			m, loop, err := trainer(s.Backend, gptModel, gptTexts, gptBatch)
			if err != nil {
				return nil, err
			}
			writing, ok := m.(family.Writing)
			if !ok {
				return nil, fmt.Errorf("a %T does not write", m)
			}
			decoder, err := writing.Decoder(loop.Store, s.Kernels)
			if err != nil {
				return nil, err
			}
			writer := &language.Writer{Model: decoder, Sampling: language.Plain}
			seed := uint64(0)
			return func() error {
				written := make([]int, texts)
				starts := make([]language.Start, texts)
				for i := range starts {
					seed++
					starts[i] = language.Start{Prompt: []int32{0}, Seed: seed}
				}
				return writer.Write(context.Background(), starts, func(text int, _ language.Token) (bool, error) {
					written[text]++
					return written[text] < gptContext-1, nil
				})
			}, nil
		}}
}
