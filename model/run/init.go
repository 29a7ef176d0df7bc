package run

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/brought"
	"atelier/model/family"
	"atelier/model/language"
)

// Inits registers the ways to initialise the weights of a run.
var Inits = registry.New[Init]("init")

// An Init gives a run its first weights. Its exported fields are its settings.
type Init interface {
	// settle fits the settings of a new run to the weights, before its data is read.
	settle(s *Studio, c *Config) error
	// adopt sets the variables of a new run.
	adopt(t *trainer) error
}

func init() {
	Inits.Add("random", "random weights, drawn from the seed", func() Init { return &RandomInit{} })
	Inits.Add("run", "the weights of another run, wherever name and shape match; the rest are random",
		func() Init { return &RunInit{} })
	Inits.Add("weights", "pretrained weights (atelier weights): of a language model, with its network and its tokenizer; in other models, wherever name and shape match, and the rest are random",
		func() Init { return &WeightsInit{} })
}

// RandomInit draws all weights from the run's seed.
type RandomInit struct{}

func (*RandomInit) settle(_ *Studio, c *Config) error { return needless(c) }
func (*RandomInit) adopt(*trainer) error              { return nil }

// needless rejects adapters to random weights, which would be useless.
func needless(c *Config) error {
	if lm, ok := c.Model.Value.(*family.LM); ok && lm.LoRA > 0 {
		return badinput.Errorf("model.lora=%d trains adapters only, and the weights would stay random; set init to start from weights or from a run, such as init={use=\"weights\", name=\"%s\"}", lm.LoRA, brought.BuiltIn)
	}
	return nil
}

// RunInit takes weights from another run.
type RunInit struct {
	Name string `help:"the run: its name, number or path"`
}

func (i *RunInit) settle(*Studio, *Config) error {
	if i.Name == "" {
		return badinput.Errorf("init.name: want the name, number or path of the run whose weights are taken")
	}
	return nil
}

func (i *RunInit) adopt(t *trainer) error { return t.adopt(i.Name) }

// WeightsInit takes pretrained weights. With those of a language model, the run gets its network and its
// tokenizer. Another model takes every tensor that fits, and what was not taken is listed.
type WeightsInit struct {
	Name string   `help:"the weights: their name, or the path of their file or folder"`
	Map  []string `help:"for other models than lm: pairs of a weight of the run and the tensor that it takes, such as painter/layer_00_kernel=Variable; those without one take the tensor of their own name"`
}

// tokenizerFile is what the codec bpe learned, in its format.
const tokenizerFile = "tokenizer.json"

func (i *WeightsInit) settle(s *Studio, c *Config) error {
	lm, ok := c.Model.Value.(*family.LM)
	if !ok {
		return i.settleTensors(s, c)
	}
	codec, ok := c.Codec.Value.(data.Learner)
	if !ok || c.Codec.Use != "bpe" {
		return badinput.Errorf("init: the weights %s have a tokenizer of their own, and the run has the codec %s; set codec.use=bpe, which takes it over", i.Name, c.Codec.Use)
	}
	o, err := brought.Find(s.Home, i.Name)
	if err != nil {
		return fmt.Errorf("init: %w", err)
	}
	defer o.Close()
	text, err := o.Tokenizer.JSON()
	if err == nil {
		err = codec.Recall(map[string][]byte{tokenizerFile: text})
	}
	if err != nil {
		return badinput.Errorf("init: the tokenizer of %s: %w", i.Name, err)
	}
	if lm.Network, err = arch.NetworkOf(&o.Config, &o.Weights); err != nil {
		return fmt.Errorf("init: %s: %w", i.Name, err)
	}
	s.notice(fmt.Sprintf("the network and the tokenizer are those of the weights %s", o.Facts.Name))
	return nil
}

// settleTensors checks that there are tensors, before any data is read.
func (i *WeightsInit) settleTensors(s *Studio, c *Config) error {
	if _, err := i.renamed(); err != nil {
		return err
	}
	if o, err := brought.Find(s.Home, i.Name); err == nil {
		return errors.Join(badinput.Errorf("init: the weights %s are of a language model, and the run trains a %s; set model.use=lm", i.Name, c.Model.Use), o.Close())
	}
	if _, err := i.tensorsOf(s.Home); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	return nil
}

func (i *WeightsInit) adopt(t *trainer) error {
	if _, ok := t.config.Model.Value.(*family.LM); !ok {
		return i.adoptTensors(t)
	}
	o, err := brought.Find(t.studio.Home, i.Name)
	if err != nil {
		return fmt.Errorf("init: %w", err)
	}
	defer o.Close()
	m, ok := t.model.(interface {
		Assign(*model.Store, *language.Config, *language.Weights) error
	})
	if !ok {
		return badinput.Errorf("init: this model cannot take pretrained weights")
	}
	if err := m.Assign(t.store, &o.Config, &o.Weights); err != nil {
		return fmt.Errorf("init: %s: %w", i.Name, err)
	}
	return nil
}
