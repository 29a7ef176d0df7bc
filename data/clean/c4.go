package clean

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("c4", "the rules of the Colossal Clean Crawled Corpus, for pages of the web: lines that are sentences, pages that are prose (Raffel et al. 2019, arXiv:1910.10683, section 2.2)",
		func() data.Cleaner {
			return &C4{LineWords: 5, Sentences: 3, Ended: true, Script: true, Policy: true, Filler: true, Braces: true}
		})
}

// C4 removes lines that are not sentences, and drops pages that become too short or are not prose.
// A Chinese character counts as a word.
type C4 struct {
	LineWords int    `help:"smallest number of words in a line; shorter lines are removed"`
	Sentences int    `help:"smallest number of sentences in a text"`
	Ended     bool   `help:"remove lines that do not end with a full stop, question mark, exclamation mark or quotation mark"`
	Script    bool   `help:"remove lines that contain the word javascript"`
	Policy    bool   `help:"remove lines about cookies, terms of use and privacy"`
	Filler    bool   `help:"drop texts that contain lorem ipsum"`
	Braces    bool   `help:"drop texts with a curly bracket, which are code"`
	Words     string `help:"drop texts that contain one of these words, separated by commas; the paper's list does not come with the program"`
}

// Check refuses settings outside their range.
func (c *C4) Check() error {
	switch {
	case c.LineWords < 0:
		return registry.Unfit("linewords", fmt.Sprintf("want 0 or more, got %d", c.LineWords))
	case c.Sentences < 0:
		return registry.Unfit("sentences", fmt.Sprintf("want 0 or more, got %d", c.Sentences))
	}
	return nil
}

var policies = []string{"terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"}

// Clean implements [data.Cleaner].
func (c *C4) Clean(p *data.Piece) error {
	t, ok := textOf(p)
	if !ok {
		return nil
	}
	lower := strings.ToLower(t.body)
	switch {
	case c.Braces && strings.IndexByte(lower, '{') >= 0:
		return &data.Drop{Reason: "code", Detail: "it has a brace"}
	case c.Filler && strings.Contains(lower, "lorem ipsum"):
		return &data.Drop{Reason: "lorem ipsum"}
	}
	if c.Words != "" {
		if err := c.banned(lower); err != nil {
			return err
		}
	}
	kept, removed, sentences := c.keep(t.body)
	if sentences < c.Sentences {
		return data.Dropf("too few sentences", "%d", sentences)
	}
	if removed > 0 {
		t.set(kept)
		p.Change("lines that are no sentences", removed)
	}
	return nil
}

// banned drops a text that contains one of the words.
func (c *C4) banned(lower string) error {
	words, _ := wordsOf(lower)
	for _, ban := range listed(strings.ToLower(c.Words)) {
		for _, w := range words {
			if strings.Trim(w.text, ".,;:!?\"'()") == ban {
				return &data.Drop{Reason: "banned word"}
			}
		}
	}
	return nil
}

// keep returns the lines to keep, and their number of sentences.
func (c *C4) keep(s string) (kept string, removed, sentences int) {
	var out strings.Builder
	out.Grow(len(s))
	for line := range strings.Lines(s) {
		bare := strings.TrimSpace(line)
		if bare != "" && c.isRubbish(bare) {
			removed++
			continue
		}
		out.WriteString(line)
		sentences += sentencesIn(bare)
	}
	return out.String(), removed, sentences
}

func (c *C4) isRubbish(line string) bool {
	last, _ := utf8.DecodeLastRuneInString(line)
	if c.Ended && !strings.ContainsRune(".!?\"”’。！？」』…", last) {
		return true
	}
	if fewerWords(line, c.LineWords) {
		return true
	}
	if !c.Script && !c.Policy {
		return false
	}
	lower := strings.ToLower(line)
	return c.Script && strings.Contains(lower, "javascript") || c.Policy && containsAny(lower, policies)
}

// fewerWords reports whether a line has fewer than n words.
func fewerWords(line string, n int) bool {
	if len(line) > 64*n { // longer than n words can be
		line = line[:64*n]
	}
	words, _ := wordsOf(line)
	return len(words) < n
}

// sentencesIn counts sentence ends in a line.
func sentencesIn(line string) int {
	n := 0
	ended := true
	for _, r := range line {
		switch {
		case strings.ContainsRune(".!?。！？", r):
			if !ended {
				n++
			}
			ended = true
		case r != ' ':
			ended = false
		}
	}
	if !ended && n == 0 && line != "" {
		n = 1
	}
	return n
}
