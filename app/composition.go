package app

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/noise"
	"atelier/model/language"
)

// A composition is a request for texts that continue the same prompt.
type composition struct {
	pen    *pen
	how    language.Writer
	prompt string
	length int      // tokens after the prompt, and after each heading
	stops  []string // stop strings, which are not part of the text
	// headings are the headings of sections, each written in turn.
	headings []string
	// constraint returns the constraint for a text with a given beginning and token limit; nil for
	// none.
	constraint func(begun string, room int) (language.Constraint, error)
	// rule is displayed between texts.
	rule string
	// quiet omits the prompt from what is displayed.
	quiet bool
	// show receives text in order, text by text, with rules between them; nil ignores it.
	show     func(piece string)
	progress func(done, total int)

	written int // tokens of all texts
}

// A draft is a text in progress.
type draft struct {
	Seed   uint64
	Text   []byte // including the prompt
	Tokens []language.Token
	Why    string // the reason why it ended

	stream  tokenStream
	started int  // length of the prompt in bytes
	begun   int  // tokens before this section
	shown   int  // displayed bytes
	parted  bool // whether a rule was displayed before it
	done    bool
}

// Reasons for which a text ends.
const (
	whyLength  = "length"  // the requested number of tokens
	whyEnd     = "end"     // an end token
	whyStop    = "stop"    // a stop string
	whyContext = "context" // the context is full
	whyForm    = "form"    // the requested form is complete
)

// reasons describes them.
var reasons = map[string]string{
	whyLength: "the number that was requested", whyEnd: "where the model ended it", whyStop: "at a stop string",
	whyContext: "where the context is full or no token may follow",
}

// tooLong is the error of a prompt that does not fit into the context.
type tooLong struct{ error }

// Unwrap returns the user error.
func (e *tooLong) Unwrap() error { return e.error }

// room is the number of tokens that may follow n tokens.
func (c *composition) room(tokens int) int {
	if c.how.Slide {
		return c.length
	}
	return min(c.length, c.how.Context-tokens+1) // the last one need not be read
}

// atOnce is the number of texts written at once.
const atOnce = 16

// nextHeading is the reason why a section ends.
const nextHeading = "\n#"

// write writes one text per seed, and passes them on in order.
func (c *composition) write(ctx context.Context, seeds []uint64, keep func(d *draft) error) error {
	together := atOnce
	if len(c.headings) > 0 {
		together = 1 // to display it as it is generated
	}
	for at := 0; at < len(seeds); at += together {
		if at > 0 && c.show != nil {
			c.show(c.rule)
		}
		var drafts []*draft
		for _, seed := range seeds[at:min(at+together, len(seeds))] {
			drafts = append(drafts, &draft{Seed: seed, Text: []byte(c.prompt)})
			if c.quiet {
				drafts[len(drafts)-1].shown = len(c.prompt)
			}
		}
		if err := c.sections(ctx, drafts, len(seeds)); err != nil {
			return err
		}
		for _, d := range drafts {
			if err := keep(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// sections writes the texts of drafts, out of a total, section by section.
func (c *composition) sections(ctx context.Context, drafts []*draft, texts int) error {
	all := texts * c.length * (1 + len(c.headings))
	for part := range 1 + len(c.headings) {
		heading := ""
		if part > 0 {
			heading = "\n\n## " + c.headings[part-1] + "\n\n"
		}
		for _, d := range drafts {
			if part > 0 {
				d.Text = append(bytes.TrimRight(d.Text, " \n"), heading...)
			}
			d.started, d.begun, d.done = len(d.Text), len(d.Tokens), false
		}
		err := c.section(ctx, drafts, uint64(part), all)
		if long := (*tooLong)(nil); part > 0 && errors.As(err, &long) { // finished sections are kept
			for _, d := range drafts {
				d.Text, d.Why = append(bytes.TrimSuffix(d.Text, []byte(heading)), '\n'), whyContext
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// section writes one section of all drafts.
func (c *composition) section(ctx context.Context, drafts []*draft, part uint64, all int) error {
	starts, how := make([]language.Start, len(drafts)), c.how
	if how.Control = c.pen.controls; how.Control > 0 {
		how.Kept = 1
	}
	for i, d := range drafts {
		tokens, err := c.tokens(d.Text)
		if err != nil {
			return err
		}
		d.stream = c.pen.stream()
		for _, t := range tokens {
			d.stream.Next(t)
		}
		if c.pen.control != nil {
			tokens = append(c.pen.control(d.Seed), tokens...)
		}
		starts[i] = language.Start{Prompt: tokens, Seed: d.Seed}
		if part > 0 {
			starts[i].Seed = noise.Bits(d.Seed ^ noise.Bits(part))
		}
		if c.constraint != nil {
			if starts[i].Constraint, err = c.constraint(string(d.Text), c.room(len(tokens))); err != nil {
				return err
			}
		}
	}
	if c.show != nil {
		c.show("") // displayed even if it is empty
	}
	c.reveal(drafts)
	err := how.Write(ctx, starts, func(i int, t language.Token) (bool, error) {
		more := c.add(drafts[i], t)
		c.written++
		if c.progress != nil {
			c.progress(c.written, all)
		}
		c.reveal(drafts)
		return more, ctx.Err()
	})
	if err != nil {
		return err
	}
	for i, d := range drafts {
		k := starts[i].Constraint
		complete := k == nil || language.Complete(k)
		switch {
		case d.done:
		case k != nil && complete:
			c.end(d, whyForm)
		default:
			c.end(d, whyContext)
		}
		if !complete {
			return badinput.Errorf("the text of seed %d does not have the requested form: it ends after %d tokens, %s", d.Seed, len(d.Tokens)-d.begun, reasons[d.Why])
		}
	}
	c.reveal(drafts)
	return nil
}

// tokens are the tokens of the beginning of a text.
func (c *composition) tokens(text []byte) ([]int32, error) {
	tokens, err := c.pen.prompt(string(text))
	if err != nil {
		return nil, err
	}
	if most := c.how.Context; len(tokens) > most && !c.how.Slide {
		return nil, &tooLong{badinput.Errorf("the prompt has %d tokens; %s reads at most %d: shorten it, or use --overflow slide, which drops the beginning", len(tokens), c.pen.Name, most)}
	}
	return tokens, nil
}

// add adds a token to a text, and reports whether it continues.
func (c *composition) add(d *draft, t language.Token) bool {
	if slices.Contains(c.pen.ends, t.ID) {
		c.end(d, whyEnd)
		return false
	}
	d.Tokens = append(d.Tokens, t)
	d.Text = append(d.Text, d.stream.Next(t.ID)...)
	if at := c.stopAt(d); at >= 0 {
		d.Text = d.Text[:at]
		d.done, d.Why = true, whyStop
		return false
	}
	if len(d.Tokens)-d.begun == c.length {
		c.end(d, whyLength)
		return false
	}
	return true
}

// end ends a text.
func (c *composition) end(d *draft, why string) {
	d.Text = append(d.Text, d.stream.Flush()...)
	d.done, d.Why = true, why
}
