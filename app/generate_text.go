package app

import (
	"bytes"
	"context"
	"fmt"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/model/family"
	"atelier/model/run"
)

// The lengths of texts: what is written where none is asked for, and the longest.
const (
	usualLength = 500
	mostTokens  = 1_000_000
)

// choosing says how tokens are chosen.
func (g *Generate) choosing() family.Choosing {
	return family.Choosing{Temperature: g.Temperature, TopK: g.TopK, TopP: g.TopP}
}

// write writes texts with a run of a language model.
func (g *Generate) write(ctx context.Context, env *Env, r *run.Run) error {
	switch {
	case len(g.Class) > 0:
		return badinput.Errorf("run %s writes texts and knows no classes", r.Dir.Name())
	case g.Truncation != 1 || g.Format != "":
		return badinput.Errorf("run %s writes texts; truncation and format are for pictures", r.Dir.Name())
	}
	w, err := r.Writer()
	if err != nil {
		return err
	}
	prompt, err := r.Tokens(g.Prompt)
	if err != nil {
		return badinput.Errorf("the prompt: %w", err)
	}
	names := g.textNames(r)
	if env.Text == nil { // who reads along needs no files
		if err := env.expect(names...); err != nil {
			return err
		}
	}
	var all [][]byte
	for i, seed := range run.Seeds(g.Seed, g.N) {
		if i > 0 {
			env.text(run.TextRule)
		}
		text, err := g.text(ctx, env, r, w.Write(ctx, seed, prompt, g.choosing()), i*g.Length)
		if err != nil {
			return err
		}
		if g.As == files {
			err = env.emitText(r, names[i], text)
		}
		if err != nil {
			return err
		}
		all = append(all, text)
	}
	if g.As == files {
		return nil
	}
	return env.emitText(r, names[0], bytes.Join(all, []byte(run.TextRule)))
}

// textNames are those of the files that are written.
func (g *Generate) textNames(r *run.Run) (all []string) {
	seeds := run.Seeds(g.Seed, g.N)
	if g.As == sheet {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		all = append(all, fmt.Sprintf("%s-%06d.txt", r.Dir.Name(), seed))
	}
	return all
}

// text gathers one text, the prompt first, as its tokens come.
func (g *Generate) text(ctx context.Context, env *Env, r *run.Run, tokens func(func(int32, error) bool), done int) ([]byte, error) {
	text := []byte(g.Prompt)
	env.text(g.Prompt)
	written := 0
	for token, err := range tokens {
		if err != nil {
			return nil, err
		}
		piece, err := r.Text([]int32{token})
		if err != nil {
			return nil, err
		}
		text = append(text, piece...)
		env.text(string(piece))
		written++
		env.progress(done+written, g.N*g.Length)
		if written == g.Length {
			break
		}
	}
	return text, ctx.Err()
}

func (e *Env) text(piece string) {
	if e.Text != nil {
		e.Text(piece)
	}
}

func (e *Env) emitText(r *run.Run, name string, text []byte) error {
	return e.Emit(data.Item{Name: name, MediaType: "text/plain; charset=utf-8", Bytes: text, Origin: data.Origin{Place: r.Dir.Name()}})
}
