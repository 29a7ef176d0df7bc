package tokenizer

import (
	"fmt"

	"atelier/internal/badinput"
)

// neverMerged is the score of tokens that no merge produces.
const neverMerged = -1e6

// ggufNames are the names of split patterns in GGUF files.
var ggufNames = map[*pattern]string{gpt2: "gpt-2", llama3: "llama-bpe", qwen2: "qwen2", smollm: "smollm"}

// Vocabulary returns the tokenizer as metadata of a GGUF file, from which [FromGGUF] makes an
// equivalent one.
func (t *Tokenizer) Vocabulary() (Vocabulary, error) {
	v := Vocabulary{Model: "gpt2", BOS: t.bos, EOS: t.eos, Unknown: t.unknown, AddBOS: t.adds.bos, AddEOS: t.adds.eos}
	v.Tokens, v.Types = make([]string, len(t.entries)), make([]int32, len(t.entries))
	for id, e := range t.entries {
		v.Tokens[id], v.Types[id] = t.written(e), t.ggufType(int32(id), e.kind)
		if e.kind == gap {
			v.Tokens[id] = fmt.Sprintf("[PAD%d]", id)
		}
	}
	if t.pieces != nil {
		v.Model, v.Scores, v.NoSpace = "llama", t.scores(), !t.prefix.first
		return v, nil
	}
	name, ok := ggufNames[t.split]
	if !ok {
		return v, badinput.Errorf("no GGUF file has a tokenizer that splits words by %q", t.split.regex)
	}
	v.Pre = name
	for _, r := range t.ranked() {
		v.Merges = append(v.Merges, r.names[0]+" "+r.names[1])
	}
	return v, nil
}

// ggufType is the number of a kind of token in GGUF files.
func (t *Tokenizer) ggufType(id int32, k kind) int32 {
	switch {
	case id == t.unknown && k != ordinary:
		return ggufUnknown
	case k == special:
		return ggufControl
	case k == added || k == markup:
		return ggufUser
	case k == fallback:
		return ggufByte
	case k == gap:
		return ggufUnused
	}
	return ggufNormal
}

// scores are the scores of the tokens: the better a merge, the higher that of its result.
func (t *Tokenizer) scores() []float32 {
	scores := make([]float32, len(t.entries))
	for id := range scores {
		scores[id] = neverMerged
		if t.entries[id].kind != ordinary {
			scores[id] = 0
		}
	}
	for _, r := range t.ranked() {
		scores[r.id] = max(scores[r.id], -float32(r.rank))
	}
	return scores
}
