package chatform

import "strings"

// A known form is one that is written without running its template, of which the library cannot
// read every one.
type known struct {
	mark      string // in a template, tells the form
	before    string // of a message; its role stands between before and after the role
	afterRole string
	after     string // a message
	assistant string // the assistant's role
	system    bool   // there is a role of the system
	thought   string // in templates of models that think, the beginning of an answer without a thought
}

var knownForms = []known{
	{"<|im_start|>", "<|im_start|>", "\n", "<|im_end|>\n", "assistant", true, "<think>\n\n</think>\n\n"},
	{"<|start_header_id|>", "<|start_header_id|>", "<|end_header_id|>\n\n", "<|eot_id|>", "assistant", true, ""},
	{"<start_of_turn>", "<start_of_turn>", "\n", "<end_of_turn>\n", "model", false, ""},
}

// knownForm is the form that a template is of, nil if none is recognised.
func knownForm(source string) *known {
	for _, k := range knownForms {
		if strings.Contains(source, k.mark) {
			if !strings.Contains(source, "enable_thinking") {
				k.thought = ""
			}
			return &k
		}
	}
	return nil
}

// write writes a conversation in the form.
func (k *known) write(messages []Message, tokens Tokens) (all []Part) {
	if !k.system {
		messages = withoutSystem(messages)
	}
	template := func(text string) { all = append(all, Part{text, false}) }
	if tokens.Begin != "" {
		template(tokens.Begin)
	}
	begin := func(role string) {
		if role == "assistant" {
			role = k.assistant
		}
		template(k.before + role + k.afterRole)
	}
	for _, m := range messages {
		begin(m.Role)
		all = append(all, Part{m.Text, true})
		template(k.after)
	}
	begin("assistant")
	if k.thought != "" {
		template(k.thought)
	}
	return all
}

// withoutSystem puts a message of the system before the first one of the user.
func withoutSystem(messages []Message) []Message {
	if len(messages) < 2 || messages[0].Role != "system" || messages[1].Role != "user" {
		return messages
	}
	joined := Message{"user", messages[0].Text + "\n\n" + messages[1].Text}
	return append([]Message{joined}, messages[2:]...)
}
