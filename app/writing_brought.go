package app

import (
	"context"
	"errors"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/tokenizer"
	"atelier/model/brought"
	"atelier/model/language"
	"atelier/model/remote"
	"atelier/model/run"
)

// named opens a run or pretrained weights by name. One of the results is nil.
func named(s *run.Studio, name string) (*run.Run, *brought.Opened, error) {
	_, err := run.OpenDir(s.Runs, name)
	if err == nil {
		r, err := s.Open(name)
		return r, nil, err
	}
	if !errors.Is(err, run.ErrNoRun) {
		return nil, nil, err
	}
	o, err := brought.Find(s.Home, name)
	if err == nil {
		return nil, o, nil
	}
	var runs []string
	dirs, _ := run.List(s.Runs) // otherwise they are not listed
	for _, d := range dirs {
		if d.Can("writes") {
			runs = append(runs, d.Name())
		}
	}
	o, err = brought.Find(s.Home, name, runs...)
	return nil, o, err
}

// MakerOf identifies the run of an app, or the weights or the model at a server if it is a language
// model app; nil if it names none.
func MakerOf(ctx context.Context, e *Env, a App) (*Maker, error) {
	for _, in := range Inputs(a) {
		name, writes := in.Words(), slices.Contains([]string{"writes", "composes"}, in.Needs())
		if !in.IsModel() || name == "" || slices.Contains(in.Besides(), name) && !writes && !e.Studio.IsBuiltIn(name) {
			continue
		}
		if !writes {
			r, err := e.Studio.Open(name)
			if err != nil {
				return nil, err
			}
			defer r.Close()
			return madeBy(r), nil
		}
		if model, is := remoteName(Model(name)); is {
			client, err := remote.Open(ctx, e.Remote, model)
			if err != nil {
				return nil, err
			}
			defer client.Close()
			return madeAt(client), nil
		}
		return makerNamed(e.Studio, name)
	}
	return nil, nil
}

// makerNamed identifies a run or weights by name.
func makerNamed(s *run.Studio, name string) (*Maker, error) {
	if isBuiltInBand(s, name) {
		return builtInBand(), nil
	}
	r, o, err := named(s, name)
	switch {
	case err != nil:
		return nil, err
	case r != nil:
		defer r.Close()
		return madeBy(r), nil
	}
	defer o.Close()
	return madeWith(o, name)
}

// madeWith returns weights as a maker.
func madeWith(o *brought.Opened, name string) (*Maker, error) {
	hash, err := o.Hash()
	return &Maker{Name: name, Hash: hash, Tokens: true}, err
}

// pen opens a language model by name, for texts of a class of a run, or of any if it is empty. It
// is released when the app is done.
func (e *Env) pen(name Model, class string) (*pen, error) {
	r, o, err := named(e.Studio, string(name))
	if err != nil {
		return nil, err
	}
	if r == nil {
		if class != "" {
			o.Close()
			return nil, badinput.Errorf("%s has no classes: they are for runs that learned texts by class", name)
		}
		e.atEnd = append(e.atEnd, func() { o.Close() })
		return penWith(o, string(name), e.Studio.Kernels)
	}
	e.opened = append(e.opened, r)
	if m := r.Medium(); !m.Words {
		return nil, badinput.Errorf("run %s generates %s; name a run of texts, or weights", r.Dir.Name(), m.Works)
	}
	return penOf(r, class)
}

// penWith is the pen of pretrained weights.
func penWith(o *brought.Opened, name string, k language.Kernels) (*pen, error) {
	model, err := language.New(o.Config, &o.Weights, k)
	if err != nil {
		return nil, err
	}
	t := o.Tokenizer
	by, err := madeWith(o, name)
	if err != nil {
		return nil, err
	}
	p := &pen{Maker: by, model: model, tokenizer: t, template: o.Template}
	p.prompt = func(text string) ([]int32, error) {
		var tokens []int32
		if t.AddsBOS() || text == "" && t.BOS() != tokenizer.None {
			tokens = append(tokens, t.BOS())
		}
		if tokens = append(tokens, t.Encode([]byte(text))...); len(tokens) == 0 {
			return nil, badinput.Errorf("%s has no token that a text begins with: give it a prompt", name)
		}
		return tokens, nil
	}
	p.stream = func() tokenStream { return t.Stream() }
	p.text = within(t)
	for _, end := range []int32{t.EOS(), t.BOS()} {
		if end != tokenizer.None && !slices.Contains(p.ends, end) {
			p.ends = append(p.ends, end)
		}
	}
	for _, name := range turnEnds {
		if id, ok := t.ID(name); ok && t.IsSpecial(id) && !slices.Contains(p.ends, id) {
			p.ends = append(p.ends, id)
		}
	}
	return p, nil
}

// within returns a function that gives the text of a token inside a text: at its beginning, some
// tokens lose a space.
func within(t *tokenizer.Tokenizer) func(token int32) string {
	before := t.Encode([]byte("a"))
	skip := len(t.Decode(before))
	return func(token int32) string {
		return string(t.Decode(append(slices.Clip(before), token))[skip:])
	}
}

// turnEnds are the tokens that end the turn of a chat model.
var turnEnds = []string{"<|im_end|>", "<|eot_id|>", "<|end|>", "<|endoftext|>", "<|end_of_text|>", "<end_of_turn>"}
