package tokenizer

import (
	"encoding/binary"
	"math"

	"atelier/internal/badinput"
)

// FromLlama2C returns the tokenizer in a llama2.c file: the length of the longest token, and then
// for each of size tokens its score, length and bytes. If size is 0, all tokens in the file are
// read.
func FromLlama2C(file []byte, size int) (*Tokenizer, error) {
	if size < 0 || size > mostTokens {
		return nil, badinput.Errorf("a tokenizer has 1 to %d tokens, not %d", mostTokens, size)
	}
	if len(file) < 4 {
		return nil, badinput.Errorf("the tokenizer has %d bytes; want the longest token and then the tokens", len(file))
	}
	rest := file[4:]
	var entries []entry
	var scores []float32
	for len(rest) > 0 {
		id := len(entries)
		if id == mostTokens || size > 0 && id == size {
			return nil, badinput.Errorf("the tokenizer has %d bytes behind token %d; want a vocabulary of %d", len(rest), id-1, id)
		}
		if len(rest) < 8 {
			return nil, badinput.Errorf("the tokenizer ends within token %d", id)
		}
		n := int32(binary.LittleEndian.Uint32(rest[4:]))
		if n < 0 || int(n) > len(rest)-8 {
			return nil, badinput.Errorf("the length of token %d is %d; there are %d bytes", id, n, len(rest)-8)
		}
		scores = append(scores, math.Float32frombits(binary.LittleEndian.Uint32(rest)))
		entries = append(entries, entry{name: string(rest[8 : 8+n])})
		rest = rest[8+n:]
	}
	if size > 0 && len(entries) < size {
		return nil, badinput.Errorf("the tokenizer has %d tokens; want a vocabulary of %d", len(entries), size)
	}
	return fromLlama2C(entries, scores)
}

// fromLlama2C makes a tokenizer of the tokens: unknown, BOS, EOS, then byte tokens.
func fromLlama2C(entries []entry, scores []float32) (*Tokenizer, error) {
	const bytesFrom = 3
	if len(entries) < bytesFrom+256 {
		return nil, badinput.Errorf("the tokenizer has %d tokens; want <unk>, <s>, </s>, 256 for bytes, and then others", len(entries))
	}
	for id := range entries {
		switch b, ok := byteOf(entries[id].name); {
		case id < bytesFrom:
			entries[id].kind = special
		case id < bytesFrom+256 && (!ok || int(b) != id-bytesFrom):
			return nil, badinput.Errorf("token %d is %q; want <0x%02X>", id, sayable(entries[id].name), id-bytesFrom)
		case id < bytesFrom+256:
			entries[id].kind = fallback
		}
	}
	entries[1].name, entries[2].name = "<s>", "</s>" // written with line ends
	t, err := newTokenizer(entries)
	if err != nil {
		return nil, err
	}
	t.unknown, t.bos, t.eos, t.adds.bos = 0, 1, 2, true
	t.prefix = prefix{first: true, every: true, drop: true}
	if err := t.ofPieces(' '); err != nil {
		return nil, err
	}
	return t, t.mergeByScore(scores)
}
