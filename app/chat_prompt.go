package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/chatform"
	"atelier/internal/conversation"
	"atelier/internal/tokenizer"
	"atelier/model/retrieve"
)

// The roles of messages.
const (
	roleSystem    = "system"
	roleUser      = "user"
	roleAssistant = "assistant"
)

// usualSystem is the default system prompt.
const usualSystem = "Answer the question briefly and truthfully. Say that you do not know if you do not."

// checkTemplate refuses a model whose template cannot be run.
func (t *talk) checkTemplate() (err error) {
	if t.pen.template == "" {
		t.env.notice(t.pen.Name + " has no chat template: it was not made for conversations, and goes on with what reads like one")
		return nil
	}
	if t.form, err = chatform.Parse(t.pen.template); err != nil {
		return badinput.Errorf("the chat template of %s: %w", t.pen.Name, err)
	}
	return nil
}

// stops are the stop strings of an answer.
func (t *talk) stops() []string {
	if t.pen.template == "" {
		return []string{"\n" + roleUser + ":"}
	}
	return nil
}

// prompt is the conversation as tokens. The earliest exchanges are dropped if they do not fit into
// the context together with an answer.
func (t *talk) prompt(message string, found []retrieve.Passage) ([]int32, error) {
	room, turns := t.pen.model.Context-t.how.Length, t.said.Remembered()
	for from := 0; ; from++ {
		tokens, err := t.conversation(turns[from:], message, found)
		if err != nil {
			return nil, err
		}
		switch {
		case len(tokens) <= room:
			return tokens, nil
		case from < len(turns):
			continue
		case len(found) > 0:
			found = found[:len(found)-1]
			from--
			continue
		case len(tokens) < t.pen.model.Context:
			return tokens, nil // the answer will be short
		}
		return nil, badinput.Errorf("the message has %d tokens with what goes before it; %s reads at most %d: shorten it", len(tokens), t.pen.Name, t.pen.model.Context)
	}
}

// conversation are the tokens of exchanges, a message, and the beginning of its answer.
func (t *talk) conversation(turns []conversation.Exchange, message string, found []retrieve.Passage) ([]int32, error) {
	messages := []chatform.Message{{Role: roleSystem, Text: t.system(found)}}
	for _, turn := range turns {
		messages = append(messages, chatform.Message{Role: roleUser, Text: turn.Message}, chatform.Message{Role: roleAssistant, Text: turn.Answer})
	}
	messages = append(messages, chatform.Message{Role: roleUser, Text: message})
	for i := range messages {
		messages[i].Text = strings.TrimSpace(messages[i].Text)
	}
	if t.form == nil {
		return t.pen.prompt(transcript(messages))
	}
	tok := t.pen.tokenizer
	special := func(id int32) string {
		if id == tokenizer.None {
			return ""
		}
		return string(tok.Decode([]int32{id}))
	}
	parts, err := t.form.Write(messages, chatform.Tokens{Begin: special(tok.BOS()), End: special(tok.EOS())})
	if err != nil {
		return nil, badinput.Errorf("the chat template of %s: %w", t.pen.Name, err)
	}
	return t.tokens(parts), nil
}

// transcript is a conversation for models without a template.
func transcript(messages []chatform.Message) string {
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "%s: %s\n", m.Role, m.Text)
	}
	b.WriteString(roleAssistant + ":")
	return b.String()
}

// tokens are those of a conversation, whose special tokens are in the template alone: a message
// that spells one is text, and is encoded by itself.
func (t *talk) tokens(parts []chatform.Part) (all []int32) {
	tok := t.pen.tokenizer
	var text []byte // not yet encoded
	for _, p := range parts {
		if said := []byte(p.Text); p.Said && !slices.Equal(tok.Encode(said), tok.EncodeSpecial(said)) {
			all = append(all, tok.EncodeSpecial(text)...)
			all, text = append(all, tok.Encode(said)...), nil
			continue
		}
		text = append(text, p.Text...)
	}
	all = append(all, tok.EncodeSpecial(text)...)
	if begin := tok.BOS(); tok.AddsBOS() && begin != tokenizer.None && (len(all) == 0 || all[0] != begin) {
		all = append([]int32{begin}, all...)
	}
	return all
}

// system is the system prompt with the passages found.
func (t *talk) system(found []retrieve.Passage) string {
	var b strings.Builder
	b.WriteString(cmp.Or(t.how.System, usualSystem))
	if len(found) > 0 {
		b.WriteString("\nAnswer from these passages:\n")
	}
	for _, p := range found {
		fmt.Fprintf(&b, "\n%s\n%s\n", cmp.Or(p.Where(), "Atelier"), p.Text)
	}
	return b.String()
}
