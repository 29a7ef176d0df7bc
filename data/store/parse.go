package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"atelier/internal/badinput"
)

// ReadManifest reads the manifest of the version in a folder.
func ReadManifest(dir string) (*Manifest, error) {
	file := filepath.Join(dir, ManifestName)
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, manifestLimit+1))
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(text)
	if err != nil {
		return nil, fmt.Errorf("%s %w", file, err)
	}
	return m, nil
}

func parseManifest(text []byte) (*Manifest, error) {
	if len(text) > manifestLimit {
		return nil, fmt.Errorf("is damaged: it is larger than %d MiB", manifestLimit>>20)
	}
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("is damaged: %w", explained(err))
	}
	if head.Format > Format {
		return nil, badinput.Errorf("has format %d; this version of atelier reads formats up to %d: use a newer one", head.Format, Format)
	}
	m := new(Manifest)
	err := json.Unmarshal(text, m)
	if err == nil {
		err = unique(text)
	}
	if err == nil {
		err = m.check()
	}
	if err != nil {
		return nil, fmt.Errorf("is damaged: %w", explained(err))
	}
	return m, nil
}

// explained describes an error in JSON without the names of Go.
func explained(err error) error {
	if clock := (*time.ParseError)(nil); errors.As(err, &clock) {
		return fmt.Errorf("%s is not a time; want one such as \"2026-11-28T12:00:00Z\"", clock.Value)
	}
	return badinput.JSON(err)
}

// unique refuses valid JSON in which an object has a key twice, since programs differ in which
// value they take. Keys that differ only in case count as the same.
func unique(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	type level struct {
		keys map[string]bool // nil for a list
		key  bool            // whether a key comes next
	}
	var open []level
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		last := len(open) - 1
		switch name, isName := token.(string); {
		case isName && last >= 0 && open[last].key:
			if last == 0 {
				name = strings.ToLower(name)
			}
			if open[last].keys[name] {
				return fmt.Errorf("the key %q is duplicated", name)
			}
			open[last].keys[name], open[last].key = true, false
			continue
		case token == json.Delim('{'):
			open = append(open, level{keys: map[string]bool{}, key: true})
			continue
		case token == json.Delim('['):
			open = append(open, level{})
			continue
		case token == json.Delim('}') || token == json.Delim(']'):
			open = open[:last]
			last--
		}
		if last >= 0 { // a value ended
			open[last].key = open[last].keys != nil
		}
	}
}
