// Command embed-languages makes the tables by which the encodings of texts are told
// apart, from a folder with a text in UTF-8 of each language, LANGUAGE.txt:
//
//	go run ./cmd/embed-languages FOLDER
//
// It writes internal/charset/languages.txt.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"atelier/internal/charset"
	"atelier/internal/durable"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: embed-languages FOLDER")
		os.Exit(2)
	}
	if err := embed(os.Args[1], filepath.Join("internal", "charset", "languages.txt")); err != nil {
		fmt.Fprintln(os.Stderr, "embed-languages:", err)
		os.Exit(1)
	}
}

func embed(folder, to string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s has no texts; want files such as fr.txt", folder)
	}
	var tables []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		tables = append(tables, charset.Learn(strings.TrimSuffix(filepath.Base(file), ".txt"), string(text)))
	}
	return durable.WriteFile(to, []byte(strings.Join(tables, "\n")))
}
