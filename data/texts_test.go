package data

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
)

// ended is stream with an end, token 255.
type ended struct{ stream }

func (ended) End() (int32, bool) { return 255, true }

// tokensIn returns the tokens of the texts of a part.
func tokensIn(d *Dataset) [][]int32 { return d.text.texts }

// A codec with ends has them around every text; short texts are joined by them until they
// fill a window, and none is lost.
func TestTextsEnd(t *testing.T) {
	for _, c := range []struct {
		size    int
		lengths []int
		want    [][]int32
	}{
		{3, []int{2, 3}, [][]int32{{255, 0, 1, 255}, {255, 2, 3, 4, 255}}},
		{6, []int{2, 1, 5}, [][]int32{{255, 0, 1, 255, 2, 255}, {255, 3, 4, 5, 6, 7, 255}}},
		{6, []int{5, 1}, [][]int32{{255, 0, 1, 2, 3, 4, 255, 5, 255}}}, // the last joins the one before it
		{5, []int{1, 0, 1}, [][]int32{{255, 0, 255, 255, 1, 255}}},
	} {
		train, _, err := Load(t.Context(), texts{c.lengths, nil}, ended{stream{c.size, new(int)}})
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		if got := tokensIn(train); !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("texts of %v in windows of %d give %v, want %v", c.lengths, c.size, got, c.want)
		}
	}
	_, _, err := Load(t.Context(), texts{[]int{2, 2}, nil}, ended{stream{9, new(int)}})
	if err == nil || !strings.Contains(err.Error(), "has 7 tokens, and a window has 9") {
		t.Error("texts that fill no window give", err)
	}
}

// choosy learns nothing without texts, and says so.
type choosy struct{ ended }

func (choosy) Spec([]string) (Spec, error) { return Spec{}, errors.New("nothing was learned") }

// dropping is a set whose only text is blank.
type dropping struct{}

func (dropping) Items(context.Context, Split) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		yield(Item{Origin: Origin{Place: "a.txt"}}, Dropf("empty", "the text is blank"))
	}
}

// A set without texts says which were skipped, and not that the codec learned nothing.
func TestNoTexts(t *testing.T) {
	_, _, err := Cache{Notice: func(string) {}}.Load(t.Context(), dropping{}, choosy{ended{stream{5, new(int)}}})
	if !errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), "a.txt: empty: the text is blank") {
		t.Error(err)
	}
}
