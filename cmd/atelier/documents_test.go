package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"atelier/app"
	"atelier/model/run"
)

// written finds commands in documents: between backquotes, or on a line of their own.
var written = regexp.MustCompile("(?m)(?:`|^\\$ |^)(?:\\./|go run \\./cmd/)?(atelier [^`\n]+)")

// Every command in the documentation has flags that it knows and arguments that
// it takes, and what it would train by a recipe has settings that there are.
func TestDocumentedCommands(t *testing.T) {
	root := filepath.Join("..", "..")
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		pages, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			whole := strings.ReplaceAll(string(text), "\\\n", "") // lines that go on
			for _, m := range written.FindAllStringSubmatch(whole, -1) {
				line, _, _ := strings.Cut(m[1], " #")
				t.Run(filepath.Base(page)+" "+line, func(t *testing.T) { checkDocumented(t, line) })
			}
		}
	}
}

// folders are the works that documents train on.
var folders = []string{"FOLDER", "novel.txt", "my-pictures", "photos", "photos/", "clothes", "boots", "./letters.zip"}

func checkDocumented(t *testing.T, line string) {
	words := shellWords(line)
	if cmd, rest, err := newRoot(newConsole(os.Stdout, os.Stderr)).Find(words[1:]); len(rest) == 0 && words[1] != "version" {
		if err != nil || !slices.Contains(commands(newRoot(newConsole(os.Stdout, os.Stderr))), words[1]) || cmd.CommandPath() != strings.Join(words, " ") {
			t.Errorf("there is no command %s", strings.Join(words[1:], " "))
		}
		return // the name of a command, no call of it
	}
	checkExample(t, words[1], line)
	if words[1] != "train" || strings.HasPrefix(words[2], "-") || isFile(words[2]) || slices.Contains(folders, words[2]) {
		return
	}
	settings := slices.DeleteFunc(words[3:], func(word string) bool { return word == "--dry-run" })
	_, err := app.ConfigOf(words[2], app.File{}, settings)
	if wrong := strings.HasSuffix(line, "=hing") || strings.HasSuffix(line, "=meanlogit"); (err != nil) != wrong {
		t.Errorf("error %v, want one: %v", err, wrong)
	}
}

// The run file that the documentation shows has settings that there are.
func TestDocumentedRunFile(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "run-files.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```toml\n")
	text, _, ends := strings.Cut(rest, "```")
	if !found || !ends {
		t.Fatal("there is no run file in it")
	}
	if _, err := run.Parse("run-files.md", []byte(text)); err != nil {
		t.Error(err)
	}
}
