package app

import (
	"context"
	"fmt"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/run"
)

// mostTokens is the longest that is written.
const mostTokens = 1_000_000

// choosing says how tokens are chosen.
func (g *Generate) choosing() family.Choosing {
	return family.Choosing{Temperature: g.Temperature, TopK: g.TopK, TopP: g.TopP}
}

// write draws texts or music, with a run that writes them token by token.
func (g *Generate) write(ctx context.Context, env *Env, r *run.Run) error {
	m := r.Medium()
	if err := g.checkWritten(r); err != nil {
		return err
	}
	w, err := r.Writer()
	if err != nil {
		return err
	}
	var prompt []int32
	if g.Prompt != "" {
		if prompt, err = r.Tokens(g.Prompt); err != nil {
			return badinput.Errorf("the prompt: %w", err)
		}
	}
	if g.Length == 0 {
		g.Length = r.UsualLength()
	}
	names := g.writtenNames(r)
	if env.Text == nil || !m.Words { // who reads along needs no files
		if err := env.expect(names...); err != nil {
			return err
		}
	}
	var all [][]byte
	var item data.Item
	for i, seed := range run.Seeds(g.Seed, g.N) {
		if m.Words && i > 0 {
			env.text(run.TextRule)
		}
		tokens, err := g.tokens(ctx, env, r, prompt, w.Write(ctx, seed, prompt, g.choosing()), i*g.Length)
		if err != nil {
			return err
		}
		if item, err = r.Written(tokens); err != nil {
			return err
		}
		if g.As == files {
			alone := *g
			alone.N, alone.Seed = 1, seed
			err = alone.emitWritten(env, r, names[i], item)
		}
		if err != nil {
			return err
		}
		all = append(all, item.Bytes)
	}
	if g.As == files {
		return nil
	}
	if m.Join != nil {
		item.Bytes = m.Join(all)
	}
	return g.emitWritten(env, r, names[0], item)
}

// writtenNames are those of the files that are written.
func (g *Generate) writtenNames(r *run.Run) (all []string) {
	extension := ""
	if known := r.Medium().Extensions; len(known) > 0 {
		extension = known[0]
	}
	seeds := run.Seeds(g.Seed, g.N)
	if g.As == sheet {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		all = append(all, fmt.Sprintf("%s-%06d%s", r.Dir.Name(), seed, extension))
	}
	return all
}

// checkWritten reports an input that is not for a run of texts or music.
func (g *Generate) checkWritten(r *run.Run) error {
	m, name := r.Medium(), r.Dir.Name()
	switch {
	case len(g.Class) > 0:
		return badinput.Errorf("run %s writes %s and knows no classes", name, m.Works)
	case g.Truncation != 1 || g.Format != "":
		return badinput.Errorf("run %s writes %s; truncation and format are for pictures", name, m.Works)
	case g.Prompt != "" && !m.Words:
		return badinput.Errorf("run %s writes %s, which does not begin with words: a prompt is for a run that writes texts", name, m.Works)
	case g.As == sheet && g.N > 1 && m.Join == nil:
		return badinput.Mark(registry.Unfit("n", fmt.Sprintf("%d works of %s do not go into one file: name a folder for them with -o", g.N, m.Works)))
	}
	return badinput.Mark(m.CheckFile(g.file))
}

// tokens gathers those of one work, the prompt first, as they come. What is text is
// told at once.
func (g *Generate) tokens(ctx context.Context, env *Env, r *run.Run, prompt []int32, written func(func(int32, error) bool), done int) ([]int32, error) {
	tell := func(tokens []int32) error {
		if !r.Medium().Words || len(tokens) == 0 {
			return nil
		}
		piece, err := r.Written(tokens)
		if err == nil {
			env.text(string(piece.Bytes))
		}
		return err
	}
	all := append([]int32(nil), prompt...)
	if err := tell(prompt); err != nil {
		return nil, err
	}
	n := 0
	for token, err := range written {
		if err != nil {
			return nil, err
		}
		all = append(all, token)
		if err := tell(all[len(all)-1:]); err != nil {
			return nil, err
		}
		n++
		env.progress(done+n, g.N*g.Length)
		if n == g.Length {
			break
		}
	}
	return all, ctx.Err()
}

func (e *Env) text(piece string) {
	if e.Text != nil {
		e.Text(piece)
	}
}

// emitWritten emits what was asked for in one file.
func (g *Generate) emitWritten(env *Env, r *run.Run, name string, item data.Item) error {
	item.Name = name
	return env.emit(g, r, item, run.Seeds(g.Seed, g.N), nil)
}
