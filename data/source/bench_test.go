package source

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"atelier/data"
)

// BenchmarkIDX reads 60,000 pictures of 28×28.
func BenchmarkIDX(b *testing.B) {
	const n = 60_000
	dir := b.TempDir()
	writeIn(b, dir, map[string][]byte{"train-images-idx3-ubyte": idxOf(make([]byte, n*28*28), n, 28, 28), "train-labels-idx1-ubyte": idxOf(make([]byte, n), n)})
	benchmark(b, &IDX{Path: dir})
}

// BenchmarkFolder reads 2,000 small pictures.
func BenchmarkFolder(b *testing.B) {
	dir, files := b.TempDir(), map[string][]byte{}
	for i := range 2_000 {
		files[fmt.Sprintf("%d/%d.png", i%10, i)] = pngOf(b, 32)
	}
	writeIn(b, dir, files)
	benchmark(b, &Folder{Path: dir})
}

// BenchmarkJSONL reads 20,000 lines of about 2 KB.
func BenchmarkJSONL(b *testing.B) {
	dir := b.TempDir()
	words := fmt.Sprintf("%2000d", 1)
	writeIn(b, dir, map[string][]byte{"a.jsonl": lines(20_000, func(i int) string { return fmt.Sprintf(`{"text": "%d%s", "label": "x"}`, i, words) })})
	benchmark(b, &JSONL{Path: filepath.Join(dir, "a.jsonl")})
}

// benchmark reads a source and reports its Items per second.
func benchmark(b *testing.B, s data.Source) {
	n := 0
	for b.Loop() {
		for _, err := range s.Items(context.Background(), data.Train) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
}
