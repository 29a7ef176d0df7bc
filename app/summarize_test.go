package app

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// A document whose summary is there already is not read.
func TestSummariesThatAreThere(t *testing.T) {
	there := errors.New("it is there")
	env := &Env{
		Expect: func(...string) error { return there },
		PDF: func(context.Context, []byte, PagesCounted) ([]PDFPage, error) {
			t.Error("the document was read")
			return nil, nil
		},
	}
	a := New[*Summarize]()
	a.Document = File{Name: "report.pdf", Bytes: []byte("%PDF-1.4\n")}
	if err := Run(t.Context(), a, env); !errors.Is(err, there) {
		t.Errorf("error %v", err)
	}
}

// What a model wrote ends with a whole sentence, within the length, where that is possible; where
// anything is missed, that is said.
func TestShortenedTo(t *testing.T) {
	for _, c := range []struct {
		text  string
		words int
		cut   bool
		want  string
		says  string
	}{
		{"It rains. It pours.", 0, false, "It rains. It pours.", ""},
		{"It rains. It pou", 0, true, "It rains.", "last whole sentence"},
		{"It rains, it pou", 0, true, "It rains, it pou", "breaks off"},
		{"It rains. It pours. It snows.", 5, false, "It rains. It pours.", "wrote 6 words; the summary ends with the last sentence within the 5"},
		{"It rains and it pours.", 3, true, "It rains and it pours.", "has 5 words, more than the 3"},
		{"It costs 3.50 dollars. Or mo", 0, true, "It costs 3.50 dollars.", "last whole sentence"},
		{"河水淹没。天气", 0, true, "河水淹没。", "last whole sentence"},
		{"- It rains\n- It po", 0, true, "- It rains", "last whole sentence"},
		{"", 5, false, "", ""},
	} {
		got, says := shortenedTo(c.text, c.words, c.cut)
		if got != c.want || !strings.Contains(says, c.says) || says != "" && c.says == "" {
			t.Errorf("%q: %q, %q; want %q, %q", c.text, got, says, c.want, c.says)
		}
	}
}
