package composing

import (
	"context"
	"fmt"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/events"
	"atelier/model/language"
)

// A Composer writes pieces with a language model of events.
type Composer struct {
	Model      *language.Model
	Vocabulary events.Vocabulary
	// Instruments are the programs that the model has learned, and [events.Drums].
	Instruments []int
	// Drumless are the styles, by number, that learned no drums: none are chosen for them.
	Drumless []int
	// Kit says that the model has learned drum kits and no other percussion.
	Kit bool
	language.Sampling
}

// Usual is how pieces are sampled.
var Usual = language.Sampling{Temperature: 0.8, TopP: 0.95}

// promptShare is how much of the context may be bars that are there already.
const promptShare = 0.5

// turn separates the random numbers of the parts of a piece.
const turn = 0x9E3779B97F4A7C15

// Begin returns a piece of bars without notes, and chooses what the heading leaves open.
func (c *Composer) Begin(ctx context.Context, h Heading, seed uint64) (*events.Piece, error) {
	h.Parts = slices.Clone(h.Parts)
	k := &headingConstraint{Heading: h, instruments: c.Instruments, drumless: c.Drumless, styles: len(c.Vocabulary.Styles), next: events.Style}
	prompt := []int32{events.Token(events.End, 0)}
	if k.styles == 0 {
		k.next = events.MeterIs
	}
	if _, err := c.write(ctx, language.Start{Prompt: prompt, Seed: seed - turn, Constraint: k}, nil); err != nil {
		return nil, err
	}
	if !k.done {
		return nil, fmt.Errorf("the model writes no heading of a piece")
	}
	return k.piece(), nil
}

// write writes tokens until the constraint is done, or the context is full.
func (c *Composer) write(ctx context.Context, from language.Start, each func(token int32)) (tokens []int32, err error) {
	w := language.Writer{Model: c.Model, Sampling: c.Sampling, Control: c.Model.Vocabulary - c.Vocabulary.Size()}
	err = w.Write(ctx, []language.Start{from}, func(_ int, t language.Token) (bool, error) {
		tokens = append(tokens, t.ID)
		if each != nil {
			each(t.ID)
		}
		return true, nil
	})
	return tokens, err
}

// Write writes the bars of a plan into its piece, guided towards its style by the Guidance of the
// composer. progress is told how many are written.
func (c *Composer) Write(ctx context.Context, p *Plan, seed uint64, progress func(done, total int)) error {
	if p.Chromatic == 0 {
		p.Chromatic = usualChromatic
	}
	p.Kit = c.Kit
	if p.Seed = seed; p.Repeats == 0 {
		p.Repeats = usualRepeats
	}
	rest, first := *p, p.From
	for round := uint64(0); rest.From < rest.To; round++ {
		part, before := rest.around(int(promptShare * float64(c.Model.Context)))
		k := NewConstraint(&part)
		tokens, err := c.write(ctx, language.Start{Prompt: part.prompt(), Against: part.unstyled(), Seed: seed + turn*round, Constraint: k}, func(int32) {
			if progress != nil {
				progress(before+k.bar-first, p.To-first)
			}
		})
		if err != nil {
			return err
		}
		written := events.Parse(append(part.Piece.Part(part.From, len(part.Piece.Bars)).Heading(), tokens...)).Bars
		if !k.Done() {
			written = written[:max(0, len(written)-1)] // the last is not whole
		}
		if len(written) == 0 {
			return badinput.Errorf("the context of the model, %d tokens, is too short for a bar of %d instruments behind the bars before it", c.Model.Context, len(p.Piece.Parts))
		}
		for i, b := range written {
			to := &p.Piece.Bars[rest.From+i]
			to.Chords, to.Parts = b.Chords, b.Parts
		}
		rest.From += len(written)
	}
	return nil
}

// Known is the instrument of those that were learned that stands for a program: itself, or one
// of its family or of its role.
func (c *Composer) Known(program int) (int, error) {
	if slices.Contains(c.Instruments, program) {
		return program, nil
	}
	best, found := 0, -1
	for _, other := range c.Instruments {
		like := 0
		switch {
		case program == events.Drums || other == events.Drums:
			continue
		case other/8 == program/8:
			like = 3
		case roleOf(other) == roleOf(program):
			like = 2
		default:
			like = 1
		}
		if like > best {
			best, found = like, other
		}
	}
	if found < 0 {
		if program == events.Drums {
			return 0, badinput.Errorf("the model has learned no drums")
		}
		return 0, badinput.Errorf("the model has learned drums alone")
	}
	return found, nil
}
