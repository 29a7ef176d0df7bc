package codec

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"atelier/data"
	"atelier/internal/registry"
)

// Limits of captions.
const (
	CaptionLines = 4       // lines of a caption that are kept; each alone describes the work
	mostCaption  = 256     // words of a line
	mostWords    = 8192    // of a vocabulary, the most frequent
	mostPairs    = 1024    // of neighbouring words, beside them
	mostCounted  = 1 << 25 // bytes of lines whose pairs are counted
	mostRuns     = 1 << 20 // different words counted
	leastTimes   = 2       // how often a word occurs at least
	leastRun     = 3       // how often a run of Chinese characters occurs at least to be a word
)

// Captions is the setting of codecs of pictures that keeps captions beside the pictures, as the
// field [data.CaptionField]: [lines, words] tokens of a vocabulary of words, which comes from the
// training part. Each line of a caption describes the work by itself, in any language. It is off by
// default, so that sets encoded without captions stay the same.
type Captions struct {
	Captions int `json:",omitempty" help:"words that are kept of each line of a caption, beside the picture; 0 keeps no captions"`
	Pieces   int `json:",omitempty" help:"size of a vocabulary of pieces of words that captions are cut into instead, by byte-pair encoding, 257 to 65536; then captions counts pieces. 0 keeps whole words"`
	Pairs    int `json:",omitempty" help:"two neighbouring words that occur together at least this often are a word of the vocabulary, too, so that a model that adds words up learns of their order (Joulin et al. 2016, arXiv:1607.01759); 0 keeps single words alone"`
	// Fitted is the vocabulary learned from the data, the most frequent word first, and after the
	// words the pairs with a space between their words. It is not a setting.
	Fitted []string `toml:"-" json:",omitempty"`
	// FittedPieces is the tokenizer.json learned instead, if there are pieces.
	FittedPieces string `toml:"-" json:",omitempty"`

	lexicon *lexicon // of Fitted
	opened  opened   // of FittedPieces
}

// checkCaptions rejects a number of words out of range.
func (c *Captions) checkCaptions() error {
	if c.Captions < 0 || c.Captions > mostCaption {
		return registry.Unfit("captions", fmt.Sprintf("want 0 to %d words, got %d", mostCaption, c.Captions))
	}
	switch {
	case c.Pairs < 0 || c.Pairs == 1 || c.Pairs > mostRuns:
		return registry.Unfit("pairs", fmt.Sprintf("want 0, or 2 to %d times, got %d", mostRuns, c.Pairs))
	case c.Pairs > 0 && c.Pieces > 0:
		return registry.Unfit("pairs", "captions of pieces keep the order of their words already: want 0, or pieces = 0")
	}
	return c.checkPieces()
}

var making sync.Mutex // held while a lexicon is made

func (c *Captions) words() *lexicon {
	making.Lock()
	defer making.Unlock()
	if c.lexicon == nil || len(c.lexicon.words) != len(c.Fitted) {
		c.lexicon = newLexicon(c.Fitted)
	}
	return c.lexicon
}

// Fits implements [data.Fitting].
func (c *Captions) Fits() bool { return c.Captions > 0 && c.vocabulary() == 0 }

// vocabulary is the number of words or pieces that were learned.
func (c *Captions) vocabulary() int {
	if c.Pieces > 0 {
		return c.pieceCount()
	}
	return len(c.Fitted)
}

// Fit implements [data.Fitting]: the vocabulary is the words of the captions, and pairs of them.
func (c *Captions) Fit(items iter.Seq2[data.Item, error]) error {
	if c.Pieces > 0 {
		return c.fitPieces(items)
	}
	times := map[string]int{}
	lines, counted := map[string]int{}, 0 // whose pairs are counted
	for it, err := range items {
		if err != nil {
			return err
		}
		for _, line := range captionLines(it.Caption) {
			if _, known := lines[line]; known {
				lines[line]++
			} else if c.Pairs > 0 && counted+len(line) <= mostCounted {
				lines[line], counted = 1, counted+len(line)
			}
			for run := range runs(line) {
				if _, known := times[run]; known || len(times) < mostRuns {
					times[run]++
				}
			}
		}
	}
	c.Fitted = frequentWords(times)
	if len(c.Fitted) == 0 {
		return errNoCaptions
	}
	if c.Pairs > 0 {
		c.Fitted = append(c.Fitted, frequentPairs(newLexicon(c.Fitted), lines, c.Pairs)...)
	}
	return nil
}

// frequentPairs are the pairs of words of a lexicon that occur at least so often in lines, of which it
// is told how often each occurs; the most frequent first.
func frequentPairs(words *lexicon, lines map[string]int, least int) []string {
	times := map[string]int{}
	for line, n := range lines {
		for pair := range pairsOf(words.split(line)) {
			times[pair] += n
		}
	}
	maps.DeleteFunc(times, func(pair string, n int) bool {
		first, second, _ := strings.Cut(pair, " ")
		return n < least || words.of[first] == 0 || words.of[second] == 0
	})
	all := mostFrequent(times)
	return all[:min(len(all), mostPairs)]
}

// mostFrequent are the keys, those that occur most often first.
func mostFrequent(times map[string]int) []string {
	return slices.SortedFunc(maps.Keys(times), func(a, b string) int {
		return cmp.Or(cmp.Compare(times[b], times[a]), strings.Compare(a, b))
	})
}

var errNoCaptions = errors.New("no work has a caption of words that occur twice; captions come from a column caption of a table beside the pictures, or from NAME.txt beside NAME.png")

// frequentWords are the words of runs of letters that occurred so many times, the most frequent first.
func frequentWords(times map[string]int) []string {
	known := &lexicon{of: map[string]int32{}}
	isHan := func(run string) bool { return run[0] >= 0x80 && strings.IndexFunc(run, notHan) < 0 }
	for run, n := range times {
		if isHan(run) && n >= leastRun && len([]rune(run)) <= mostWord {
			known.of[run] = firstWord
		}
	}
	words := map[string]int{}
	for run, n := range times {
		if !isHan(run) {
			words[run] += n
			continue
		}
		for _, w := range known.split(run) {
			words[w] += n
		}
	}
	maps.DeleteFunc(words, func(w string, n int) bool { return n < leastTimes || skipped[w] })
	all := mostFrequent(words)
	return all[:min(len(all), mostWords)]
}

// captionLines are the lines of a caption that are kept.
func captionLines(caption string) (lines []string) {
	for line := range strings.Lines(caption) {
		if line = strings.TrimSpace(line); line != "" && len(lines) < CaptionLines {
			lines = append(lines, line)
		}
	}
	return lines
}

// field is the field of the captions, and whether they are kept.
func (c *Captions) field() (data.Field, bool, error) {
	if c.Captions == 0 {
		return data.Field{}, false, nil
	}
	if c.vocabulary() == 0 {
		return data.Field{}, false, errors.New("captions: the vocabulary is empty: the data has no captions")
	}
	return data.Field{
		Name: data.CaptionField, Kind: data.Tokens, Shape: []int{CaptionLines, c.Captions}, Vocabulary: firstWord + c.vocabulary(),
	}, true, nil
}

// encode writes the caption of the target, if the batch has captions.
func (c *Captions) encode(ex data.Example, b *data.Batch, at int) error {
	column := b.Column(data.CaptionField)
	if column == nil || c.Captions == 0 {
		return nil
	}
	row := column.Tokens(at)
	clear(row)
	lines := captionLines(ex[data.Target].Caption)
	if len(lines) == 0 {
		return &data.Fault{Reason: "no caption", Err: errors.New("has no caption, and the model learns from captions")}
	}
	for i, line := range lines {
		tokens, _ := c.WordTokens(line)
		copy(row[i*c.Captions:(i+1)*c.Captions], tokens)
	}
	return nil
}

// WordTokens returns the tokens of a line of words and then those of its pairs, and the words that are
// not in the vocabulary.
func (c *Captions) WordTokens(line string) (tokens []int32, unknown []string) {
	if c.Pieces > 0 {
		return c.pieceTokens(line), nil
	}
	l := c.words()
	words := l.split(line)
	for _, w := range words {
		token := l.token(w)
		if token == UnknownWord {
			unknown = append(unknown, w)
		}
		tokens = append(tokens, token)
	}
	for pair := range pairsOf(words) {
		if token, known := l.of[pair]; known {
			tokens = append(tokens, token)
		}
	}
	return tokens, unknown
}

// Nearest is the word of the vocabulary most like one that is not in it, empty if none is: of Chinese
// the most frequent that shares a character, or else by the letters that differ.
func (c *Captions) Nearest(word string) string {
	single := c.Fitted
	if at := slices.IndexFunc(single, isPair); at >= 0 {
		single = single[:at]
	}
	if strings.IndexFunc(word, notHan) >= 0 {
		return registry.Nearest(word, single)
	}
	for _, w := range single {
		if strings.ContainsAny(w, word) {
			return w
		}
	}
	return ""
}

// Learned implements [data.Learner].
func (c *Captions) Learned() (map[string][]byte, error) {
	if c.FittedPieces != "" {
		return map[string][]byte{tokenizerFile: []byte(c.FittedPieces)}, nil
	}
	if len(c.Fitted) == 0 {
		return nil, nil
	}
	return vocabularyFiles(c.Fitted)
}

// Recall implements [data.Learner].
func (c *Captions) Recall(files map[string][]byte) error {
	if c.Pieces > 0 {
		return c.recallPieces(files)
	}
	words, err := readVocabulary(files, mostWords+mostPairs)
	if err != nil {
		return err
	}
	if c.Captions == 0 {
		return errors.New("the codec keeps no captions, but has a vocabulary of words")
	}
	c.Fitted = words
	return nil
}
