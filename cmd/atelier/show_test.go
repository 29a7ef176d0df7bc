package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// Whatever a run makes, its last preview is shown, under a name of its own.
func TestEveryPreviewIsShown(t *testing.T) {
	for what, key := range map[string]string{"pictures": "picture", "texts": "text", "music": "music", "maps": "maps"} {
		s := shown{}
		s.shows(what, "runs/a/last")
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if s.preview != "runs/a/last" || s.what != what || !strings.Contains(string(text), `"`+key+`":"runs/a/last"`) {
			t.Errorf("%s: %s", what, text)
		}
	}
}
