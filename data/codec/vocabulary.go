package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// The file of a run with its codec's vocabulary, in token order.
const (
	vocabularyFile   = "vocabulary.json"
	vocabularyFormat = 1
)

// A vocabulary is the contents of the file.
type vocabulary struct {
	Format int      `json:"format"`
	Tokens []string `json:"tokens"`
}

// vocabularyFiles returns the file of a vocabulary, by name.
func vocabularyFiles(tokens []string) (map[string][]byte, error) {
	var file bytes.Buffer
	e := json.NewEncoder(&file)
	e.SetEscapeHTML(false)
	err := e.Encode(vocabulary{vocabularyFormat, tokens})
	return map[string][]byte{vocabularyFile: file.Bytes()}, err
}

// readVocabulary reads what vocabularyFiles wrote: 1 to most distinct tokens.
func readVocabulary(files map[string][]byte, most int) ([]string, error) {
	file, ok := files[vocabularyFile]
	if !ok || len(files) > 1 {
		return nil, fmt.Errorf("want %s and no other file, got %d", vocabularyFile, len(files))
	}
	var v vocabulary
	err := json.Unmarshal(file, &v)
	if err == nil && v.Format > vocabularyFormat {
		return nil, fmt.Errorf("%s has format %d; this version of atelier reads formats up to %d: use a newer one", vocabularyFile, v.Format, vocabularyFormat)
	}
	if n := len(v.Tokens); err == nil && (n == 0 || n > most) {
		err = fmt.Errorf("want 1 to %d tokens, got %d", most, n)
	}
	seen := make(map[string]bool, len(v.Tokens))
	for _, t := range v.Tokens {
		if err == nil && (t == "" || seen[t]) {
			err = fmt.Errorf("want each token once, and none empty, got %q", t)
		}
		seen[t] = true
	}
	if again, _ := vocabularyFiles(v.Tokens); err == nil && !bytes.Equal(again[vocabularyFile], file) {
		err = errors.New("it is not what was written")
	}
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", vocabularyFile, err)
	}
	return v.Tokens, nil
}
