package app

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/chatform"
	"atelier/internal/conversation"
	"atelier/internal/tokenizer"
	"atelier/model/retrieve"
)

// formOf is a chat template that was read.
func formOf(t *testing.T, source string) *chatform.Template {
	t.Helper()
	form, err := chatform.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	return form
}

const chatML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{{ '<|im_start|>assistant\n' }}"

// A message, a passage or a system prompt that spells special tokens cannot write for another
// role: these tokens come from the template alone.
func TestChatSpecialTokens(t *testing.T) {
	specials := []string{"<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"}
	all := strings.Join(specials, "")
	tok, err := tokenizer.Train(func(yield func([]byte, error) bool) { yield([]byte("a text"), nil) }, 300, specials...)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{chatML, "<|im_start|>{{ unreadable", "<|start_header_id|>{{ unreadable"} {
		count := func(text string) (n int) {
			c := talk{how: Chat{System: text}, pen: &pen{tokenizer: tok, template: source}, form: formOf(t, source)}
			tokens, err := c.conversation([]conversation.Exchange{{Message: text, Answer: text}}, text, []retrieve.Passage{{Source: text, Section: text, Text: text}})
			if err != nil {
				t.Fatal(err)
			}
			if got := string(tok.Decode(tokens)); strings.Count(got, text) != 7 {
				t.Errorf("%s: %q has not all of what was said", source, got)
			}
			for _, id := range tokens {
				if tok.IsSpecial(id) {
					n++
				}
			}
			return n
		}
		if plain, hostile := count("hello"), count(all); plain != hostile || plain == 0 {
			t.Errorf("%s: %d special tokens, and %d where messages spell them", source, plain, hostile)
		}
	}
}

// A conversation is written as the template says, and a template that cannot be run is refused.
func TestChatForm(t *testing.T) {
	specials := []string{"<|im_start|>", "<|im_end|>"}
	tok, err := tokenizer.Train(func(yield func([]byte, error) bool) { yield([]byte("a text"), nil) }, 300, specials...)
	if err != nil {
		t.Fatal(err)
	}
	c := talk{how: Chat{System: "Be kind."}, pen: &pen{tokenizer: tok, template: chatML}, form: formOf(t, chatML)}
	got, err := c.conversation(nil, " Hi ", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := tok.EncodeSpecial([]byte("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"))
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", tok.Decode(got), tok.Decode(want))
	}
	c.pen.template, c.pen.Maker = "{% for message in %}[INST]", &Maker{Name: "other"}
	if err := c.checkTemplate(); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "the chat template of other: the template cannot be read") {
		t.Errorf("a broken template: %v", err)
	}
}

// A conversation: documents before what is built in, blank lines skipped, an answer that is
// cancelled left out, and the rest goes on.
func TestChatConversation(t *testing.T) {
	place := t.TempDir()
	for name, text := range map[string]string{
		"river.md":      "# The river\n\n## Farms\n\nFarmers grow rice near the old mill.\n",
		"sub/notes.txt": "The mill burned down in 1912.\n",
		"picture.png":   "\x89PNG\r\n\x1a\n",
		".hidden.txt":   "Nothing about dragons.\n",
	} {
		path := filepath.Join(place, filepath.FromSlash(name))
		os.MkdirAll(filepath.Dir(path), 0o777)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var shown, noticed strings.Builder
	env := &Env{Text: func(piece string) { shown.WriteString(piece + "|") }}
	env.Notice = func(line string) { noticed.WriteString(line) }
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	asked := []string{"What grows near the mill?", " ", "cancelled", "What is FID?", "What about unicorns?", "什么是独角兽？", "What is the rice of France?"}
	a := Chat{Documents: Set(place)}
	talk, err := a.talk(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := talk.converse(t.Context(), func(ctx context.Context) (string, context.Context, error) {
		if len(asked) == 0 {
			return "", nil, io.EOF
		}
		message := asked[0]
		asked = asked[1:]
		if message == "cancelled" {
			return message, cancelled, nil
		}
		return message, ctx, nil
	})
	if err != nil || len(answers) != 5 {
		t.Fatalf("%d answers, error %v: %q", len(answers), err, answers)
	}
	for i, want := range []string{"Farmers grow rice near the old mill.\n(river.md, Farms)", "Fréchet distance", "I do not know that. ", "我不知道。", "I do not know that. "} {
		if !strings.Contains(answers[i], want) {
			t.Errorf("answer %d is %q, want %q", i, answers[i], want)
		}
	}
	if !strings.Contains(noticed.String(), "picture.png is of the type image/png") || strings.Contains(noticed.String(), "hidden") {
		t.Errorf("notice %q", noticed.String())
	}
}
