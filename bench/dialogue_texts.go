package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/durable"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/nn"
	"atelier/model/train"
	checkpoints "atelier/model/weights"
)

// Adversarial texts beside likelihood on real text: pieces of the King James Version. Quality is how
// likely a model of the n-grams of real text finds what was written; diversity is how likely real
// text is by the n-grams of what was written (LM score and reverse LM score of Caccia et al. 2020,
// Language GANs Falling Short, arXiv:1811.02549).
const (
	textsLength   = 24   // characters of a piece
	textsWidth    = 64   // of the generator's LSTM
	textsPieces   = 4000 // that are written and judged
	textsOrder    = 6    // characters of an n-gram
	textsPretrain = 3000 // steps of maximum likelihood
	textsCritic   = 1000 // steps of the discriminator alone
	textsGame     = 60   // steps of each game
	textsLooks    = 10   // steps of the game between two measurements
	textsSeed     = 1
	textsStates   = "texts.safetensors"
	textsPoints   = "texts-points.json"
	textsPlot     = "texts.png"
)

// textsTemperatures are those at which likelihood is measured.
var textsTemperatures = []float64{1.2, 1.1, 1, 0.9, 0.8, 0.7, 0.6}

// A textPoint is what was measured of the pieces of one writer.
type textPoint struct {
	Writer string `json:"writer"` // real, likelihood, policy or gumbel
	// At is the temperature of likelihood, or the steps of a game.
	At        float64 `json:"at"`
	Quality   float64 `json:"quality"`   // nats per character of its pieces under real n-grams
	Diversity float64 `json:"diversity"` // nats per character of real pieces under its n-grams
}

// A pieceSet is a set of pieces of real text, in three parts without a common chapter.
type pieceSet struct {
	runes                []rune // by token
	learned, judge, test [][]int32
}

// piecesOf cuts pieces out of documents at random places.
func piecesOf(documents []string, n int, seed uint64) pieceSet {
	var set pieceSet
	ids := map[rune]int32{}
	cut := func(documents []string, key uint64) (all [][]int32) {
		rng := noise.Stream(seed, key)
		for range n {
			text := documents[rng.IntN(len(documents))]
			from := rng.IntN(len(text) - textsLength) // it is ASCII
			piece := make([]int32, textsLength)
			for i, r := range text[from:][:textsLength] {
				if _, known := ids[r]; !known {
					ids[r] = int32(len(set.runes))
					set.runes = append(set.runes, r)
				}
				piece[i] = ids[r]
			}
			all = append(all, piece)
		}
		return all
	}
	third := len(documents) / 3
	set.learned, set.judge, set.test = cut(documents[:third], 1), cut(documents[third:2*third], 2), cut(documents[2*third:], 3)
	return set
}

// A textGame is the comparison under way.
type textGame struct {
	*Dialogue
	on     *Machine
	spec   data.Spec
	set    pieceSet
	judge  *ngrams
	points []textPoint
}

// texts compares adversarial texts with likelihood.
func (s *Dialogue) texts(ctx context.Context, on *Machine, emit func(Row)) error {
	all, err := documents()
	if err != nil {
		return err
	}
	g := &textGame{Dialogue: s, on: on, set: piecesOf(all, 5*textsPieces, textsSeed)}
	g.spec = data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Tokens, Shape: []int{textsLength}, Vocabulary: len(g.set.runes)}}}
	g.judge = newNgrams(textsOrder, len(g.set.runes), g.set.judge)
	g.set.test = g.set.test[:textsPieces]
	if err := g.resume(); err != nil {
		return err
	}
	for _, writer := range []string{"likelihood", "policy", "gumbel"} {
		if slices.ContainsFunc(g.points, func(p textPoint) bool { return p.Writer == writer }) {
			continue
		}
		run := g.game
		if writer == "likelihood" {
			run = g.likelihood
		}
		if err := run(ctx, writer); err != nil {
			return err
		}
		if err := g.save(); err != nil {
			return err
		}
	}
	return g.report(emit)
}

// keptPoints is what is kept between the writers.
type keptPoints struct {
	Program  string      `json:"program"`
	Settings Dialogue    `json:"settings"`
	Points   []textPoint `json:"points"`
}

func (g *textGame) path(name string) string { return filepath.Join(g.folder(g.on), name) }

// resume reads the points of writers that were measured with the same settings and program.
func (g *textGame) resume() error {
	text, err := durable.ReadFile(g.path(textsPoints), 1<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var k keptPoints
	if err == nil && json.Unmarshal(text, &k) == nil && k.Program == g.on.Studio.Program && fmt.Sprint(k.Settings) == fmt.Sprint(g.stamp()) {
		g.points = k.Points
	}
	return err
}

func (g *textGame) save() error {
	text, err := json.Marshal(keptPoints{g.on.Studio.Program, g.stamp(), g.points})
	if err != nil {
		return err
	}
	return durable.WriteFile(g.path(textsPoints), text)
}

// trainer is a loop with the weights after a number of steps, which it begins with.
func (g *textGame) trainer(gradient string, total int) (*train.Loop, family.Tempered, *textBatches, error) {
	made, err := registry.Make[family.Family]("seqgan", fmt.Sprintf("hidden=%d", textsWidth), "embedding=32", "gradient="+gradient,
		fmt.Sprintf("rollouts=%d", g.Rollouts), fmt.Sprintf("pretrain=%d", textsPretrain), fmt.Sprintf("pretrain_d=%d", textsCritic))
	if err != nil {
		return nil, nil, nil, err
	}
	m, err := made.Value.Model(g.spec)
	if err != nil {
		return nil, nil, nil, err
	}
	schedule, err := registry.Make[train.Schedule]("constant")
	if err != nil {
		return nil, nil, nil, err
	}
	store := model.NewStore()
	nn.Seed(store, textsSeed)
	batches := &textBatches{spec: g.spec, texts: g.set.learned, size: g.Batch, seed: textsSeed}
	loop := &train.Loop{Backend: g.on.Backend, Store: store, Stages: m.Stages(), Batches: batches, Schedule: schedule.Value, Seed: textsSeed, Total: total, Damping: 1}
	return loop, m.(family.Tempered), batches, loop.Build(g.spec, g.Batch)
}

// likelihood trains by maximum likelihood, and the discriminator of both games alone, and measures
// what is written at temperatures.
func (g *textGame) likelihood(ctx context.Context, writer string) error {
	loop, m, _, err := g.trainer("policy", textsPretrain+textsCritic)
	if err != nil {
		return err
	}
	if err := loop.Run(ctx); err != nil {
		return err
	}
	for _, t := range textsTemperatures {
		if err := g.measure(ctx, loop, m, writer, t, t); err != nil {
			return err
		}
	}
	g.points = append(g.points, g.point("real", 0, g.set.learned[:textsPieces]))
	if err := os.MkdirAll(g.folder(g.on), 0o777); err != nil {
		return err
	}
	return checkpoints.Save(g.path(textsStates), loop.Store, nil)
}

// game plays on from likelihood.
func (g *textGame) game(ctx context.Context, writer string) error {
	before := textsPretrain + textsCritic
	loop, m, batches, err := g.trainer(writer, before+textsGame)
	if err != nil {
		return err
	}
	f, err := checkpoints.Load(g.path(textsStates))
	if err != nil {
		return err
	}
	if err := f.Restore(loop.Store); err != nil {
		return err
	}
	loop.Step, batches.position = before, uint64(before)
	loop.Hooks = []train.Hook{func(ctx context.Context, e train.Event) error {
		if done := e.Step - before; done%textsLooks == 0 || done == textsGame {
			return g.measure(ctx, loop, m, writer, float64(done), 1)
		}
		return nil
	}}
	return loop.Run(ctx)
}

// measure adds the point of what a model writes.
func (g *textGame) measure(ctx context.Context, loop *train.Loop, m family.Tempered, writer string, at, temperature float64) error {
	texts, err := written(ctx, m, loop.Store, temperature, textsPieces)
	if err != nil {
		return err
	}
	p := g.point(writer, at, texts)
	g.points = append(g.points, p)
	var lines []string
	for _, text := range texts[:3] {
		lines = append(lines, fmt.Sprintf("%q", g.spell(text)))
	}
	g.on.Tell(fmt.Sprintf("texts: %s %g: quality %.3f, diversity %.3f nats: %s", writer, at, p.Quality, p.Diversity, strings.Join(lines, ", ")))
	return nil
}

func (g *textGame) point(writer string, at float64, texts [][]int32) textPoint {
	return textPoint{writer, at, g.judge.nats(texts), newNgrams(textsOrder, len(g.set.runes), texts).nats(g.set.test)}
}

// spell is a piece as text.
func (g *textGame) spell(text []int32) string {
	var b strings.Builder
	for _, token := range text {
		b.WriteRune(g.set.runes[token])
	}
	return b.String()
}

// report emits the ends of the games beside the point of likelihood that is as good, and writes the plot.
func (g *textGame) report(emit func(Row)) error {
	var likely []textPoint
	ends := map[string]textPoint{}
	var real textPoint
	for _, p := range g.points {
		switch p.Writer {
		case "likelihood":
			likely = append(likely, p)
		case "real":
			real = p
		default:
			ends[p.Writer] = p
		}
	}
	for _, p := range likely {
		emit(Row{Name: fmt.Sprintf("texts: quality of likelihood at temperature %g", p.At), Value: p.Quality, Unit: "nats", Holds: true, Floor: &real.Quality, N: textsPieces})
		emit(Row{Name: fmt.Sprintf("texts: diversity of likelihood at temperature %g", p.At), Value: p.Diversity, Unit: "nats", Holds: true, Floor: &real.Diversity, N: textsPieces})
	}
	for _, writer := range []string{"policy", "gumbel"} {
		end := ends[writer]
		peer := diversityAt(likely, end.Quality)
		emit(Row{Name: fmt.Sprintf("texts: quality of seqgan by %s after %g steps", writer, end.At), Value: end.Quality, Unit: "nats", Holds: true, Floor: &real.Quality, N: textsPieces})
		emit(Row{Name: fmt.Sprintf("texts: diversity of seqgan by %s; beside it likelihood of the same quality", writer), Value: end.Diversity, Unit: "nats", Holds: true, Floor: &real.Diversity, Peer: &peer, N: textsPieces})
	}
	picture, err := plotTexts(g.points)
	if err != nil {
		return err
	}
	g.on.Tell("texts: the plot is " + g.path(textsPlot))
	return durable.WriteFile(g.path(textsPlot), picture)
}
