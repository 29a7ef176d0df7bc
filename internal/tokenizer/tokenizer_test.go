package tokenizer

import (
	"bytes"
	"iter"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// texts yields texts as a corpus.
func texts(all ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, text := range all {
			if !yield([]byte(text), nil) {
				return
			}
		}
	}
}

// trainedOn returns a tokenizer of a text.
func trainedOn(t testing.TB, size int, all ...string) *Tokenizer {
	t.Helper()
	tok, err := Train(texts(all...), size)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

const corpus = "To be, or not to be, that is the question: whether it's nobler in the mind.\n\n學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？\nfunc main() {\n\tfmt.Println(\"to be\")\n}\n"

// Any bytes come back as they were, whole or token by token, and none of them are a special token.
func TestRoundTrip(t *testing.T) {
	tok := trainedOn(t, 400, corpus, corpus)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.SliceOf(rapid.Byte()),
			rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) }),
			rapid.Map(rapid.SliceOf(rapid.SampledFrom([]string{"to", " be", EndOfText, "不亦", "\xe4", "\n", "  ", "'S"})), func(s []string) []byte { return bytes.Join(bytesOf(s), nil) }),
		).Draw(t, "text")
		ids := tok.Encode(text)
		if got := tok.Decode(ids); !bytes.Equal(got, text) {
			t.Fatalf("%q became %q by %v", text, got, ids)
		}
		if slices.ContainsFunc(ids, tok.IsSpecial) {
			t.Fatalf("%q gives a special token: %v", text, ids)
		}
		var streamed []byte
		s := tok.Stream()
		for _, id := range ids {
			piece := s.Next(id)
			if utf8.Valid(text) && !utf8.Valid(piece) {
				t.Fatalf("%q is streamed with half a character, %q", text, piece)
			}
			streamed = append(streamed, piece...)
		}
		if streamed = append(streamed, s.Flush()...); !bytes.Equal(streamed, text) {
			t.Fatalf("%q is streamed as %q", text, streamed)
		}
	})
}

func bytesOf(all []string) (out [][]byte) {
	for _, s := range all {
		out = append(out, []byte(s))
	}
	return out
}

// Text is composed where a model was trained so, and nothing is put into it.
func TestComposed(t *testing.T) {
	marks := strings.Repeat("\u0301", 40)
	for text, want := range map[string]string{
		"e\u0301": "é", "é": "é", "\u1112\u1161\u11ab": "한", "a\xffe\u0301": "a\xffé", "": "",
		"e\u0301 a" + marks + " e\u0301": "é á" + marks[2:] + " é",
		"x" + marks:                      "x" + marks,
	} {
		if got := string(composed([]byte(text))); got != want {
			t.Errorf("%+q became %+q, want %+q", text, got, want)
		}
	}
}
