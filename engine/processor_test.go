package engine

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestThisProcessor(t *testing.T) {
	p, err := ThisProcessor()
	if err != nil {
		t.Skip(err) // ATELIER_CPU asks for what this processor lacks
	}
	if p.Threads < 1 || !(p.Peak > 0) || !slices.Contains(p.Paths, p.Path) || p.L1 < 0 || p.L2 < 0 {
		t.Errorf("%+v", p)
	}
}

func TestCaches(t *testing.T) {
	root := t.TempDir()
	for index, texts := range map[string][3]string{
		"index0": {"1", "Data", "48K"},
		"index1": {"1", "Instruction", "32K"},
		"index2": {"2", "Unified", "2M"},
		"index3": {"3", "Unified", "32768K"},
	} {
		folder := filepath.Join(root, index)
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"level", "type", "size"} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(texts[i]+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if first, second := caches(root); first != 48<<10 || second != 2<<20 {
		t.Errorf("caches of %d and %d bytes, want 48 KiB and 2 MiB", first, second)
	}
	if first, second := caches(filepath.Join(root, "nowhere")); first != 0 || second != 0 {
		t.Errorf("no folder: %d, %d", first, second)
	}
	for text, want := range map[string]int{"": 0, "K": 0, "-1K": 0, "512": 512, "x1M": 0} {
		if got := size(text); got != want {
			t.Errorf("size %q: %d, want %d", text, got, want)
		}
	}
}
