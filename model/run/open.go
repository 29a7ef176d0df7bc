package run

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/family"
)

// A Run is a trained model, read back from its directory. It needs none of its
// training files.
type Run struct {
	// Dir is the run's directory.
	Dir *Dir
	// Config is the run's resolved run file.
	Config *Config
	// Spec is the contract of the data that the run learned from.
	Spec data.Spec
	// Step is the step of the checkpoint that was read.
	Step int
	// Hash is the checkpoint's.
	Hash string

	studio  *Studio
	store   *model.Store
	model   family.Model
	medium  *Medium
	weights string // path

	// The graphs that draw are made when they are first asked for, and shared by requests.
	sampler  func() (family.Sampler, error)
	steering func() (*family.Steering, error)
}

// Open reads the best checkpoint of a run, or the last one if none was scored.
// name is a run's name, number or path.
func (s *Studio) Open(name string) (*Run, error) {
	dir, err := OpenDir(s.Runs, name)
	if err != nil {
		return nil, err
	}
	config, facts, err := dir.config()
	if err != nil {
		return nil, err
	}
	m, err := config.Model.Value.Model(facts.Spec)
	if err != nil {
		return nil, err
	}
	return s.open(dir, config, facts.Spec, m)
}

// open reads the best checkpoint of a run whose model is at hand.
func (s *Studio) open(dir *Dir, config *Config, spec data.Spec, m family.Model) (*Run, error) {
	medium, err := mediumOf(config.Codec.Value)
	if err != nil {
		return nil, err
	}
	ck, err := s.best(dir)
	if err != nil {
		return nil, err
	}
	if changed, err := ck.changedSettings(config); err == nil && len(changed) > 0 {
		s.notice(fmt.Sprintf("%s was changed since step %d was saved: %s; it is used as it is now", dir.Path(configFile), ck.Step, strings.Join(changed, ", ")))
		if err := ck.fits(s, config, spec, m); err != nil {
			return nil, err
		}
	}
	r := &Run{Dir: dir, Config: config, Spec: spec, Step: ck.Step, Hash: ck.Hash,
		studio: s, store: model.NewStore(), model: m, medium: medium, weights: ck.weights()}
	f, err := ck.load(ofNetwork)
	if err != nil {
		return nil, err
	}
	r.sampler, r.steering = sync.OnceValues(r.newSampler), sync.OnceValues(r.newSteering)
	return r, f.Serve(r.store, ofNetwork)
}

// Medium says what kind of works the run makes.
func (r *Run) Medium() *Medium { return r.medium }

// Weights is the path of the checkpoint's weights, in safetensors.
func (r *Run) Weights() string { return r.weights }

// Sampler draws with the run's weights. Several requests may draw at once.
func (r *Run) Sampler() (family.Sampler, error) { return r.sampler() }

func (r *Run) newSampler() (family.Sampler, error) {
	if _, ok := r.model.(family.Steerable); ok {
		s, err := r.steering()
		if err != nil {
			return nil, err
		}
		return s.Sampler(1), nil
	}
	g, ok := r.model.(family.Generative)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, which draws nothing", r.Dir.Name(), r.Config.Model.Use)
	}
	return g.Sampler(r.studio.Backend, r.store)
}

// Writer continues texts with the run's weights.
func (r *Run) Writer() (*family.Writer, error) {
	w, ok := r.model.(family.Writing)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, which writes no text: it takes no prompt, and nothing else that is for texts", r.Dir.Name(), r.Config.Model.Use)
	}
	return w.Writer(r.studio.Backend, r.store)
}

// Steering draws with the run's weights, by codes that can be changed. Several requests may
// draw at once.
func (r *Run) Steering() (*family.Steering, error) { return r.steering() }

func (r *Run) newSteering() (*family.Steering, error) {
	m, ok := r.model.(family.Steerable)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, whose samples are not drawn from codes: it cannot truncate, mix, or go from one sample to another", r.Dir.Name(), r.Config.Model.Use)
	}
	return m.Steering(r.studio.Backend, r.store)
}

// Inverter finds codes of pictures with the run's weights.
func (r *Run) Inverter() (family.Inverter, error) {
	m, ok := r.model.(family.Invertible)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, which cannot look for what a given picture is drawn from", r.Dir.Name(), r.Config.Model.Use)
	}
	return m.Inverter(r.studio.Backend, r.store)
}

// Draw draws a batch of one for each seed by a row of the conditions each, see [Run.OfClass]
// and [Run.Given]; a class that is not among them is drawn from the seed. A truncation below
// 1 makes samples more typical and less various, see [family.Steering.Truncate].
func (r *Run) Draw(ctx context.Context, seeds []uint64, conditions *data.Batch, truncation float64) (iter.Seq2[*data.Batch, error], error) {
	sampler, err := r.truncated(truncation)
	if err != nil {
		return nil, err
	}
	return sampler(ctx, seeds, conditions), nil
}

// CheckTruncation reports a truncation that is out of range.
func CheckTruncation(psi float64) error {
	if !(psi >= 0 && psi <= 1) {
		return registry.Unfit("truncation", fmt.Sprintf("want 0 to 1, got %g", psi))
	}
	return nil
}

func (r *Run) truncated(psi float64) (family.Sampler, error) {
	if psi == 1 {
		return r.Sampler()
	}
	s, err := r.Steering()
	if err != nil {
		return nil, err
	}
	return s.Sampler(psi), nil
}

// OfClass asks for the named class n times, for nothing if it is empty.
func (r *Run) OfClass(n int, class string) (*data.Batch, error) {
	if class == "" {
		return nil, nil
	}
	g, ok := r.Config.Model.Value.(interface{ ByClass() bool })
	if !ok || !g.ByClass() {
		return nil, badinput.Errorf("run %s does not draw by class; train with model.conditional=true", r.Dir.Name())
	}
	field, _ := r.Spec.Field(data.Label)
	i := slices.Index(field.Classes, class)
	if i < 0 {
		return nil, badinput.Errorf("no class %q; %s", class, registry.Suggest(class, field.Classes))
	}
	return family.OfClass(field, i, n), nil
}

// Encode makes a batch of one of a picture, as those were read that the run learned
// from. It has a target and no label.
func (r *Run) Encode(picture []byte) (*data.Batch, error) {
	b := data.NewBatch(r.Spec.Only(data.Target), 1)
	if r.Spec.Target().Kind != data.Pixels {
		return nil, badinput.Errorf("run %s knows no pictures but %s", r.Dir.Name(), r.Spec.Target())
	}
	return b, badinput.Mark(r.Config.Codec.Value.Encode(data.ExampleOf(data.Item{Bytes: picture}), b, 0))
}

// Decode makes an Item of a drawn sample.
func (r *Run) Decode(b *data.Batch) (data.Item, error) { return r.Config.Codec.Value.Decode(b, 0) }
