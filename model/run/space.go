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
)

// embedder opens a feature space for the data of a run. A classifier that does
// not come with the program is trained on the set, once, as an ordinary run.
func (s *Studio) embedder(ctx context.Context, c *Config, d set, name string) (feature.Embedder, error) {
	of := feature.Set{Name: d.train.Name(), Hash: d.train.Hash(), Spec: d.train.Spec()}
	if name != "classifier" || len(of.Spec.ClassNames()) < 2 {
		space, err := feature.Spaces.New(name)
		if err != nil {
			return nil, err
		}
		return space.Open(s.Backend, of)
	}
	judge := registry.Choose[family.Family]("classifier")
	e, err := s.classifierSpace(judge, of)
	if !errors.Is(err, feature.ErrNoWeights) {
		return e, err
	}
	if of.Weights, err = s.classifier(ctx, c, d, judge); err != nil {
		return nil, err
	}
	return s.classifierSpace(judge, of)
}

// Space opens a feature space to compare samples of the run in: that of a classifier of
// its data, if there is one already, otherwise the random one. It needs none of the data.
func (r *Run) Space() (feature.Embedder, error) {
	facts, err := r.Dir.Facts()
	if err != nil {
		return nil, err
	}
	of := feature.Set{Name: facts.Set, Hash: facts.Train, Spec: facts.Spec}
	if len(of.Spec.ClassNames()) > 1 {
		judge := registry.Choose[family.Family]("classifier")
		e, err := r.studio.classifierSpace(judge, of)
		if errors.Is(err, feature.ErrNoWeights) {
			path, ok := r.studio.finishedClassifier(of.Hash, of.Spec)
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

// classifierSteps is the length of the run of a classifier that scores need.
const classifierSteps = 1500

// classifier returns the path of the weights of a classifier of the data: of
// an earlier run, or of one that is trained now.
func (s *Studio) classifier(ctx context.Context, c *Config, d set, judge registry.Choice[family.Family]) (string, error) {
	name := "classifier"
	if set := d.train.Name(); set != "" {
		name += "-" + set
	}
	if path, ok := s.finishedClassifier(d.train.Hash(), d.train.Spec()); ok {
		return path, nil
	}
	own := Defaults()
	own.Name, own.Seed, own.Steps = name, 1, classifierSteps
	own.Data, own.Codec = c.Data, c.Codec
	own.Model = judge
	s.notice(fmt.Sprintf("scores need a classifier of this data: training one first (%d steps, once)", own.Steps))
	r, err := s.Train(ctx, own)
	if err != nil {
		return "", fmt.Errorf("training the classifier that scores need: %w", err)
	}
	return r.weights, nil
}

// finishedClassifier looks for a finished run of a classifier on the training examples
// of that hash.
func (s *Studio) finishedClassifier(hash string, spec data.Spec) (string, bool) {
	dirs, err := List(s.Runs)
	if err != nil {
		return "", false
	}
	for _, dir := range dirs {
		facts, err := dir.Facts()
		if err != nil || facts.Family != "classifier" || facts.Train != hash || !facts.Spec.Equal(spec) {
			continue
		}
		ck, err := s.best(dir)
		if err != nil || ck.Step < classifierSteps {
			continue
		}
		if _, err := ck.load(ofNetwork); err != nil {
			s.notice(err.Error())
			continue
		}
		return ck.weights(), true
	}
	return "", false
}

// layer returns what opens the space of a classifier of the pictures in one channel,
// which is found or trained as that of any set; nil if the data are not stacked.
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
		return s.embedder(ctx, &own, d, "classifier")
	}
}
