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
	"atelier/model/language"
	"atelier/model/pixelnet"
)

// A Run is a trained model, read from its directory. It does not need its training files.
type Run struct {
	// Dir is the run's directory.
	Dir *Dir
	// Config is the run's resolved run file.
	Config *Config
	// Spec is the spec of the training data.
	Spec data.Spec
	// Step is the step of the checkpoint.
	Step int
	// Hash is the hash of the checkpoint.
	Hash string

	studio *Studio
	*network
	close func()
}

// Close releases the run, which cannot sample any more. With a [Loaded] in the studio, its
// weights and graphs stay cached as long as there is room; otherwise they are freed.
func (r *Run) Close() { r.close() }

// Open reads the best checkpoint of a run, or the last one if none was scored. The run is
// given by name, number or path; [Illustrator] and [Finder] come with the program.
func (s *Studio) Open(name string) (*Run, error) {
	dir, err := OpenDir(s.Runs, name)
	if err != nil && isBuiltIn(name) {
		return s.builtInRun(name)
	}
	if err != nil {
		return nil, err
	}
	n, release, err := s.network(dir)
	if err != nil {
		return nil, err
	}
	for _, line := range n.told {
		s.notice(line)
	}
	return s.opened(dir, n, release), nil
}

// opened is a run with its network.
func (s *Studio) opened(dir *Dir, n *network, release func()) *Run {
	return &Run{Dir: dir, Config: n.config, Spec: n.spec, Step: n.step, Hash: n.hash, studio: s, network: n, close: release}
}

// read reads the network of a run's best checkpoint.
func (s *Studio) read(dir *Dir) (*network, error) {
	config, facts, err := dir.config()
	if err != nil {
		return nil, err
	}
	m, err := config.Model.Value.Model(facts.Spec)
	if err != nil {
		return nil, err
	}
	return s.readAs(dir, config, facts.Spec, m)
}

// open reads the best checkpoint of a run with an existing model.
func (s *Studio) open(dir *Dir, config *Config, spec data.Spec, m family.Model) (*Run, error) {
	n, err := s.readAs(dir, config, spec, m)
	if err != nil {
		return nil, err
	}
	return s.opened(dir, n, sync.OnceFunc(n.release)), nil
}

// readAs reads the network of the best checkpoint of a run with an existing model.
func (s *Studio) readAs(dir *Dir, config *Config, spec data.Spec, m family.Model) (*network, error) {
	medium, err := mediumOf(config.Codec.Value)
	if err != nil {
		return nil, err
	}
	ck, err := s.best(dir)
	if err != nil {
		return nil, err
	}
	if changed, err := ck.changedSettings(config); err == nil && len(changed) > 0 {
		s.notice(fmt.Sprintf("%s was changed since step %d was saved: %s; the changed file is used", dir.Path(configFile), ck.Step, strings.Join(changed, ", ")))
		if err := ck.fits(s, config, spec, m); err != nil {
			return nil, err
		}
	}
	n := &network{dir: dir, config: config, spec: spec, step: ck.Step, hash: ck.Hash,
		backend: s.Backend, kernels: s.Kernels, gather: s.Gather, store: model.NewStore(), model: m, medium: medium, weights: ck.weights()}
	n.sampler, n.steering = sync.OnceValues(n.newSampler), sync.OnceValues(n.newSteering)
	n.writer, n.inverter = sync.OnceValues(n.newWriter), sync.OnceValues(n.newInverter)
	return n, ck.serve(s.Backend, n.store)
}

// Medium is the kind of works that the run generates.
func (r *Run) Medium() *Medium { return r.medium }

// Weights is the path of the checkpoint's weights, in safetensors.
func (r *Run) Weights() string { return r.weights }

// Sampler samples with the run's weights. It may be used concurrently.
func (r *Run) Sampler() (family.Sampler, error) { return r.sampler() }

func (n *network) newSampler() (family.Sampler, error) {
	if _, ok := n.model.(family.Steerable); ok {
		s, err := n.steering()
		if err != nil {
			return nil, err
		}
		return n.gathered(s.Sampler(1)), nil
	}
	if w, ok := n.model.(family.Writing); ok {
		decoder, err := n.writer()
		if err != nil {
			return nil, err
		}
		return w.Texts(decoder), nil
	}
	g, ok := n.model.(family.Generative)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, which does not generate samples", n.dir.Name(), n.config.Model.Use)
	}
	s, err := g.Sampler(n.backend, n.store)
	if err != nil {
		return nil, err
	}
	return n.gathered(s), nil
}

// gathered is a sampler that draws what is asked for at once together, if the studio does.
func (n *network) gathered(s family.Sampler) family.Sampler {
	if n.gather == 0 {
		return s
	}
	return family.Gather(s, n.gather)
}

// Painter is the network of a run that paints pictures.
func (r *Run) Painter() (*pixelnet.Net, error) {
	p, ok := r.model.(family.Painting)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, which does not paint pictures: want one of the recipe style", r.Dir.Name(), r.Config.Model.Use)
	}
	return p.Painter(r.store)
}

// Writer is the run's language model. Several requests may write at once.
func (r *Run) Writer() (*language.Model, error) { return r.writer() }

func (n *network) newWriter() (*language.Model, error) {
	w, ok := n.model.(family.Writing)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, which does not generate text: it takes no prompt and no other option for texts", n.dir.Name(), n.config.Model.Use)
	}
	return w.Decoder(n.store, n.kernels)
}

// Steering samples with the run's weights from editable codes. It may be used
// concurrently.
func (r *Run) Steering() (*family.Steering, error) { return r.steering() }

func (n *network) newSteering() (*family.Steering, error) {
	m, ok := n.model.(family.Steerable)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, whose samples have no codes: it cannot truncate, mix or interpolate", n.dir.Name(), n.config.Model.Use)
	}
	return m.Steering(n.backend, n.store)
}

// Units are the hidden units of the run's generator.
func (r *Run) Units() (*family.Units, error) {
	m, ok := r.model.(family.Dissectable)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, which has no generator to dissect", r.Dir.Name(), r.Config.Model.Use)
	}
	return m.Units(r.backend, r.store)
}

// Directions are the directions of codes that the run's weights tell.
func (r *Run) Directions() (*family.Directions, error) {
	m, ok := r.model.(family.Factored)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, whose samples have no codes that can be moved", r.Dir.Name(), r.Config.Model.Use)
	}
	return m.Directions(r.store)
}

// Saliency shows what the run's discriminator looks at, see [family.Salient].
func (r *Run) Saliency(shuffled uint64) (family.Saliency, error) {
	m, ok := r.model.(family.Salient)
	if !ok {
		return nil, badinput.Errorf("run %s has no discriminator that judges single samples: want a gan without pack", r.Dir.Name())
	}
	return m.Saliency(r.backend, r.store, shuffled)
}

// Inverter finds codes of pictures with the run's weights. It may be used concurrently.
func (r *Run) Inverter() (family.Inverter, error) { return r.inverter() }

func (n *network) newInverter() (family.Inverter, error) {
	m, ok := n.model.(family.Invertible)
	if !ok {
		return nil, badinput.Errorf("run %s is a %s, which cannot find the code of a given picture", n.dir.Name(), n.config.Model.Use)
	}
	return m.Inverter(n.backend, n.store)
}

// Draw draws a batch of one per seed, given a row of the conditions each, see [Run.OfClass]
// and [Run.Given]; a missing class is drawn from the seed. A truncation below 1 makes
// samples more typical and less varied, see [family.Steering.Truncate].
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

// OfClass returns the conditions of n samples of the named class, nil if it is empty.
func (r *Run) OfClass(n int, class string) (*data.Batch, error) {
	if class == "" {
		return nil, nil
	}
	g, ok := r.Config.Model.Value.(byClass)
	if !ok || !g.ByClass() {
		return nil, badinput.Errorf("run %s is not class-conditional; train with model.conditional=true", r.Dir.Name())
	}
	field, _ := r.Spec.Field(data.Label)
	i := slices.Index(field.Classes, class)
	if i < 0 {
		return nil, badinput.Errorf("no class %q; %s", class, registry.Suggest(class, field.Classes))
	}
	return family.OfClass(field, i, n), nil
}

// Encode makes a batch of one from a picture, read as in training. It has a target and no
// label.
func (r *Run) Encode(picture []byte) (*data.Batch, error) {
	if err := r.CheckPictures(); err != nil {
		return nil, err
	}
	b := data.NewBatch(r.Spec.Only(data.Target), 1)
	return b, badinput.Mark(r.Config.Codec.Value.Encode(data.ExampleOf(data.Item{Bytes: picture}), b, 0))
}

// CheckPictures refuses a run that was trained on anything but pictures.
func (r *Run) CheckPictures() error {
	if r.Spec.Target().Kind == data.Pixels {
		return nil
	}
	return badinput.Errorf("run %s was trained on %s; want a run trained on pictures, such as one of the recipe fashion", r.Dir.Name(), r.medium.Works)
}

// Decode makes an Item from a sample.
func (r *Run) Decode(b *data.Batch) (data.Item, error) { return r.Config.Codec.Value.Decode(b, 0) }
