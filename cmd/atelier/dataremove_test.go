package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

// Whether all versions are to go is asked where somebody can answer.
func TestRemovalIsConfirmed(t *testing.T) {
	refs := []string{"faces@1", "faces@2"}
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "": false, "yesterday\n": false} {
		var out, asked bytes.Buffer
		c := &cli{console: &console{out: &out, err: &asked, in: strings.NewReader(answer)}}
		sure, err := c.confirmed("faces", refs)
		if err != nil || sure != want || (out.String() == "nothing is removed\n") == want {
			t.Errorf("%q: sure %v, error %v, said %q", answer, sure, err, out.String())
		}
		if want := "Remove all 2 versions of faces, faces@1, faces@2? [y/N] "; !strings.HasPrefix(asked.String(), want) {
			t.Errorf("asked %q, want %q", asked.String(), want)
		}
	}
	c := &cli{console: &console{}}
	if sure, err := c.confirmed("faces", refs); sure || !errors.Is(err, badinput.Err) {
		t.Errorf("sure %v, error %v", sure, err)
	}
}
