package durable

import (
	"path/filepath"
	"strings"
	"testing"
)

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format":1,"files":{"a":{"size":3,"sha256":"` + strings.Repeat("0f", 32) + `"}}}`))
	f.Add([]byte(`{"format":1,"files":{"../a":{"size":-1}}}`))
	f.Add([]byte(`{"format":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseManifest(text)
		if err != nil {
			return
		}
		for name := range m.Files {
			if !filepath.IsLocal(filepath.FromSlash(name)) {
				t.Fatalf("%q lies outside", name)
			}
		}
	})
}
