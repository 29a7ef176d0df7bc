package bench

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/family"
	"atelier/model/train"
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
	gptFamily = &family.LM{
		Network:   registry.Choice[arch.LanguageModelArch]{Value: &arch.GPT{Layers: gptLayers, Heads: gptHeads, Width: gptWidth}},
		Optimizer: train.Adam{Rate: 1e-3, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8, Decay: 0.1},
	}
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
	return work{unit: "steps/s", units: 1, flops: flops, open: training(gptFamily, gptTexts, gptBatch)}
}

// gptSampling is the writing of texts as long as the context, one at a time and token
// by token, with the first weights of the same GPT.
func gptSampling() work {
	const tokens = gptContext - 1
	return work{unit: "tokens/s", units: tokens, flops: 2 * gptMultiplications(gptContext/2.),
		open: func(b compute.Backend) (func() error, error) {
			m, loop, err := trainer(b, gptFamily, gptTexts, gptBatch)
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
