package run

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/stat"

	"atelier/data"
	"atelier/model/family"
	"atelier/model/train"
)

// The loss on held-out examples during training, of models with a likelihood.
const (
	heldOutStat  = "held-out/loss" // among the statistics of a step
	heldOutBatch = 16              // examples, always the same
	heldOutLines = 100             // of a run with that statistic
)

// heldOut measures the loss on held-out examples of a model in training.
type heldOut struct {
	examples   *data.Batch
	likelihood family.Likelihood
}

// heldOutEvery is the number of steps between measurements, given the steps of a run.
func heldOutEvery(total int) int {
	every := statsEvery(total)
	return every * max(1, total/(heldOutLines*every))
}

// holdOut adds the loss on held-out examples to the statistics of some steps.
func (t *trainer) holdOut(ctx context.Context, e train.Event) error {
	m, likely := t.model.(family.Likely)
	if !likely || t.data.test == nil || t.data.test.Len() == 0 || e.Step%heldOutEvery(e.Total) != 0 && e.Step != e.Total {
		return nil
	}
	if t.unseen == nil {
		var held heldOut
		var err error
		if held.examples, err = t.data.reals(data.Test, heldOutBatch, 0); err != nil {
			return err
		}
		if held.likelihood, err = m.Likelihood(t.studio.Backend, t.store); err != nil {
			return err
		}
		t.unseen = &held
	}
	// A step is never left unfinished.
	nats, err := t.unseen.likelihood(context.WithoutCancel(ctx), t.unseen.examples)
	if err != nil {
		return fmt.Errorf("held-out loss: %w", err)
	}
	e.Stats[heldOutStat] = stat.Mean(nats, nil)
	return nil
}
