package data

import (
	"context"
	"strings"
	"testing"
)

// counted knows how many Items it has.
type counted struct{ numbers }

func (c counted) Count(context.Context, Split) (int, error) { return c.train, nil }

// A set of large examples is counted, and refused before most of it is encoded.
func TestLargeExamplesAreCounted(t *testing.T) {
	spec := Spec{Fields: []Field{{Name: Target, Kind: Pixels, Shape: []int{256, 256, 1}}}}
	r := room{4 * exampleBytes(spec), "there is 1 MB"}
	e := encoder{src: newSieve(counted{numbers{train: 1000}}, Cache{}), spec: spec, codec: plain{Pixels}, split: Train, room: r, to: newDataset("", spec, false)}
	_, err := e.encode(t.Context())
	if want := "1000 examples of target 256×256×1 in [0, 0] would take about 250 MB; there is 1 MB: 4 of them would fit, or all as pictures of 16×16"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	if e.n > 0 {
		t.Errorf("%d examples were begun", e.n)
	}
}
