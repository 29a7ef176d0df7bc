package run

import (
	"context"
	"errors"
	"fmt"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/feature"
	"atelier/model/train"
)

// embedder opens a feature space for the data of a run. A classifier that is not embedded
// in the program is trained on the set, once, as an ordinary run.
func (s *Studio) embedder(ctx context.Context, c *Config, d set, name string) (feature.Embedder, error) {
	of := feature.Set{Name: d.train.Name(), Hash: d.train.Hash(), Spec: d.train.Spec(), Home: s.Home}
	if name != classifierName || len(of.Spec.ClassNames()) < 2 {
		space, err := feature.Spaces.New(name)
		if err != nil {
			return nil, err
		}
		return space.Open(s.Backend, of)
	}
	judge := registry.Choose[family.Family](classifierName)
	e, err := s.classifierSpace(judge, of)
	if !errors.Is(err, feature.ErrNoWeights) {
		return e, err
	}
	if of.Weights, judge, err = s.classifier(ctx, c, d); err != nil {
		return nil, err
	}
	return s.classifierSpace(judge, of)
}

// Space opens a feature space for samples of the run: that of an existing classifier of its
// data, otherwise the random one. It does not need the data.
func (r *Run) Space() (feature.Embedder, error) {
	facts, err := r.Dir.Facts()
	if err != nil {
		return nil, err
	}
	of := feature.Set{Name: facts.Set, Hash: facts.Train, Spec: facts.Spec}
	if len(of.Spec.ClassNames()) > 1 {
		judge := registry.Choose[family.Family](classifierName)
		e, err := r.studio.classifierSpace(judge, of)
		if errors.Is(err, feature.ErrNoWeights) {
			path, judge, ok := r.studio.finishedClassifier(of.Hash, of.Spec, r.Config.Score.lessons(facts.TrainExamples))
			if of.Weights = path; ok {
				e, err = r.studio.classifierSpace(judge, of)
			}
		}
		if !errors.Is(err, feature.ErrNoWeights) {
			return e, err
		}
	}
	space, err := feature.Spaces.New("random")
	if err != nil {
		return nil, err
	}
	return space.Open(r.studio.Backend, of)
}

// classifierName is the name of the family and of the feature space.
const classifierName = "classifier"

// The classifier for scores is trained for usualLessons steps, or on a small set for those in which it
// sees each picture lessonEpochs times: more teach it nothing about pictures that it has not seen.
const (
	usualLessons = 1500
	leastLessons = 100
	lessonEpochs = 60
)

// lessons is how many steps a classifier for scores is trained for on so many examples.
func (s *Score) lessons(examples int) int {
	if s.ClassifierSteps > 0 {
		return s.ClassifierSteps
	}
	return min(usualLessons, max(leastLessons, lessonEpochs*examples/Defaults().Batch))
}

// judge is how the classifier is trained that the scores of a run need.
func (c *Config) judge(d set) (*Config, error) {
	own, err := ClassifierConfig(d.train.Spec())
	if err != nil {
		return nil, err
	}
	own.Name, own.Data, own.Codec = classifierName, c.Data, c.Codec
	if of := d.train.Name(); of != "" {
		own.Name += "-" + of
	}
	own.Steps = c.Score.lessons(d.train.Len())
	return own, nil
}

// classifier returns the path of the weights of a classifier of the data, and what it is: of
// an earlier run, or of one trained now.
func (s *Studio) classifier(ctx context.Context, c *Config, d set) (string, registry.Choice[family.Family], error) {
	own, err := c.judge(d)
	if err != nil {
		return "", registry.Choice[family.Family]{}, err
	}
	if path, judge, ok := s.finishedClassifier(d.train.Hash(), d.train.Spec(), own.Steps); ok {
		return path, judge, nil
	}
	s.notice(fmt.Sprintf("scores need a classifier of this data: training one first (%d steps, once)", own.Steps))
	r, err := s.Train(ctx, own)
	if err != nil {
		return "", own.Model, fmt.Errorf("training the classifier that scores need: %w", err)
	}
	return r.weights, own.Model, nil
}

// ClassifierConfig returns how a classifier for scores is trained, without name, data and codec.
// Shifts and zooms leave any
// picture what it is; only coloured ones are flipped, since grey ones are often writing.
func ClassifierConfig(spec data.Spec) (*Config, error) {
	c := Defaults()
	c.Seed, c.Steps = 1, usualLessons
	c.Schedule = registry.Choose[train.Schedule]("cosine")
	var err error
	if c.Model, err = registry.Make[family.Family](classifierName, "network={use=\"residual\"}"); err != nil {
		return c, err
	}
	augment := []string{"shift", "zoom"}
	if target := spec.Target(); len(target.Shape) == 3 && target.Shape[2] >= 3 {
		augment = append(augment, "flip")
	}
	for _, use := range augment {
		c.Augment = append(c.Augment, registry.Choose[data.Augmentation](use))
	}
	return c, nil
}

// finishedClassifier finds a finished classifier run on the training examples of that hash, of so many
// steps or more: its weights, and what it is.
func (s *Studio) finishedClassifier(hash string, spec data.Spec, steps int) (weights string, judge registry.Choice[family.Family], ok bool) {
	dirs, err := List(s.Runs)
	if err != nil {
		return "", judge, false
	}
	for _, dir := range dirs {
		facts, err := dir.Facts()
		if err != nil || facts.Family != classifierName || facts.Train != hash || !facts.Spec.Equal(spec) {
			continue
		}
		c, _, err := dir.config()
		if err != nil {
			continue
		}
		ck, err := s.best(dir)
		if err != nil || ck.Step < steps {
			continue
		}
		if _, err := ck.load(ofNetwork); err != nil {
			s.notice(err.Error())
			continue
		}
		return ck.weights(), c.Model, true
	}
	return "", judge, false
}

// layer returns a function that opens the space of a classifier of single channels, found
// or trained as for any set; nil if the data are not stacked.
func (s *Studio) layer(ctx context.Context, c *Config) func() (feature.Embedder, error) {
	stacked, ok := c.Data.Value.(data.Layered)
	image, isImage := c.Codec.Value.(*codec.Image)
	if !ok || !isImage {
		return nil
	}
	own := *c
	own.Data = stacked.Layer()
	return func() (feature.Embedder, error) {
		grey, err := codec.NewImage(image.Size, 1)
		if err != nil {
			return nil, err
		}
		own.Codec.Value = grey
		d, err := s.load(ctx, &own, nil)
		if err != nil {
			return nil, err
		}
		return s.embedder(ctx, &own, d, classifierName)
	}
}
