package data

import (
	"os"
	"testing"
)

// Texts that are too large for memory lie in a file, of which nothing is left in the folder; they
// are the same texts.
func TestLargeTextsAreSpilled(t *testing.T) {
	ctx, src := t.Context(), texts{train: []int{40, 5, 17}, test: []int{9, 6}}
	for name, codec := range map[string]Codec{"texts": stream{5, new(int)}, "texts with ends": ended{stream{7, new(int)}}} {
		train, test, err := Load(ctx, src, codec)
		if err != nil {
			t.Fatal(err)
		}
		for _, held := range []int{1, 4 * 20, 4 * 50, 0} { // in memory: nothing, the test part, nearly all, all
			dir := t.TempDir()
			a, b, err := Cache{Dir: dir, held: held}.Load(ctx, src, codec)
			if err != nil {
				t.Fatal(err)
			}
			same(t, a, train)
			same(t, b, test)
			if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
				t.Errorf("%s: left in the folder: %v, %v", name, entries, err)
			}
			f := nameless(dir)
			if f == nil {
				continue
			}
			f.Close()
			if held == 1 && (a.mapped == nil || b.mapped == nil || a.Held() > 0) || held == 0 && a.mapped != nil {
				t.Errorf("%s of which %d bytes are held: mapped %v, %v", name, held, a.mapped != nil, b.mapped != nil)
			}
		}
	}
	if a, _, err := (Cache{held: 1}).Load(ctx, src, stream{5, new(int)}); err != nil || a.mapped != nil {
		t.Error("without a folder, texts stay in memory:", err)
	}
	if _, _, err := (Cache{Dir: t.TempDir(), held: 1}).Load(ctx, texts{train: []int{2}}, stream{5, new(int)}); err == nil {
		t.Error("a text that fills no window is taken")
	}
}
