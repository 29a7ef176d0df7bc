package app

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/model/run"
)

// TestDrawEmoji draws an emoji by its name, and says so.
func TestDrawEmoji(t *testing.T) {
	env, items, _ := searching(t, Out{Apart: true})
	var notices []string
	env.Notice = func(line string) { notices = append(notices, line) }
	a := New[*Draw]()
	a.Text, a.From, a.N = "❤️", run.Illustrator, 1
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	if len(*items) != 1 || (*items)[0].Name != "red-heart-000001.png" {
		t.Errorf("got %d works", len(*items))
	}
	if want := []string{`❤ is read as "red heart"`}; !slices.Equal(notices, want) {
		t.Errorf("got the notices %q, want %q", notices, want)
	}
}

// TestDrawStyles: the styles of the run that comes with the program are three, in any case of letters;
// those of another run are words like others.
func TestDrawStyles(t *testing.T) {
	for style, ok := range map[string]bool{"": true, "noto": true, "dark skin tone, Fluent": true, "Apple": false, "Samsung": false} {
		a := New[*Draw]()
		a.Text, a.Style = "apple", style
		if err := a.Check(Out{}); (err == nil) != ok {
			t.Errorf("%q: %v", style, err)
		}
		if a.From = "0001-words"; a.Check(Out{}) != nil {
			t.Errorf("%q is refused of another run", style)
		}
	}
}

// TestDrawErrors refuses texts that say nothing, whatever the style.
func TestDrawErrors(t *testing.T) {
	for text, want := range map[string]string{
		"!!!": `"!!!" has no words that say what to draw`, "-": "has no words", "the": "has no words", "🇫🇷": "has no words",
		"zzzz": "knows none of its words",
	} {
		for _, style := range []string{"", "Noto"} {
			if text == "zzzz" && style != "" {
				continue
			}
			env, _, _ := searching(t, Out{Apart: true})
			a := New[*Draw]()
			a.Text, a.From, a.N, a.Style = text, run.Illustrator, 1, style
			if err := Run(t.Context(), a, env); err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, badinput.Err) {
				t.Errorf("%q: got %v, want %s", text, err, want)
			}
		}
	}
}
