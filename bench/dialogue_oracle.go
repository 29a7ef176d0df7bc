package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/family"
	"atelier/model/nn"
	"atelier/model/train"
	checkpoints "atelier/model/weights"
)

// The oracle experiment (Yu et al. 2017, arXiv:1609.05473, section 4): an LSTM with random weights
// writes texts, models learn from them, and the oracle tells how likely it finds what they write.
const (
	oracleLength  = 20
	oracleWidth   = 32
	oracleTests   = 2000 // texts of a model that the oracle reads
	oracleLooks   = 8    // measurements of maximum likelihood
	mostAbove     = 1.02 // the last of which is this close to the best
	leastBelow    = 0.1  // nats that the game gains
	oracleSeed    = 1
	oracleStates  = "oracle.safetensors"
	oracleSavings = 10 // steps of the game between two checkpoints
)

// Keys of random numbers.
const (
	oracleWeights = iota + 1
	oracleTexts
	_ // of the order
	oracleDrawn
)

// An oracleRun is the experiment under way.
type oracleRun struct {
	*Dialogue
	on      *Machine
	cell    *arch.LSTMCell
	spec    data.Spec
	loop    *train.Loop
	batches *textBatches
	model   family.Tempered
	likely  family.Likely
	tests   [][]int32 // texts of the oracle that no model learned from
	past    oraclePast
	begun   time.Time
}

// oraclePast is what was measured until a checkpoint.
type oraclePast struct {
	Step      int       `json:"step"`
	Position  uint64    `json:"position"`
	Likely    []float64 `json:"likely"` // of maximum likelihood, in nats per token
	Game      []float64 `json:"game"`
	Colder    []float64 `json:"colder"`   // likelihood at temperatures
	HeldOut   []float64 `json:"held_out"` // texts of the oracle under likelihood, and under the game's end
	Seconds   float64   `json:"seconds"`
	SelfFloor float64   `json:"self"` // of the oracle's own texts
}

// oracle runs the experiment.
func (s *Dialogue) oracle(ctx context.Context, on *Machine, emit func(Row)) error {
	r, err := s.oracleRun(on)
	if err != nil {
		return err
	}
	if err := r.resume(); err != nil {
		return err
	}
	r.begun = time.Now()
	r.loop.Hooks = []train.Hook{r.look}
	if err := r.loop.Run(ctx); err != nil {
		if ctx.Err() != nil {
			return errors.Join(err, r.save())
		}
		return err
	}
	r.report(emit)
	return nil
}

// oracleRun prepares the experiment.
func (s *Dialogue) oracleRun(on *Machine) (*oracleRun, error) {
	rng := noise.Stream(oracleSeed, oracleWeights)
	cell := arch.NewLSTMCell(arch.LSTM{Vocabulary: s.Vocabulary, Embedding: oracleWidth, Hidden: oracleWidth},
		func() float32 { return float32(rng.NormFloat64()) })
	spec := data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Tokens, Shape: []int{oracleLength}, Vocabulary: s.Vocabulary}}}
	texts := family.LSTMTexts(cell, s.Sequences, oracleLength, func(i int) uint64 { return noise.Bits(uint64(i)) ^ oracleTexts })
	made, err := registry.Make[family.Family]("seqgan", fmt.Sprintf("embedding=%d", oracleWidth), fmt.Sprintf("hidden=%d", oracleWidth),
		fmt.Sprintf("rollouts=%d", s.Rollouts), fmt.Sprintf("pretrain=%d", s.Pretrain), fmt.Sprintf("pretrain_d=%d", s.PretrainD))
	if err != nil {
		return nil, err
	}
	m, err := made.Value.Model(spec)
	if err != nil {
		return nil, err
	}
	schedule, err := registry.Make[train.Schedule]("constant")
	if err != nil {
		return nil, err
	}
	store := model.NewStore()
	nn.Seed(store, oracleSeed)
	r := &oracleRun{Dialogue: s, on: on, cell: cell, spec: spec, batches: &textBatches{spec: spec, texts: texts, size: s.Batch, seed: oracleSeed}, model: m.(family.Tempered), likely: m.(family.Likely)}
	r.loop = &train.Loop{Backend: on.Backend, Store: store, Stages: m.Stages(), Batches: r.batches, Schedule: schedule.Value,
		Seed: oracleSeed, Total: s.Pretrain + s.PretrainD + s.Game, Damping: 1}
	r.tests = family.LSTMTexts(cell, oracleTests, oracleLength, func(i int) uint64 { return noise.Bits(uint64(i)) ^ oracleDrawn })
	r.past.SelfFloor = r.nats(r.tests)
	return r, r.loop.Build(spec, s.Batch)
}

// path is where the checkpoint is.
func (r *oracleRun) path() string { return filepath.Join(r.folder(r.on), oracleStates) }

// resume goes on from a checkpoint with the same settings.
func (r *oracleRun) resume() error {
	f, err := checkpoints.Load(r.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if f.Metadata["settings"] != fmt.Sprint(r.stamp()) || f.Metadata["program"] != r.on.Studio.Program {
		return nil
	}
	if err := json.Unmarshal([]byte(f.Metadata["past"]), &r.past); err != nil {
		return err
	}
	r.loop.Step, r.batches.position = r.past.Step, r.past.Position
	r.on.Tell(fmt.Sprintf("oracle: going on after step %d of %d", r.past.Step, r.loop.Total))
	return f.Restore(r.loop.Store)
}

// save writes a checkpoint.
func (r *oracleRun) save() error {
	r.past.Step, r.past.Position = r.loop.Step, r.batches.position
	r.past.Seconds += time.Since(r.begun).Seconds()
	r.begun = time.Now()
	past, err := json.Marshal(r.past)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(r.folder(r.on), 0o777); err != nil {
		return err
	}
	return checkpoints.Save(r.path(), r.loop.Store, map[string]string{"settings": fmt.Sprint(r.stamp()), "program": r.on.Studio.Program, "past": string(past)})
}

// oracleTemperatures are those at which likelihood is set beside the game.
var oracleTemperatures = []float64{1, 0.9, 0.8, 0.7}

// look measures after some steps.
func (r *oracleRun) look(ctx context.Context, e train.Event) error {
	game := e.Step - r.Pretrain - r.PretrainD
	switch {
	case e.Step <= r.Pretrain && e.Step%(r.Pretrain/oracleLooks) == 0:
		x, err := r.measure(ctx, 1)
		if err != nil {
			return err
		}
		r.past.Likely = append(r.past.Likely, x)
		r.on.Tell(fmt.Sprintf("oracle: %d steps of likelihood: %.3f nats", e.Step, x))
	case game > 0 && (game%oracleSavings == 0 || game == r.Game):
		x, err := r.measure(ctx, 1)
		if err != nil {
			return err
		}
		r.past.Game = append(r.past.Game, x)
		r.on.Tell(fmt.Sprintf("oracle: %d steps of the game: %.3f nats", game, x))
	case game == 0: // the generator is still that of likelihood
	default:
		return nil
	}
	if game == 0 || game == r.Game {
		x, err := r.heldOut(ctx)
		if err != nil {
			return err
		}
		r.past.HeldOut = append(r.past.HeldOut, x)
	}
	if e.Step == r.Pretrain {
		for _, t := range oracleTemperatures {
			x, err := r.measure(ctx, t)
			if err != nil {
				return err
			}
			r.past.Colder = append(r.past.Colder, x)
		}
	}
	return r.save()
}

// measure is the mean negative log-probability of a token of the model's texts under the oracle.
func (r *oracleRun) measure(ctx context.Context, temperature float64) (float64, error) {
	texts, err := written(ctx, r.model, r.loop.Store, temperature, oracleTests)
	if err != nil {
		return 0, err
	}
	return r.nats(texts), nil
}

// heldOut is the mean negative log-probability of a token of the oracle's texts under the model: high
// where it has forgotten some of what the oracle writes.
func (r *oracleRun) heldOut(ctx context.Context) (float64, error) {
	likely, err := r.likely.Likelihood(r.loop.Backend, r.loop.Store)
	if err != nil {
		return 0, err
	}
	b := data.NewBatch(r.spec, len(r.tests))
	for i, text := range r.tests {
		copy(b.Columns[0].Tokens(i), text)
	}
	each, err := likely(ctx, b)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, x := range each {
		sum += x
	}
	return sum / float64(len(each)), nil
}

// nats is the mean negative log-probability of a token of texts under the oracle.
func (r *oracleRun) nats(texts [][]int32) float64 {
	return -family.LSTMLogProbability(r.cell, texts) / float64(len(texts)*oracleLength)
}

// report emits the rows.
func (r *oracleRun) report(emit func(Row)) {
	last, best := r.past.Likely[len(r.past.Likely)-1], math.Inf(1)
	for _, x := range r.past.Likely {
		best = min(best, x)
	}
	size := strconv.Itoa(r.Vocabulary) + " tokens"
	floor := r.past.SelfFloor
	emit(Row{Name: "oracle of " + size + ": likelihood", Value: last, Unit: "nats", Bar: fmt.Sprintf("<= %g of the best on the way", mostAbove), Holds: last <= mostAbove*best, Peer: &best, Floor: &floor, N: oracleTests})
	for i, t := range oracleTemperatures[1:] {
		emit(Row{Name: fmt.Sprintf("oracle of %s: likelihood at temperature %g", size, t), Value: r.past.Colder[i+1], Unit: "nats", Holds: true, Floor: &floor, N: oracleTests})
	}
	end := r.past.Game[len(r.past.Game)-1]
	emit(Row{Name: fmt.Sprintf("oracle of %s: seqgan after %d steps", size, r.Game), Value: end, Unit: "nats", Bar: fmt.Sprintf("<= likelihood - %g", leastBelow), Holds: end <= last-leastBelow, Peer: &last, Floor: &floor, N: oracleTests})
	if held := r.past.HeldOut; len(held) == 2 {
		emit(Row{Name: "oracle of " + size + ": its own texts under seqgan", Value: held[1], Unit: "nats", Holds: true, Peer: &held[0], N: oracleTests})
	}
	emit(Row{Name: "oracle: time", Value: r.past.Seconds + time.Since(r.begun).Seconds(), Unit: "s", Bar: "<= 3600", Holds: r.past.Seconds <= 3600})
}
