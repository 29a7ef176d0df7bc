// Package chatform writes conversations in the form that a chat model was trained on: as its
// template says, a program in Jinja that comes with the weights.
//
// Templates come from strangers. They are run with bounds on their size, steps, values and time,
// without macros that call themselves, files, or anything else that is not needed for text.
package chatform

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"
)

// The bounds within which a template is run.
const (
	maxTemplate = 128 << 10 // bytes
	maxOutput   = 1 << 20   // bytes
	maxSteps    = 100_000   // statements and loops
	maxValue    = 64 << 10  // bytes and elements of a variable, all that it holds counted
	maxRange    = 1000
	maxTime     = 2 * time.Second
)

// A Message is one turn of a conversation.
type Message struct {
	Role string // system, user or assistant
	Text string
}

// A Part of a written conversation is text of the template, in which special tokens are spelled
// out, or what somebody said, in which they are not.
type Part struct {
	Text string
	Said bool
}

// A Template is a chat template that was read. It can be used from several goroutines.
type Template struct {
	source string
	known  *known         // in place of the source, if that cannot be run
	idle   chan *compiled // at most one, which nobody runs
}

// A compiled template is run by one goroutine at a time: its statements count in its bounds.
type compiled struct {
	*exec.Template
	bounds *bounds
}

// Parse reads a template. The error says what of it is not supported.
func Parse(source string) (*Template, error) {
	t := &Template{source: source, idle: make(chan *compiled, 1)}
	c, err := compile(source)
	if err == nil {
		t.idle <- c
	} else if t.known = knownForm(source); t.known != nil {
		err = nil
	}
	return t, err
}

// take returns a compiled template that nobody runs.
func (t *Template) take() (*compiled, error) {
	select {
	case c := <-t.idle:
		return c, nil
	default:
		return compile(t.source)
	}
}

// giveBack keeps a compiled template whose execution has ended for the next one.
func (t *Template) giveBack(c *compiled) {
	select {
	case t.idle <- c:
	default:
	}
}

// Tokens are the special tokens that templates refer to, as text; empty if the model has none.
type Tokens struct{ Begin, End string }

// Write writes a conversation up to the place where the next answer of the assistant begins.
// Models that think before they answer are told not to. A template that refuses system messages
// gets them as the beginning of the first user's message.
func (t *Template) Write(messages []Message, tokens Tokens) ([]Part, error) {
	if t.known != nil {
		return t.known.write(messages, tokens), nil
	}
	text, err := t.run(messages, tokens)
	if refused := refusal(""); errors.As(err, &refused) {
		messages = withoutSystem(messages)
		text, err = t.run(messages, tokens)
	}
	if err != nil {
		return nil, err
	}
	return parts(text, messages)
}

// What is said goes through a template as a character for private use each, so that it is
// neither changed nor taken for text of the template. There are [maxMessages] of them.
const (
	firstMark   = '\U000f0000'
	maxMessages = 0xfffe
)

// mark stands for message i.
func mark(i int) string { return string(firstMark + rune(i)) }

// parts puts what was said into the place of its marks.
func parts(text string, messages []Message) (all []Part, err error) {
	if !utf8.ValidString(text) || !strings.Contains(text, mark(len(messages)-1)) {
		return nil, errors.New("the template leaves out the last message, or takes it apart")
	}
	begin := 0
	for at, c := range text {
		i := int(c - firstMark)
		if i < 0 || i >= len(messages) {
			continue
		}
		if begin < at {
			all = append(all, Part{text[begin:at], false})
		}
		all = append(all, Part{messages[i].Text, true})
		begin = at + utf8.RuneLen(c)
	}
	if begin < len(text) {
		all = append(all, Part{text[begin:], false})
	}
	return all, nil
}

// run runs the template, within [maxTime].
func (t *Template) run(messages []Message, tokens Tokens) (string, error) {
	if len(messages) > maxMessages {
		return "", fmt.Errorf("the conversation has %d messages, more than %d", len(messages), maxMessages)
	}
	c, err := t.take()
	if err != nil {
		return "", err
	}
	*c.bounds = bounds{until: time.Now().Add(maxTime)}
	said := make([]any, len(messages))
	for i, m := range messages {
		said[i] = map[string]any{"role": m.Role, "content": mark(i)}
	}
	given := exec.NewContext(map[string]any{
		"messages": said, "add_generation_prompt": true, "enable_thinking": false,
		"bos_token": tokens.Begin, "eos_token": tokens.End,
	})
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		var out strings.Builder
		defer func() {
			if p := recover(); p != nil {
				done <- result{err: fmt.Errorf("the template fails: %v", p)}
			}
		}()
		err := c.bounds.cause(c.Execute(c.bounds.bounded(&out), given))
		t.giveBack(c)
		done <- result{out.String(), err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-time.After(2 * maxTime):
		return "", errTime
	}
}

// compile parses a template.
func compile(source string) (c *compiled, err error) {
	if len(source) > maxTemplate {
		return nil, fmt.Errorf("the template has %d bytes, more than %d", len(source), maxTemplate)
	}
	how := config.New()
	how.TrimBlocks, how.LeftStripBlocks = true, true // as all programs that run chat templates do
	if err := checkTokens(source, how); err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the template cannot be read: %v", p)
		}
	}()
	const name = "/template"
	loader, err := loaders.NewMemoryLoader(map[string]string{name: source})
	if err != nil {
		return nil, err
	}
	b := &bounds{}
	template, err := exec.NewTemplate(name, how, loader, &exec.Environment{
		Context:           exec.NewContext(b.functions()),
		Filters:           b.filters(),
		Tests:             tests(),
		ControlStructures: exec.NewControlStructureSet(b.statements()),
		Methods:           b.methods(),
	})
	if err != nil {
		return nil, fmt.Errorf("the template cannot be read: %w", withoutSource(err, source))
	}
	return &compiled{template, b}, nil
}

// withoutSource shortens an error of the parser, which repeats the whole template.
func withoutSource(err error, source string) error {
	text := strings.ReplaceAll(err.Error(), source, "")
	return oneLine(strings.TrimPrefix(text, "failed to parse template '': "))
}
