package bench

import (
	"bytes"
	"image/png"
	"math"
	"slices"
	"testing"

	"atelier/model/summary"
)

// The probabilities of n-grams add up to 1, and real texts are likelier than texts of their letters in
// any order.
func TestNgrams(t *testing.T) {
	texts := [][]int32{{0, 1, 2, 0, 1, 2, 0}, {2, 0, 1, 2, 0, 1, 2}}
	m := newNgrams(3, 4, texts)
	sum := 0.0
	before := []int32{0, 1}
	alone := m.nats([][]int32{before}) * 2
	for token := range int32(4) {
		sum += math.Exp(alone - 3*m.nats([][]int32{{0, 1, token}}))
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("the probabilities add up to %g", sum)
	}
	if like, other := m.nats(texts), m.nats([][]int32{{0, 0, 2, 2, 1, 1, 0}}); like >= other {
		t.Errorf("%g nats of the texts, %g of others", like, other)
	}
	// By hand, of one text "a b" with 2 tokens: p(a) = (1 + 2/2) / (2 + 2).
	if got, want := newNgrams(1, 2, [][]int32{{0, 1}}).nats([][]int32{{0}}), -math.Log(0.5); math.Abs(got-want) > 1e-9 {
		t.Errorf("%g nats, want %g", got, want)
	}
}

// Pieces of the three parts come from different documents.
func TestPieces(t *testing.T) {
	long := func(c byte) string { return string(bytes.Repeat([]byte{c}, 2*textsLength)) }
	set := piecesOf([]string{long('a'), long('b'), long('c')}, 5, 1)
	g := &textGame{set: set}
	for i, part := range [][][]int32{set.learned, set.judge, set.test} {
		if got := g.spell(part[4]); len(part) != 5 || got != long("abc"[i])[:textsLength] {
			t.Errorf("part %d: %q", i, got)
		}
	}
}

// Between two temperatures, diversity lies on a line; the plot is a picture.
func TestTextPoints(t *testing.T) {
	points := []textPoint{{"likelihood", 1, 2, 1}, {"likelihood", 0.5, 1, 3}, {"policy", 20, 1.5, 2.5}, {"gumbel", 20, 3, 1.5}, {"real", 0, 1, 1}}
	if got := diversityAt(points[:2], 1.5); got != 2 {
		t.Errorf("%g, want 2", got)
	}
	if got := diversityAt(points[:2], 0); got != 3 {
		t.Errorf("%g, want that of the nearest", got)
	}
	picture, err := plotTexts(points)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
		t.Error(err)
	}
}

// TextRank takes the sentences that share most with others.
func TestTextRank(t *testing.T) {
	var all []summary.Sentence
	for _, text := range []string{"Lunch was late today", "the river floods the valley", "farmers of the valley fear the river", "the river floods"} {
		all = append(all, summary.Sentence{Text: text})
	}
	if got := textRank(all, 2); !slices.Equal(got, []int{1, 3}) && !slices.Equal(got, []int{1, 2}) {
		t.Errorf("sentences %v", got)
	}
}
