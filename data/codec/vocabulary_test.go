package codec

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What a codec of characters has learned is recalled by another, whatever the text.
func TestVocabularyIsRecalled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := fitted(t, rapid.StringN(1, 60, -1).Draw(t, "text"), 3)
		files, err := c.Learned()
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		again := &Chars{Context: 3}
		if err := again.Recall(files); err != nil || again.Fitted != c.Fitted {
			t.Fatalf("%q became %q: %v", c.Fitted, again.Fitted, err)
		}
	})
}

func TestVocabularyRefusesDamage(t *testing.T) {
	many, err := json.Marshal(slices.Repeat([]string{"a"}, mostCharacters+1))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                                           "unexpected end",
		`{"format":2,"tokens":["a"]}`:                "has format 2; this version of atelier reads formats up to 1",
		`{"format":1,"tokens":[]}`:                   "want 1 to 65536 tokens, got 0",
		`{"format":1,"tokens":["a","a"]}`:            `each token once, and none empty, got "a"`,
		`{"format":1,"tokens":[""]}`:                 "none empty",
		`{"format":1,"tokens":["ab"]}` + "\n":        `"ab" is not one character`,
		`{"format":1,"tokens":["\ud800"]}`:           "not what was written",
		`{"format": 1, "tokens": ["a"]}`:             "not what was written",
		`{"format":1,"tokens":` + string(many) + `}`: "got 65537",
	} {
		c := &Chars{Context: 3}
		err := c.Recall(map[string][]byte{vocabularyFile: []byte(text)})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), vocabularyFile) || c.Fitted != "" {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
	for _, files := range []map[string][]byte{nil, {"merges.json": nil}, {vocabularyFile: nil, "merges.json": nil}} {
		if err := (&Chars{}).Recall(files); err == nil || !strings.Contains(err.Error(), "want vocabulary.json and no other file") {
			t.Error(err)
		}
	}
}

// Whatever bytes there are, they are refused or a vocabulary that is written the same.
func FuzzVocabulary(f *testing.F) {
	f.Add([]byte(`{"format":1,"tokens":["\n"," ","天"]}` + "\n"))
	f.Add([]byte(`{"format":1,"tokens":["a","a"]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		c := &Chars{Context: 3}
		if c.Recall(map[string][]byte{vocabularyFile: file}) != nil {
			return
		}
		if _, err := c.Spec(nil); err != nil {
			t.Fatal(err)
		}
		again, err := c.Learned()
		if err != nil || string(again[vocabularyFile]) != string(file) {
			t.Fatalf("%q became %q: %v", file, again[vocabularyFile], err)
		}
	})
}
