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
	// Fitted is the vocabulary learned from the data, the most frequent word first. It is not a
	// setting.
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

// Fit implements [data.Fitting]: the vocabulary is the words of the captions.
func (c *Captions) Fit(items iter.Seq2[data.Item, error]) error {
	if c.Pieces > 0 {
		return c.fitPieces(items)
	}
	times := map[string]int{}
	for it, err := range items {
		if err != nil {
			return err
		}
		for _, line := range captionLines(it.Caption) {
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
	return nil
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
	all := slices.SortedFunc(maps.Keys(words), func(a, b string) int {
		return cmp.Or(cmp.Compare(words[b], words[a]), strings.Compare(a, b))
	})
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

// WordTokens returns the tokens of a line of words, and the words that are not in the vocabulary.
func (c *Captions) WordTokens(line string) (tokens []int32, unknown []string) {
	if c.Pieces > 0 {
		return c.pieceTokens(line), nil
	}
	l := c.words()
	for _, w := range l.split(line) {
		token := l.token(w)
		if token == UnknownWord {
			unknown = append(unknown, w)
		}
		tokens = append(tokens, token)
	}
	return tokens, unknown
}

// Nearest is the word of the vocabulary most like one that is not in it, empty if none is: of Chinese
// the most frequent that shares a character, or else by the letters that differ.
func (c *Captions) Nearest(word string) string {
	if strings.IndexFunc(word, notHan) >= 0 {
		return registry.Nearest(word, c.Fitted)
	}
	for _, w := range c.Fitted {
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
	words, err := readVocabulary(files, mostWords)
	if err != nil {
		return err
	}
	if c.Captions == 0 {
		return errors.New("the codec keeps no captions, but has a vocabulary of words")
	}
	c.Fitted = words
	return nil
}
