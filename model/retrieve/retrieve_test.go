package retrieve

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestTerms(t *testing.T) {
	for text, want := range map[string][]string{
		"How do I train on my own pictures?": {"train", "pictur"},
		"Pictures of the PICTURE's":          {"pictur", "pictur"},
		"怎么训练模型？":                            {"训练", "训", "练模", "练", "模型", "模", "型"},
		"用PNG的图":                             {"png", "图"},
		"":                                   nil,
	} {
		if got := Terms(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A rare term weighs more than a common one, and what a question says beyond a text lowers
// the share.
func TestSearch(t *testing.T) {
	x := NewIndex([]string{"the mill at the river", "the river floods the valley", "rivers, rivers and valleys", ""})
	hits := x.Search("Does the river flood the mill?", 9)
	if len(hits) != 3 || hits[0].Text != 1 && hits[0].Text != 0 || hits[2].Text != 2 {
		t.Fatalf("hits %+v", hits)
	}
	for _, h := range hits {
		if want := []int{2, 2, 1}[h.Text]; h.Words != want {
			t.Errorf("text %d has %d words of the question, want %d", h.Text, h.Words, want)
		}
		if h.Share <= 0 || h.Share >= 1 {
			t.Errorf("text %d covers %g of the question", h.Text, h.Share)
		}
	}
	if got := x.Search("river dragon", 1)[0].Share; got > 0.5 {
		t.Errorf("a common term is %g of a question with an unknown one", got)
	}
	if h := NewIndex([]string{"人们学习训练"}).Search("人要训练吗", 1)[0]; h.Words != 1 {
		t.Errorf("%d Chinese words, want 1", h.Words)
	}
	for _, question := range []string{"", "dragon", "the"} {
		if hits := x.Search(question, 3); len(hits) > 0 {
			t.Errorf("%q finds %+v", question, hits)
		}
	}
	if hits := NewIndex(nil).Search("river", 3); len(hits) > 0 {
		t.Errorf("no texts have %+v", hits)
	}
}

func TestPassages(t *testing.T) {
	got := Passages("a.md", "Title\n\nOne paragraph.\n\nAnother one.\n\nSecond part\n\n- an item\n- another\n\n第三部分\n\n一段。\n\nLast line")
	want := []Passage{
		{"a.md", "Title", "One paragraph.\n\nAnother one."},
		{"a.md", "Second part", "- an item\n- another"},
		{"a.md", "第三部分", "一段。\n\nLast line"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if w := got[0].Where(); w != "a.md, Title" {
		t.Errorf("the first is at %q", w)
	}
}

// No text is lost in passages, or cut within a character, and none of them is long.
func TestPassagesKeepAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.SampledFrom([]string{"word ", "字", "é", ". ", "。", "\n", "\n\n", "- ", strings.Repeat("long", 300), strings.Repeat("长", 2000)})).Draw(t, "pieces")
		text := strings.Join(pieces, "")
		kept := ""
		for _, p := range Passages("", text) {
			kept += p.Text
			if n := utf8.RuneCountInString(p.Text); n > 4*longPassage || !utf8.ValidString(p.Text) || n == 0 {
				t.Fatalf("a passage has %d characters, valid %v", n, utf8.ValidString(p.Text))
			}
		}
		long := func(s string) int { return strings.Count(s, "长")*3 + strings.Count(s, "long") }
		if long(kept) < long(text)-4 {
			t.Fatalf("%d of %d are kept", long(kept), long(text))
		}
	})
}

// A text without blank lines is cut in a time that grows with its length alone: were the rest counted for
// each passage, this one would take a minute.
func TestPassagesOfOneBlock(t *testing.T) {
	text := strings.Repeat("It is a sentence of some words. ", 500_000)
	if all := Passages("", text); len(all) < 10_000 {
		t.Errorf("%d passages", len(all))
	}
	for _, c := range []struct {
		text string
		is   bool
	}{{"", false}, {"长长", false}, {"长长长", true}, {"abc", true}, {strings.Repeat("长", 9), true}} {
		if got := isLonger(c.text, 2); got != c.is {
			t.Errorf("%q: %v", c.text, got)
		}
	}
}

func TestOverlap(t *testing.T) {
	for _, c := range []struct {
		got, want string
		f1        float64
	}{
		{"red heart", "a red heart", 1},
		{"red red heart", "red heart", 0.8},
		{"hearts", "heart, red", 2. / 3},
		{"红色方块", "蓝色方块", 5. / 7},
		{"cat", "dog", 0},
		{"", "dog", 0},
		{"", "", 0},
	} {
		if got := Overlap(c.got, c.want); math.Abs(got-c.f1) > 1e-9 {
			t.Errorf("%q against %q: %v, want %v", c.got, c.want, got, c.f1)
		}
	}
}

// A Chinese question is in a text by two neighbouring characters or all of its own, not by one of many.
func TestHasWord(t *testing.T) {
	for _, c := range []struct {
		question, text string
		want           bool
	}{
		{"三拍子", "四四拍 架子鼓", false}, {"三拍子", "四三拍 圆舞曲", true}, {"红心", "红色的心", true}, {"慢的小提琴", "慢板", true}, {"快", "快板", true},
		{"快", "慢板", false}, {"三拍子 waltz", "四四拍", true}, {"waltz", "", true},
	} {
		if got := HasWord(c.question, c.text); got != c.want {
			t.Errorf("%s in %s: %v", c.question, c.text, got)
		}
	}
}
