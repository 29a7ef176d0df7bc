package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/conversation"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/model/language"
)

const chatApp = "chat"

func init() {
	Apps.Add(chatApp, "answer questions about Atelier or your own documents, in English or Chinese; needs no model, but can use one",
		func() App { return &Chat{Seed: 1, Length: 256, Temperature: 0.7, TopP: 0.9} })
}

// Chat answers questions: from curated answers about Atelier, from passages of documents, or with a
// language model that is given both.
type Chat struct {
	Message      string  `lead:"MESSAGE" help:"question; if empty, each line of the standard input is one, or on a terminal you are asked"`
	Documents    Set     `help:"file, folder of documents or address of a page to answer from: text, Markdown, HTML, Word (.docx), EPUB or PDF"`
	Model        Model   `needs:"writes" words:"remote" help:"run trained on texts, or pretrained weights, that writes the answers; if empty, answers are quoted; remote or remote:NAME asks a model at the server of ATELIER_REMOTE_URL"`
	Conversation string  `help:"name under which the conversation is saved on this machine, to continue it later"`
	Before       Strings `help:"messages and answers in turn that came before, for a conversation that branches off another"`
	System       string  `help:"system prompt: instructions to the model before the conversation"`
	Seed         uint64  `help:"seed of the model's first answer; later answers count up from it"`
	Length       int     `min:"1" max:"1000000" help:"largest number of tokens in an answer of the model"`

	Temperature float64 `min:"0" max:"100" help:"sampling temperature of the model: below 1 favours likely tokens; 0 always takes the likeliest"`
	TopP        float64 `toml:"top_p" min:"0.0001" max:"1" help:"top-p (nucleus) sampling of the model: only from the likeliest tokens that together have this probability; 1 is all"`
}

// ErrNewConversation is returned by [Env.Ask] to forget the conversation so far.
var ErrNewConversation = errors.New("a new conversation")

// Example implements [App].
func (Chat) Example() string { return `"How do I train on my own pictures?"` }

// Check implements [Checker].
func (c Chat) Check(out Out) error {
	if err := checkTextFile(out); err != nil {
		return err
	}
	if c.Message != "" && strings.TrimSpace(c.Message) == "" {
		return registry.Unfit("message", "want a question, got only spaces")
	}
	if c.System != "" && c.Model == "" {
		return badinput.Errorf("system: want a model that is told so: add --model NAME")
	}
	if len(c.Before)%2 != 0 {
		return registry.Unfit("before", fmt.Sprintf("want messages and answers in turn, got %d texts", len(c.Before)))
	}
	if c.Conversation != "" {
		if err := conversation.CheckName(c.Conversation); err != nil {
			return err
		}
	}
	how := c.sampling()
	return how.Check()
}

func (c Chat) sampling() language.Sampling {
	return language.Sampling{Temperature: c.Temperature, TopP: c.TopP, Repetition: 1}
}

// source implements [sourced].
func (c Chat) source(by *Maker) provenance.Source {
	switch {
	case by != nil:
		return provenance.Generated
	case c.Documents != "":
		return provenance.Enhanced
	}
	return provenance.Algorithm
}

// restore implements [restorer].
func (c Chat) restore(provenance.Label) error {
	if c.Message == "" || c.Conversation != "" {
		return badinput.Errorf("this is a conversation, which its label does not hold; the answer to a single message can be made again")
	}
	return nil
}

// Run implements [App].
func (c Chat) Run(ctx context.Context, env *Env) error {
	t, err := c.talk(ctx, env)
	if err != nil {
		return err
	}
	const name = "answer.txt"
	if env.Text == nil {
		if err := env.expect(name); err != nil {
			return err
		}
	}
	ask := env.Ask
	if c.Message != "" {
		ask = once(c.Message)
	} else if ask == nil {
		return badinput.Errorf("message: want a question, such as: atelier chat %s", c.Example())
	}
	answers, err := t.converse(ctx, ask)
	if err != nil || len(answers) == 0 {
		return err
	}
	item := data.Item{Name: name, MediaType: "text/plain; charset=utf-8", Bytes: []byte(strings.Join(answers, "\n\n") + "\n")}
	by := t.by()
	var seeds []uint64
	if by != nil {
		seeds = []uint64{c.Seed}
	}
	return env.emit(c, by, item, seeds)
}

// once asks a single message.
func once(message string) func(context.Context) (string, context.Context, error) {
	asked := false
	return func(ctx context.Context) (string, context.Context, error) {
		if asked {
			return "", nil, io.EOF
		}
		asked = true
		return message, ctx, nil
	}
}

// converse answers messages until there are none.
func (t *talk) converse(ctx context.Context, ask func(context.Context) (string, context.Context, error)) (answers []string, err error) {
	for {
		message, answering, err := ask(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return answers, nil
		case errors.Is(err, ErrNewConversation):
			if err := t.said.Add(conversation.Exchange{New: true}); err != nil {
				return answers, err
			}
			continue
		case err != nil:
			return answers, err
		case strings.TrimSpace(message) == "":
			continue
		}
		answer, err := t.answer(answering, message)
		if err != nil {
			if ctx.Err() == nil && answering.Err() != nil { // only this answer was cancelled
				continue
			}
			return answers, err
		}
		answers = append(answers, answer.Whole())
		if err := t.said.Add(answer); err != nil {
			return answers, err
		}
	}
}
