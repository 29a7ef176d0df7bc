package bench

import (
	"bytes"
	"testing"

	"atelier/data"
	_ "atelier/data/clean"
	_ "atelier/data/source"
)

// TestCleanersKeepGoodPictures lets the defaults look at the sets that come with the
// program: small, grey, transparent, and none of them to be dropped.
func TestCleanersKeepGoodPictures(t *testing.T) {
	for _, name := range []string{"fashion", "emoji"} {
		seen := 0
		for it, err := range starterItems(t.Context(), name) {
			if err != nil {
				t.Fatal(err)
			}
			if seen++; seen > 600 {
				break
			}
			p := &data.Piece{Item: it}
			for _, name := range []string{"decodes", "upright", "anonymous", "alpha", "size", "aspect", "blank", "blur"} {
				c, err := data.Cleaners.New(name)
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Clean(p); err != nil {
					t.Errorf("%s: %v", it.Name, err)
				}
			}
			if err := p.Finish(); err != nil || !bytes.Equal(p.Bytes, it.Bytes) && p.Changes == nil {
				t.Errorf("%s: changed: %v", it.Name, err)
			}
		}
	}
}
