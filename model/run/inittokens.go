package run

import (
	"bytes"
	"fmt"
	"iter"
	"maps"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/model/arch"
	"atelier/model/family"
)

// sameTokens reports whether the tokens of another run stand for the same texts, or words of captions, as
// those of this one. If there are neither, there is nothing to compare.
func (t *trainer) sameTokens(dir *Dir) (bool, error) {
	mine, words, err := vocabularyOf(t.config.Codec.Value)
	if err != nil {
		return true, err
	}
	told, err := captionWords(t.config.Codec.Value)
	if err != nil || !words && told == nil {
		return true, err
	}
	c, _, err := dir.config()
	if err != nil {
		return false, err
	}
	if !words {
		theirs, err := captionWords(c.Codec.Value)
		return theirs == nil || maps.EqualFunc(told, theirs, bytes.Equal), err
	}
	theirs, words, err := vocabularyOf(c.Codec.Value)
	return words && bytes.Equal(mine, theirs), err
}

// captionWords is what a codec learned of the words of captions, by file, nil if it keeps no captions.
func captionWords(codec data.Codec) (map[string][]byte, error) {
	spec, err := codec.Spec(nil)
	if err != nil {
		return nil, err
	}
	_, has := spec.Field(data.CaptionField)
	if of, ok := codec.(data.Learner); ok && has {
		return of.Learned()
	}
	return nil, nil
}

// vocabularyOf is the text of all tokens of a codec in order, if it is one of texts.
func vocabularyOf(codec data.Codec) (text []byte, words bool, err error) {
	medium, err := mediumOf(codec)
	if err != nil || !medium.Words {
		return nil, false, err
	}
	spec, err := codec.Spec(nil)
	if err != nil {
		return nil, false, err
	}
	target := spec.Target()
	for token := range int32(target.Vocabulary) {
		it, err := codec.Decode(batchOf(target, []int32{token}, 1), 0)
		if err != nil {
			return nil, false, err
		}
		text = append(append(text, it.Bytes...), 0xff) // a separator that no UTF-8 text contains
	}
	return text, true, nil
}

// withoutTokens leaves out the variables that have a row per token, with a notice.
func (t *trainer) withoutTokens(dir *Dir, all iter.Seq[*model.Variable]) (iter.Seq[*model.Variable], error) {
	if lm, ok := t.config.Model.Value.(*family.LM); ok && lm.LoRA > 0 {
		return nil, badinput.Errorf("init: the vocabulary of %s differs from that of this run, whose embeddings would stay random with model.lora; take its codec, or set model.lora=0", dir.Name())
	}
	t.studio.notice(fmt.Sprintf("not taken: the embeddings of tokens, since the vocabulary of %s differs", dir.Name()))
	return func(yield func(*model.Variable) bool) {
		for v := range all {
			if !arch.OfTokens(v.Path()) && !yield(v) {
				return
			}
		}
	}, nil
}
