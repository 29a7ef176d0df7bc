package app

import (
	"context"
	"fmt"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/language"
	"atelier/model/run"
)

// sampling returns the settings of token sampling.
func (g Generate) sampling() language.Sampling {
	return language.Sampling{Temperature: g.Temperature, TopK: g.TopK, TopP: g.TopP}
}

// write generates texts or music token by token.
func (g *Generate) write(ctx context.Context, env *Env, r *run.Run) error {
	m := r.Medium()
	if err := g.checkWritten(r, env.Out.File); err != nil {
		return err
	}
	class := ""
	if len(g.Class) > 0 {
		class = g.Class[0]
	}
	p, err := penOf(r, class)
	if err != nil {
		return err
	}
	if g.Length == 0 {
		g.Length = r.UsualLength()
	}
	names := g.writtenNames(r)
	expect := env.expectUnread
	if !m.Words {
		expect = env.expect
	}
	if err := expect(names...); err != nil {
		return err
	}
	c := composition{
		pen: p, how: language.Writer{Model: p.model, Sampling: g.sampling(), Slide: true},
		prompt: g.Prompt, length: g.Length, progress: env.progress, rule: run.TextRule,
	}
	if m.Words {
		c.show = env.text
	}
	seeds := run.Seeds(g.Seed, g.N)
	var all [][]byte
	var item data.Item
	err = c.write(ctx, seeds, func(d *draft) (err error) {
		if item, err = d.item(r); err != nil {
			return err
		}
		if all = append(all, item.Bytes); g.As != files {
			return nil
		}
		alone := *g
		alone.N, alone.Seed = 1, d.Seed
		return alone.emitWritten(env, r, names[len(all)-1], item)
	})
	if err != nil || g.As == files {
		return err
	}
	if m.Join != nil {
		item.Bytes = m.Join(all)
	}
	return g.emitWritten(env, r, names[0], item)
}

// item is the work of a run made from a draft.
func (d *draft) item(r *run.Run) (data.Item, error) {
	tokens := make([]int32, len(d.Tokens))
	for i, t := range d.Tokens {
		tokens[i] = t.ID
	}
	item, err := r.Written(tokens)
	if r.Medium().Words {
		item.Bytes = d.Text
	}
	return item, err
}

// writtenNames are the names of the output files.
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

// checkWritten reports an input that does not apply to a run of texts or music.
func (g *Generate) checkWritten(r *run.Run, file string) error {
	m, name := r.Medium(), r.Dir.Name()
	switch {
	case len(g.Class) > 0 && r.Controls() == 0:
		return badinput.Errorf("run %s generates %s and has no classes", name, m.Works)
	case len(g.Class) > 1:
		return badinput.Mark(registry.Unfit("class", fmt.Sprintf("run %s generates %s, of one class at a time", name, m.Works)))
	case g.Truncation != 1 || g.Format != "":
		return badinput.Errorf("run %s generates %s; truncation and format are for pictures", name, m.Works)
	case g.Prompt != "" && !m.Words:
		return badinput.Errorf("run %s generates %s; a prompt is for a run that generates texts", name, m.Works)
	case g.As == sheet && g.N > 1 && m.Join == nil:
		return badinput.Mark(registry.Unfit("n", fmt.Sprintf("%d pieces of %s do not fit into one file: name a folder with -o", g.N, m.Works)))
	}
	return badinput.Mark(m.CheckFile(file))
}

// emitWritten emits all works as one file.
func (g *Generate) emitWritten(env *Env, r *run.Run, name string, item data.Item) error {
	item.Name = name
	return env.emit(*g, madeBy(r), item, run.Seeds(g.Seed, g.N))
}
