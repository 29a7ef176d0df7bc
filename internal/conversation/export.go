package conversation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Markdown is the conversation as a document: who spoke, in bold, before what was said, and a rule
// where the conversation begins anew. Answers of a model stand under its name.
func (c *Conversation) Markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", c.Name)
	for _, e := range c.Exchanges {
		if e.New {
			b.WriteString("\n---\n")
			continue
		}
		by := "Atelier"
		if e.By != "" {
			by = e.By + " (a model)"
		}
		fmt.Fprintf(&b, "\n**You**\n\n%s\n\n**%s**\n\n%s\n", strings.TrimSpace(e.Message), by, strings.TrimSpace(e.Whole()))
	}
	return b.Bytes()
}

// A message is one side of an exchange, as in the interfaces of chat models.
type message struct {
	Role    string `json:"role"` // user or assistant
	Content string `json:"content"`
	Model   string `json:"model,omitempty"` // that wrote it
	Sources string `json:"sources,omitempty"`
	New     bool   `json:"new,omitempty"` // what was said before is forgotten
}

// JSON is the conversation as an object with a list of messages, each with role and content.
func (c *Conversation) JSON() ([]byte, error) {
	out := struct {
		Name     string    `json:"name"`
		Messages []message `json:"messages"`
	}{c.Name, []message{}}
	anew := false
	for _, e := range c.Exchanges {
		if e.New {
			anew = true
			continue
		}
		out.Messages = append(out.Messages, message{Role: "user", Content: e.Message, New: anew}, message{Role: "assistant", Content: e.Answer, Model: e.By, Sources: e.Sources})
		anew = false
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(out)
	return b.Bytes(), err
}
