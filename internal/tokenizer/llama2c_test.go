package tokenizer

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func stories(t testing.TB) *Tokenizer {
	t.Helper()
	tok, err := FromLlama2C(fileIn(t, "testdata", "tok512.bin"), 512)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// greedy encodes as llama2.c does: characters, or the bytes of those without a token, and then
// the pair of the best score as long as there is one.
func greedy(file []byte, text string) (ids []int32) {
	var names []string
	var scores []float32
	of := map[string]int32{}
	for rest := file[4:]; len(rest) > 0; {
		n := binary.LittleEndian.Uint32(rest[4:])
		scores = append(scores, math.Float32frombits(binary.LittleEndian.Uint32(rest)))
		names = append(names, string(rest[8:8+n]))
		of[string(rest[8:8+n])] = int32(len(names) - 1)
		rest = rest[8+n:]
	}
	if text != "" {
		ids = append(ids, of[" "])
	}
	for len(text) > 0 {
		_, n := utf8.DecodeRuneInString(text)
		if id, ok := of[text[:n]]; ok {
			ids = append(ids, id)
		} else {
			for i := range n {
				ids = append(ids, int32(text[i])+3)
			}
		}
		text = text[n:]
	}
	for {
		at, best, into := -1, float32(-1e10), int32(0)
		for i := 1; i < len(ids); i++ {
			if id, ok := of[names[ids[i-1]]+names[ids[i]]]; ok && scores[id] > best {
				at, best, into = i-1, scores[id], id
			}
		}
		if at < 0 {
			return ids
		}
		ids[at] = into
		ids = slices.Delete(ids, at+1, at+2)
	}
}

// Any text is encoded as llama2.c encodes it, and comes back.
func TestLlama2C(t *testing.T) {
	tok, file := stories(t), fileIn(t, "testdata", "tok512.bin")
	if tok.Size() != 512 || tok.BOS() != 1 || tok.EOS() != 2 || !tok.AddsBOS() || !tok.IsSpecial(1) || tok.Token(403) != " Once" {
		t.Error(tok.Size(), tok.BOS(), tok.EOS(), tok.AddsBOS(), tok.Token(403))
	}
	check := func(t interface{ Fatalf(string, ...any) }, text string) {
		got := tok.Encode([]byte(text))
		if want := greedy(file, text); !slices.Equal(got, want) {
			t.Fatalf("%q gives %v, want %v", text, got, want)
		}
		if back := string(tok.Decode(append([]int32{1}, got...))); back != text {
			t.Fatalf("%q became %q", text, back)
		}
	}
	check(t, "Once upon a time, there was a little girl named Lily. She loved to play outside in the park.\n\"Look, Ben, I found a box!\" Lily said.")
	check(t, strings.Repeat("aaaa", 100))
	rapid.Check(t, func(t *rapid.T) {
		check(t, strings.Join(rapid.SliceOf(rapid.OneOf(rapid.StringN(0, 3, -1), rapid.SampledFrom([]string{" ", "the", " Lily", "<s>", "<0x41>", "é", "天", "\xff", "▁", "\n"}))).Draw(t, "text"), ""))
	})
}

// A text that continues a prompt keeps the space that it begins with.
func TestStreamContinues(t *testing.T) {
	tok := stories(t)
	s := tok.Stream()
	for _, id := range tok.Encode([]byte("Once")) {
		s.Next(id)
	}
	id, _ := tok.ID(" upon")
	if got := string(s.Next(id)); got != " upon" {
		t.Errorf("%q", got)
	}
	if got := string(tok.Stream().Next(id)); got != "upon" {
		t.Errorf("at the beginning: %q", got)
	}
}

func TestRefusesLlama2C(t *testing.T) {
	file := fileIn(t, "testdata", "tok512.bin")
	changed := func(at int, b ...byte) []byte {
		other := slices.Clone(file)
		copy(other[at:], b)
		return other
	}
	for want, f := range map[string]func() ([]byte, int){
		"the tokenizer has 0 bytes":                                func() ([]byte, int) { return nil, 512 },
		"the tokenizer has 0 tokens; want a vocabulary of 512":     func() ([]byte, int) { return file[:4], 512 },
		"ends within token 511":                                    func() ([]byte, int) { return file[:len(file)-4], 512 },
		"the length of token 511 is 3; there are 2 bytes":          func() ([]byte, int) { return file[:len(file)-1], 512 },
		"bytes behind token 509":                                   func() ([]byte, int) { return file, 510 },
		"has 512 tokens; want a vocabulary of 600":                 func() ([]byte, int) { return file, 600 },
		"1 to 1048576 tokens, not -1":                              func() ([]byte, int) { return file, -1 },
		"the length of token 0 is -1":                              func() ([]byte, int) { return changed(8, 255, 255, 255, 255), 0 },
		"the score of token 0 is not a number":                     func() ([]byte, int) { return changed(4, 255, 255, 255, 255), 0 },
		`token 3 is "<0x99>"; want <0x00>`:                         func() ([]byte, int) { return changed(4+8+5+8+5+8+6+8+3, '9', '9'), 0 },
		"the tokenizer has 1 tokens; want <unk>, <s>, </s>, 256 f": func() ([]byte, int) { return file[:4+8+5], 0 },
	} {
		if _, err := FromLlama2C(f()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
