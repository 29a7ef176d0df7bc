package bench

import (
	"context"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/graphs"
	"atelier/model/nn"
	"atelier/model/train"
)

// grooveStyles are the styles that patterns of drums are told apart by: those of most recordings of
// Groove (Gillick et al. 2019, arXiv:1905.06118).
var grooveStyles = []string{"rock", "funk", "jazz", "hiphop"}

// A drumPattern is two bars of drums of a recording.
type drumPattern struct {
	style         int // of grooveStyles
	file, session string
	x             []float32 // of patternNumbers
}

// The features of a pattern: of each class and step whether and how hard it is struck, and for each
// class how often and how hard on average. Neither tempo nor what lies between the sixteenths is.
const (
	patternSteps   = 32
	patternNumbers = 2*patternSteps*midi.DrumClasses + 2*midi.DrumClasses
	leastStrokes   = 6 // of a pattern that counts
)

// patternsOf cuts a piece into its patterns of two bars of 4/4 one after another, the last one only
// if it is whole. Strokes go to the nearest sixteenth.
func patternsOf(song *midi.Song) (all [][]float32) {
	grid := midi.Grid{Steps: 4, Quarter: int64(song.Quarter)}
	whole := grid.Step(song.End) / patternSteps
	strokes := make([]int, whole)
	all = make([][]float32, whole)
	for i := range all {
		all[i] = make([]float32, patternNumbers)
	}
	for _, n := range song.Notes {
		step := grid.Step(n.At)
		if !n.Drum() || step/patternSteps >= whole {
			continue
		}
		x := all[step/patternSteps]
		at := 2 * (int(step%patternSteps)*midi.DrumClasses + n.DrumClass())
		if x[at] == 0 {
			strokes[step/patternSteps]++
		}
		x[at], x[at+1] = 1, max(x[at+1], float32(n.Velocity)/127)
	}
	kept := all[:0]
	for i, x := range all {
		if strokes[i] < leastStrokes {
			continue
		}
		totals := x[2*patternSteps*midi.DrumClasses:]
		for step := range patternSteps {
			for class := range midi.DrumClasses {
				at := 2 * (step*midi.DrumClasses + class)
				totals[2*class] += x[at] / 8
				totals[2*class+1] += x[at+1] / 8
			}
		}
		kept = append(kept, x)
	}
	return kept
}

// readGrooves reads the beats in 4/4 of the styles, by the card of the set, of some parts of it.
func readGrooves(ctx context.Context, splits ...data.Split) (all []drumPattern, err error) {
	set, err := registry.Make[data.Source]("card", "name=groove")
	if err != nil {
		return nil, err
	}
	for _, split := range splits {
		for it, err := range set.Value.Items(ctx, split) {
			if err != nil {
				return nil, err
			}
			style := slices.Index(grooveStyles, it.Label)
			if style < 0 || !strings.HasSuffix(it.Name, "_beat_4-4.mid") {
				continue
			}
			song, _, err := midi.Read(it.Bytes)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", it.Name, err)
			}
			for _, x := range patternsOf(song) {
				all = append(all, drumPattern{style, it.Name, path.Dir(it.Name), x})
			}
		}
	}
	return all, nil
}

// A styleJudge tells the style of a pattern by a network of dense layers.
type styleJudge struct {
	store *model.Store
	graph *graphs.Cache
}

const (
	styleScope  = "style"
	styleHidden = 96
	styleBatch  = 64
	styleSteps  = 400
	styleFolds  = 5
)

// styleSpec is what a pattern is in a batch.
func styleSpec() data.Spec {
	return data.Spec{Fields: []data.Field{
		{Name: data.Target, Kind: data.Vector, Shape: []int{patternNumbers}, High: 1},
		{Name: data.Label, Kind: data.Classes, Classes: grooveStyles},
	}}
}

// styleLogits are those of patterns x [batch, numbers]: [batch, styles].
func styleLogits(s *model.Scope, x *graph.Node, drop *nn.Dropout) *graph.Node {
	h := nn.Relu(nn.Dense(s.In("first"), drop.Of(x), styleHidden, nn.He(patternNumbers)*2)) // [batch, hidden]
	return nn.Dense(s.In("last"), drop.Of(h), len(grooveStyles), 0.02)
}

// styleBatches draw styles evenly, and of each a pattern.
type styleBatches struct {
	of    [][]drumPattern
	taken uint64
}

func (b *styleBatches) Position() uint64 { return b.taken }

// Next returns a batch, which depends only on how many were taken before.
func (b *styleBatches) Next(context.Context) (*data.Batch, error) {
	batch, rng := data.NewBatch(styleSpec(), styleBatch), noise.Stream(3, b.taken)
	for i := range styleBatch {
		style := i % len(b.of)
		p := b.of[style][rng.IntN(len(b.of[style]))]
		copy(batch.Column(data.Target).Row(i), p.x)
		batch.Column(data.Label).Ints[i] = int32(style)
	}
	field := data.Field{Name: keysDropout, Kind: data.Tokens, Shape: []int{nn.DropoutWords}, Vocabulary: math.MaxInt32}
	key := data.NewColumn(field, styleBatch)
	for i := range key.Ints {
		key.Ints[i] = rng.Int32()
	}
	batch.Set(key)
	b.taken++
	return batch, nil
}

// newStyleJudge trains a judge on patterns, with all styles counting the same.
func newStyleJudge(ctx context.Context, on *Machine, patterns []drumPattern) (*styleJudge, error) {
	b := &styleBatches{of: make([][]drumPattern, len(grooveStyles))}
	for _, p := range patterns {
		b.of[p.style] = append(b.of[p.style], p)
	}
	for style, all := range b.of {
		if len(all) == 0 {
			return nil, fmt.Errorf("there are no patterns of %s to learn from", grooveStyles[style])
		}
	}
	j := &styleJudge{store: model.NewStore()}
	nn.Seed(j.store, 1)
	loss := func(in *train.Inputs) *graph.Node {
		key := graph.Squeeze(graph.Slice(in.Column(keysDropout), graph.AxisElem(0)), 0)
		logits := styleLogits(in.Store.Scope(styleScope), in.Column(data.Target), nn.NewDropout(.4, key))
		is := graph.OneHot(in.Column(data.Label), len(grooveStyles), dtypes.Float32)
		return graph.Neg(graph.ReduceAllMean(graph.ReduceSum(graph.Mul(is, graph.LogSoftmax(logits)), -1)))
	}
	schedule, err := registry.Make[train.Schedule]("cosine", "floor=0.02")
	if err != nil {
		return nil, err
	}
	loop := &train.Loop{Backend: on.Backend, Store: j.store, Batches: b, Total: styleSteps, Damping: 1, Schedule: schedule.Value,
		Stages: []train.Stage{{Name: styleScope, Phases: []train.Phase{{Name: styleScope, Moves: []string{styleScope},
			Optimizer: train.NewAdam(1e-3, 0.9, 0.99, "decay=0.1").Value, Loss: loss}}}}}
	spec := styleSpec()
	spec.Fields = append(spec.Fields, data.Field{Name: keysDropout, Kind: data.Tokens, Shape: []int{nn.DropoutWords}, Vocabulary: math.MaxInt32})
	if err := loop.Build(spec, styleBatch); err != nil {
		return nil, err
	}
	if err := loop.Run(ctx); err != nil {
		return nil, err
	}
	j.graph = graphs.New(on.Backend, j.store, 1, func(_ *model.Scope, x *graph.Node) *graph.Node {
		j.store.SetTraining(x.Graph(), false)
		return styleLogits(j.store.Scope(styleScope), x, nil)
	})
	return j, nil
}

// tell tells the style of each pattern, an index of [grooveStyles].
func (j *styleJudge) tell(patterns [][]float32) (styles []int, err error) {
	for from := 0; from < len(patterns); from += styleBatch {
		x := make([]float32, styleBatch*patternNumbers)
		part := patterns[from:min(from+styleBatch, len(patterns))]
		for i, p := range part {
			copy(x[i*patternNumbers:], p)
		}
		out, err := j.graph.Call(tensors.FromFlatDataAndDimensions(x, styleBatch, patternNumbers))
		if err != nil {
			return nil, err
		}
		logits, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return nil, err
		}
		for i := range part {
			row := logits[i*len(grooveStyles):][:len(grooveStyles)]
			styles = append(styles, slices.Index(row, slices.Max(row)))
		}
	}
	return styles, nil
}
