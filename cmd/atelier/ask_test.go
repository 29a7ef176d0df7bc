package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

// Irreversible removal is confirmed if somebody can answer.
func TestRemovalIsConfirmed(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "": false, "yesterday\n": false} {
		var out, asked bytes.Buffer
		c := &console{out: &out, err: &asked, in: strings.NewReader(answer)}
		sure, err := c.ask("Remove all 2 versions?", "")
		if err != nil || sure != want || (out.String() == "nothing was done\n") == want {
			t.Errorf("%q: sure %v, error %v, said %q", answer, sure, err, out.String())
		}
		if want := "Remove all 2 versions? [y/N] "; !strings.HasPrefix(asked.String(), want) {
			t.Errorf("asked %q, want %q", asked.String(), want)
		}
	}
	c := &console{}
	if sure, err := c.ask("Remove all 2 versions?", "name one"); sure || !errors.Is(err, badinput.Err) || err.Error() != "name one" {
		t.Errorf("sure %v, error %v", sure, err)
	}
}
