package chatform

import (
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"
)

// forms are conversations as @huggingface/jinja 0.5.11 writes them, with templates that have
// what those of well-known models have.
func forms(t testing.TB) (all []struct {
	Name, Template, Text string
	Messages             [][2]string
}) {
	b, err := os.ReadFile("testdata/forms.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// joined is the text of parts, with what was said in braces if marked is set.
func joined(parts []Part, marked bool) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Said && marked {
			p.Text = "⟨" + p.Text + "⟩"
		}
		b.WriteString(p.Text)
	}
	return b.String()
}

func TestForms(t *testing.T) {
	for _, f := range forms(t) {
		form, err := Parse(f.Template)
		if err != nil {
			t.Error(f.Name, err)
			continue
		}
		var messages []Message
		for _, m := range f.Messages {
			messages = append(messages, Message{m[0], m[1]})
		}
		for range 2 { // what was compiled is used again
			parts, err := form.Write(messages, Tokens{"<s>", "</s>"})
			if got := joined(parts, false); err != nil || form.known != nil || got != f.Text {
				t.Errorf("%s: %v\n got %q\nwant %q", f.Name, err, got, f.Text)
			}
			form.Write(append(messages, messages[0]), Tokens{})
		}
	}
}

// A template is compiled once, and counts anew in each conversation.
func TestCompiledOnce(t *testing.T) {
	form, err := Parse(`{% for m in messages %}{{ m.content }}{% endfor %}`)
	if err != nil {
		t.Fatal(err)
	}
	c, err := form.take()
	if err != nil {
		t.Fatal(err)
	}
	*c.bounds = bounds{steps: maxSteps, written: maxOutput, failed: errSteps}
	form.giveBack(c)
	if _, err := form.Write([]Message{{"user", "hello"}}, Tokens{}); err != nil {
		t.Error(err)
	}
	if again, err := form.take(); err != nil || again != c {
		t.Errorf("it was compiled again: %v", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	form, err := Parse(forms(b)[0].Template)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := form.Write([]Message{{"user", "Hi"}}, Tokens{"<s>", "</s>"}); err != nil {
			b.Fatal(err)
		}
	}
}

// What somebody said is told from the text of the template, whatever it spells.
func TestSaid(t *testing.T) {
	form, err := Parse("{% for m in messages %}[{{ m.content | trim }}]{% endfor %}")
	if err != nil {
		t.Fatal(err)
	}
	parts, err := form.Write([]Message{{"user", "{{ 1 }}]"}, {"assistant", mark(0)}}, Tokens{})
	if got := joined(parts, true); err != nil || got != "[⟨{{ 1 }}]⟩][⟨"+mark(0)+"⟩]" {
		t.Errorf("%q, %v", got, err)
	}
	form, err = Parse("{% for m in messages %}{{ m.content[0] }}{% endfor %}")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := form.Write([]Message{{"user", "hello"}}, Tokens{}); err == nil || !strings.Contains(err.Error(), "takes it apart") {
		t.Error(err)
	}
}

// Templates that the library cannot read are written by their marks where these are known.
func TestKnownForms(t *testing.T) {
	conversation := []Message{{"system", "S"}, {"user", "U"}}
	for source, want := range map[string]string{
		"<|im_start|>{{ (1 if a else 2) }} enable_thinking": "<|im_start|>system\n⟨S⟩<|im_end|>\n<|im_start|>user\n⟨U⟩<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
		"<start_of_turn>{{ (1 if a else 2) }}":              "<start_of_turn>user\n⟨S\n\nU⟩<end_of_turn>\n<start_of_turn>model\n",
	} {
		form, err := Parse(source)
		if err != nil || form.known == nil {
			t.Fatal(err)
		}
		if parts, err := form.Write(conversation, Tokens{}); err != nil || joined(parts, true) != want {
			t.Errorf("%s: %q, %v", source, joined(parts, true), err)
		}
	}
}

// hostile are templates made to do harm, with a part of the error that each ends in.
var hostile = map[string]string{
	`{% for a in range(1000000000) %}x{% endfor %}`:                                                                      "more than 1000 numbers",
	`{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}`: "the template takes", // too many steps, or too long on a slow machine
	`{% set s = "aaaaaaaa" %}{% for a in range(60) %}{% set s = s ~ s %}{{ s }}{% endfor %}`:                             "",
	`{% set n = namespace(s="aaaaaaaa") %}{% for a in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}`:                 "value of more than",
	`{{ "a" * 1000000000 }}`:                                            "products",
	`{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}`:                   "called by itself",
	`{% macro f() %}{{ g() }}{% endmacro %}{% set g = f %}{{ f() }}`:    "passed on",
	`{% set n = namespace() %}{% set n.n = n %}{{ n }}`:                 "value of more than",
	`{% for a in messages recursive %}{{ loop(messages) }}{% endfor %}`: "recursive",
	`{% include "/etc/passwd" %}`:                                       "not found",
	`{% set s %}{% for a in range(1000) %}a{% endfor %}{% endset %}`:    "block that is set",
	`{% set s = "aaaaaaaaaaaaaaaa" %}` + strings.Repeat(`{% for x in [s ~ s ~ s ~ s] %}{% set s = x %}`, 30) + strings.Repeat(`{% endfor %}`, 30):                       "value of more than",
	`{{ range(1000) | join("a" ~ range(900) | join(range(500) | join("aaaa"))) }}`:                                                                                      "value of more than",
	`{{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".replace("", range(1000) | join("aaaaaaaaaaaaaaaaaaaaa"), -1).replace("a", range(1000) | join("aaaaaaaaaaaaaaaaaaaaa"), -1) }}`: "value of more than",
	`{{ raise_exception("no") }}`:               "refuses the conversation: no",
	`{{ ` + strings.Repeat("(", 20_000) + ` }}`: "cannot be read",
	`{% if %}`:                         "cannot be read",
	`{{ "abc" `:                        "",
	`{{ messages[5].content.x.y }}`:    "",
	`{{ 1 % 0 }}`:                      "fails",
	`{{ 1 // 0 }}`:                     "",
	`{{ "%999999999d" | format(1) }}`:  "",
	`{{ "a".center(1000000000) }}`:     "",
	strings.Repeat("a", maxTemplate+1): "more than 131072",
	strings.Repeat("{{ 'aaaaaaaaaaaaaaaaaaaaaaaa' }}", 3): "",
}

func TestHostile(t *testing.T) {
	for source, want := range hostile {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := written(source)
		runtime.ReadMemStats(&after)
		name := source[:min(len(source), 80)]
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "\n") || len(err.Error()) > 400) {
			t.Errorf("%s: not one line: %s", name, err)
		}
		if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 1<<30 {
			t.Errorf("%s: %d MB", name, bytes>>20)
		}
	}
}

// written writes a short conversation.
func written(source string) error {
	form, err := Parse(source)
	if err != nil {
		return err
	}
	_, err = form.Write([]Message{{"system", "Be kind."}, {"user", "Hi"}, {"assistant", "Hello"}, {"user", "How are you?"}}, Tokens{"<s>", "</s>"})
	return err
}

// Whatever a template is, it ends: no panic, no endless loop.
func FuzzTemplate(f *testing.F) {
	for _, form := range forms(f) {
		f.Add(form.Template)
	}
	for source := range hostile {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) { written(source) })
}
