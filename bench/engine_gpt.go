package bench

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"atelier/data"
	"atelier/model/family"
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

// gptMultiplications are those of a token that attends to so many others.
func gptMultiplications(others float64) float64 {
	return gptLayers*(12*gptWidth*gptWidth+2*others*gptWidth) + gptWidth*gptVocabulary
}

// gptTraining is the training of a GPT, as peers/gpt.py has it.
func gptTraining() work {
	// Backwards there are two products for each one forwards.
	flops := 3 * 2 * gptBatch * gptContext * gptMultiplications(gptContext)
	return work{unit: "steps/s", units: 1, flops: flops, open: training(gptModel, gptTexts, gptBatch)}
}

// gptSampling is the writing of texts as long as the context, one at a time and token
// by token, with the first weights of the same GPT.
func gptSampling() work {
	const tokens = gptContext - 1
	return work{unit: "tokens/s", units: tokens, flops: 2 * gptMultiplications(gptContext/2.),
		open: func(b compute.Backend) (func() error, error) {
			m, loop, err := trainer(b, gptModel, gptTexts, gptBatch)
			if err != nil {
				return nil, err
			}
			writing, ok := m.(family.Writing)
			if !ok {
				return nil, fmt.Errorf("a %T does not write", m)
			}
			writer, err := writing.Writer(b, loop.Store)
			if err != nil {
				return nil, err
			}
			seed := uint64(0)
			return func() error {
				written := 0
				seed++
				for _, err := range writer.Write(context.Background(), seed, nil, family.Plain) {
					if err != nil {
						return err
					}
					if written++; written == tokens {
						break
					}
				}
				return nil
			}, nil
		}}
}
