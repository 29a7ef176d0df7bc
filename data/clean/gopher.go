package clean

import (
	"fmt"
	"math/bits"
	"strings"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("gopher", "the quality rules of Gopher's MassiveText, for pages of the web (Rae et al. 2021, arXiv:2112.11446, appendix A1.1); a Chinese character counts as a word",
		func() data.Cleaner {
			return &Gopher{
				Fewest: 50, Most: 100_000, ShortestMean: 3, LongestMean: 10,
				Symbols: 0.1, Bullets: 0.9, Ellipses: 0.3, Letters: 0.8, StopWords: 2,
			}
		})
}

// Gopher drops texts that are hardly prose. It is meant for web pages: poems and turns of a
// dialogue are shorter than its minimum.
type Gopher struct {
	Fewest       int     `help:"smallest number of words in a text"`
	Most         int     `help:"largest number of words in a text"`
	ShortestMean float64 `help:"smallest mean word length; not for Chinese and Japanese"`
	LongestMean  float64 `help:"largest mean word length; not for Chinese and Japanese"`
	Symbols      float64 `help:"largest ratio of number signs, or of ellipses, to words"`
	Bullets      float64 `help:"largest share of lines that start with a bullet"`
	Ellipses     float64 `help:"largest share of lines that end with an ellipsis"`
	Letters      float64 `help:"smallest share of words that contain a letter"`
	StopWords    int     `help:"smallest number of different stop words among the, be, to, of, and, that, have, with; 0 for languages other than English; not for Chinese and Japanese"`
}

// Check refuses settings outside their range.
func (c *Gopher) Check() error {
	if err := checkShares(share{"symbols", c.Symbols}, share{"bullets", c.Bullets}, share{"ellipses", c.Ellipses}, share{"letters", c.Letters}); err != nil {
		return err
	}
	switch {
	case c.Fewest < 0 || c.Most < c.Fewest:
		return registry.Unfit("most", fmt.Sprintf("want at least fewest, %d words, got %d", c.Fewest, c.Most))
	case !(c.ShortestMean >= 0 && c.LongestMean >= c.ShortestMean):
		return registry.Unfit("longestmean", fmt.Sprintf("want at least the shortest, %g, got %g", c.ShortestMean, c.LongestMean))
	case c.StopWords < 0 || c.StopWords > mostStopWords:
		return registry.Unfit("stopwords", fmt.Sprintf("want 0 to %d, got %d", mostStopWords, c.StopWords))
	}
	return nil
}

const mostStopWords = 8

// stopWord returns one bit for each stop word, 0 for any other word.
func stopWord(s string) int {
	switch s {
	case "the", "The":
		return 1
	case "be", "Be":
		return 2
	case "to", "To":
		return 4
	case "of", "Of":
		return 8
	case "and", "And":
		return 16
	case "that", "That":
		return 32
	case "have", "Have":
		return 64
	case "with", "With":
		return 128
	}
	return 0
}

// Clean implements [data.Cleaner].
func (c *Gopher) Clean(p *data.Piece) error {
	t, ok := textOf(p)
	if !ok {
		return nil
	}
	words, ideographs := wordsOf(t.body)
	n := len(words)
	switch {
	case n < c.Fewest:
		return data.Dropf("too few words", "%d", n)
	case n > c.Most:
		return data.Dropf("too many words", "%d", n)
	case n == 0:
		return nil
	case exceeds(strings.Count(t.body, "#"), n, c.Symbols):
		return &data.Drop{Reason: "too many number signs"}
	case exceeds(strings.Count(t.body, "...")+strings.Count(t.body, "…"), n, c.Symbols):
		return &data.Drop{Reason: "too many ellipses"}
	}
	if err := c.weighLines(t.body); err != nil {
		return err
	}
	return c.weighWords(words, ideographs*2 > n)
}

func (c *Gopher) weighLines(s string) error {
	lines, bullets, ellipses := 0, 0, 0
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		lines++
		if strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "•") || strings.HasPrefix(line, "●") {
			bullets++
		}
		if strings.HasSuffix(line, "...") || strings.HasSuffix(line, "…") {
			ellipses++
		}
	}
	switch {
	case exceeds(bullets, lines, c.Bullets):
		return &data.Drop{Reason: "nearly all lines are bullets"}
	case exceeds(ellipses, lines, c.Ellipses):
		return &data.Drop{Reason: "too many lines are cut short"}
	}
	return nil
}

func (c *Gopher) weighWords(words []word, ideographic bool) error {
	runes, lettered, stops := 0, 0, 0
	for _, w := range words {
		runes += w.runes
		if w.hasLetter() {
			lettered++
		}
		if len(w.text) <= 4 {
			stops |= stopWord(w.text)
		}
	}
	different := bits.OnesCount(uint(stops))
	n := len(words)
	switch {
	case lettered*1000 < permille(c.Letters)*n:
		return &data.Drop{Reason: "too few words have letters"}
	case ideographic:
		return nil
	case runes*1000 < permille(c.ShortestMean)*n:
		return &data.Drop{Reason: "words are too short"}
	case runes*1000 > permille(c.LongestMean)*n:
		return &data.Drop{Reason: "words are too long"}
	case different < c.StopWords:
		return &data.Drop{Reason: "too few stop words"}
	}
	return nil
}
