package family

import (
	"fmt"
	"math/rand/v2"

	"atelier/data"
	"atelier/internal/badinput"
)

// toldCaption is the column of the line of each caption that a step reads, tokens [words].
const toldCaption = "told caption"

// lineField is the field of a line of the captions of a spec.
func lineField(spec data.Spec) data.Field {
	f, _ := spec.Field(data.CaptionField)
	f.Name, f.Shape = toldCaption, f.Shape[len(f.Shape)-1:]
	return f
}

// needsCaptions refuses a spec without captions for a model of that name.
func needsCaptions(name string, spec data.Spec) error {
	f, ok := spec.Field(data.CaptionField)
	if !ok {
		return fmt.Errorf("a %s of texts needs captions, but the data has none; set codec.captions=24 to keep those of the pictures, or model.text=false", name)
	}
	if f.Kind != data.Tokens || len(f.Shape) != 2 {
		return fmt.Errorf("a %s of texts needs captions of words, but the data has %s", name, f)
	}
	return nil
}

// tellLine adds the line of each caption of a batch that a step reads: any that has words, drawn
// from the generator; none with probability drop.
func tellLine(b *data.Batch, spec data.Spec, rng *rand.Rand, drop float64) {
	all, line := b.Column(data.CaptionField), data.NewColumn(lineField(spec), b.N)
	words := line.Field.Size()
	for i := range b.N {
		lines := all.Tokens(i)
		used := 0
		for used < len(lines)/words && lines[used*words] != 0 {
			used++
		}
		at, dropped := rng.IntN(max(used, 1)), rng.Float64() < drop
		if !dropped {
			copy(line.Tokens(i), lines[at*words:(at+1)*words])
		}
	}
	b.Set(line)
}

// firstLines are the first lines of n captions among conditions, [n, words].
func firstLines(spec data.Spec, conditions *data.Batch, n int) (data.Column, error) {
	field, line := lineField(spec), data.NewColumn(lineField(spec), n)
	line.Field.Name = data.CaptionField
	given := conditions.Column(data.CaptionField)
	if given == nil {
		return line, badinput.Errorf("the model draws what a text says: it needs a caption, but none is given")
	}
	words, each := field.Size(), given.Field.Size()
	if each%words != 0 || len(given.Ints) != n*each {
		return line, fmt.Errorf("captions of %v tokens; the model reads %d words", given.Field.Shape, words)
	}
	for i := range n {
		copy(line.Tokens(i), given.Tokens(i)[:words])
		for _, token := range line.Tokens(i) {
			if token < 0 || int(token) >= field.Vocabulary {
				return line, fmt.Errorf("word %d: the model has words 0 to %d", token, field.Vocabulary-1)
			}
		}
	}
	return line, nil
}
