package app

import (
	"bytes"
	"slices"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/tokenizer"
	"atelier/model/language"
	"atelier/model/run"
)

// A Maker is the model that makes a work: a run, pretrained weights, or a model at a server.
type Maker struct {
	// Name is its name, and Hash the hash of the checkpoint or the weights; a model at a server
	// has none.
	Name, Hash string
	// Tokens reports that it generates token by token.
	Tokens bool
	// Server is the kind of server that was asked, such as Ollama; empty for none.
	Server string

	target data.Field // of a run
}

// madeBy returns a run as a maker.
func madeBy(r *run.Run) *Maker {
	target := r.Spec.Target()
	return &Maker{Name: r.Dir.Name(), Hash: r.Hash, Tokens: target.Kind == data.Tokens, target: target}
}

// A pen is a language model with its tokenizer.
type pen struct {
	*Maker
	model  *language.Model
	prompt func(text string) ([]int32, error) // tokens of the beginning of a text, at least one
	stream func() tokenStream                 // of one text, from its beginning
	text   func(token int32) string           // text of a single token
	ends   []int32                            // tokens that end a text
	// control returns the control token that the text of a seed begins with, and controls is their
	// number; nil and 0 for none.
	control  func(seed uint64) []int32
	controls int

	tokenizer *tokenizer.Tokenizer // of pretrained weights
	template  string               // chat template, in Jinja
}

// A tokenStream decodes tokens as they arrive, into whole characters only.
type tokenStream interface {
	// Next returns the text completed by a token.
	Next(token int32) []byte
	// Flush returns the incomplete rest, at the end.
	Flush() []byte
}

// penOf is the pen of a run of texts, for a class, or for any if it is empty.
func penOf(r *run.Run, class string) (*pen, error) {
	if _, err := r.Control(class, 0); err != nil {
		return nil, err
	}
	model, err := r.Writer()
	if err != nil {
		return nil, err
	}
	p := &pen{Maker: madeBy(r), model: model, controls: r.Controls()}
	if p.controls > 0 {
		p.control = func(seed uint64) []int32 {
			token, _ := r.Control(class, seed) // which was checked above
			return token
		}
	}
	if end, ok := r.End(); ok {
		p.ends = []int32{end}
	}
	p.prompt = func(text string) ([]int32, error) {
		tokens, err := r.Begin(text)
		if err != nil {
			err = badinput.Errorf("the prompt: %w", err)
		}
		return tokens, err
	}
	before, _ := r.Tokens("a") // in some codecs, a token loses a space at the beginning of a text
	p.text = func(token int32) string { return string(pieceOf(r, before, token)) }
	p.stream = func() tokenStream { return &runStream{run: r} }
	return p, nil
}

// pieceOf is the text that a token adds to those before it.
func pieceOf(r *run.Run, before []int32, token int32) []byte {
	old, err := r.Written(before)
	if err != nil {
		return nil
	}
	all, err := r.Written(append(slices.Clip(before), token))
	if err != nil {
		return nil
	}
	return bytes.TrimPrefix(all.Bytes, old.Bytes)
}

// streamContext is the number of preceding tokens that are decoded with a token: some codecs treat
// a token at the beginning of a text differently.
const streamContext = 4

// runStream decodes with a run's codec.
type runStream struct {
	run  *run.Run
	last []int32 // tokens
	held []byte
}

// Next implements [tokenStream].
func (s *runStream) Next(token int32) []byte {
	s.held = append(s.held, pieceOf(s.run, s.last, token)...)
	s.last = append(s.last, token)
	s.last = s.last[max(0, len(s.last)-streamContext):]
	whole := tokenizer.Whole(s.held)
	out := s.held[:whole:whole]
	s.held = s.held[whole:]
	return out
}

// Flush implements [tokenStream].
func (s *runStream) Flush() []byte { return s.held }
