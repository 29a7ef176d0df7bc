package about

import (
	_ "embed"
	"strings"

	"atelier/model/retrieve"
)

//go:embed testdata/heldout.txt
var heldOut string

//go:embed testdata/foreign.txt
var foreign string

// The languages of questions.
const (
	English = "English"
	Chinese = "Chinese"
)

// A Question is one to be measured with.
type Question struct {
	ID       string // of its right answer, empty if there is none
	Text     string
	Language string
}

// HeldOut are questions in other words than the known ones.
func HeldOut() (all []Question) {
	for _, line := range lines(heldOut) {
		id, text, _ := strings.Cut(line, "\t")
		all = append(all, Question{id, text, language(text)})
	}
	return all
}

// Foreign are questions about other things than Atelier.
func Foreign() (all []Question) {
	for _, line := range lines(foreign) {
		all = append(all, Question{Text: line, Language: language(line)})
	}
	return all
}

// lines are the lines of a text but for comments.
func lines(text string) (all []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

func language(text string) string {
	if retrieve.IsChinese(text) {
		return Chinese
	}
	return English
}
