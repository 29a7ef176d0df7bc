package recipes

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

func TestRead(t *testing.T) {
	if !slices.Contains(Names(), "fashion") {
		t.Fatalf("no fashion among %v", Names())
	}
	for _, name := range Names() {
		text, err := Read(name)
		if err != nil || !strings.HasPrefix(string(text), "# ") {
			t.Errorf("%s: %v; want a comment on the first line that says what it is", name, err)
		}
	}
	for _, name := range Names() {
		if doc, err := Doc(name); err != nil || len(doc) < 20 || len(doc) > 250 || strings.HasSuffix(doc, ".") {
			t.Errorf("%s: %v; want a first sentence of 20 to 250 bytes, got %q", name, err, doc)
		}
	}
	for _, name := range []string{"fashoin", "", "../go", "a/b", "\x00"} {
		if _, err := Read(name); !errors.Is(err, badinput.Err) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := Read("few-shot"); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "use pictures") {
		t.Error(err)
	}
	if _, err := Read("fashoin"); !strings.Contains(err.Error(), `did you mean "fashion"?`) {
		t.Error(err)
	}
}
