package tokenizer

import (
	"encoding/binary"
	"errors"
	"math"

	"atelier/internal/badinput"
)

// The model types of SentencePiece.
var spModels = map[uint64]string{1: "unigram", 2: "bpe", 3: "word", 4: "char"}

const spBPE = 2

// FromSentencePiece returns the tokenizer in a SentencePiece .model file, which must be byte-pair
// encoding without text normalization, as in Llama 2.
func FromSentencePiece(file []byte) (*Tokenizer, error) {
	m := spModel{kind: 1, prefix: true, trims: true, v: Vocabulary{Model: "llama", Unknown: 0, BOS: 1, EOS: 2, AddBOS: true}}
	if err := fields(file, m.field); err != nil {
		return nil, badinput.Errorf("not a model of SentencePiece: %w", err)
	}
	switch {
	case len(m.v.Tokens) == 0:
		return nil, badinput.Errorf("not a model of SentencePiece: it has no pieces")
	case m.kind != spBPE:
		return nil, badinput.Errorf("the model of SentencePiece is of the type %q; only bpe can be read", spModels[m.kind])
	case m.normalises:
		return nil, badinput.Errorf("the model of SentencePiece normalises text by its own rules (%q); only identity can be read", sayable(m.normaliser))
	case m.trims:
		return nil, badinput.Errorf("the model of SentencePiece removes extra spaces, so that text does not come back as it was; want remove_extra_whitespaces = false")
	}
	m.v.NoSpace = !m.prefix
	return FromGGUF(m.v)
}

// An spModel is the relevant part of a SentencePiece model. Field numbers are those of
// sentencepiece_model.proto.
type spModel struct {
	v             Vocabulary
	kind          uint64
	prefix, trims bool
	normalises    bool
	normaliser    string
}

// field takes a field of the model.
func (m *spModel) field(number, value uint64, bytes []byte) error {
	switch number {
	case 1:
		return m.piece(bytes)
	case 2:
		return fields(bytes, m.trainer)
	case 3:
		return fields(bytes, m.normalizer)
	}
	return nil
}

// piece takes one token.
func (m *spModel) piece(bytes []byte) error {
	if len(m.v.Tokens) == mostTokens {
		return badinput.Errorf("more than %d pieces", mostTokens)
	}
	name, score, kind := "", float32(0), int32(1)
	err := fields(bytes, func(number, value uint64, bytes []byte) error {
		switch number {
		case 1:
			name = string(bytes)
		case 2:
			score = math.Float32frombits(uint32(value))
		case 3:
			kind = int32(value)
		}
		return nil
	})
	m.v.Tokens, m.v.Scores, m.v.Types = append(m.v.Tokens, name), append(m.v.Scores, score), append(m.v.Types, kind)
	return err
}

// trainer takes a field of the training settings.
func (m *spModel) trainer(number, value uint64, _ []byte) error {
	switch number {
	case 3:
		m.kind = value
	case 40:
		m.v.Unknown = int32(value)
	case 41:
		m.v.BOS = int32(value)
	case 42:
		m.v.EOS = int32(value)
	}
	return nil
}

// normalizer takes a field of the normalization settings.
func (m *spModel) normalizer(number, value uint64, bytes []byte) error {
	switch number {
	case 1:
		m.normaliser = string(bytes)
	case 2:
		m.normalises = len(bytes) > 0
	case 3:
		m.prefix = value != 0
	case 4:
		m.trims = value != 0
	}
	return nil
}

var errCut = errors.New("it ends within a field")

// fields yields the fields of a Protocol Buffers message by number: integers and the bits of others
// as values, texts and messages as bytes.
func fields(message []byte, yield func(number, value uint64, bytes []byte) error) error {
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 || tag>>3 == 0 {
			return errCut
		}
		message = message[n:]
		var value uint64
		var bytes []byte
		switch tag & 7 {
		case 0:
			if value, n = binary.Uvarint(message); n <= 0 {
				return errCut
			}
		case 1, 5:
			if n = 8; tag&7 == 5 {
				n = 4
			}
			if len(message) < n {
				return errCut
			}
			var bits [8]byte
			copy(bits[:], message[:n])
			value = binary.LittleEndian.Uint64(bits[:])
		case 2:
			size, head := binary.Uvarint(message)
			if head <= 0 || size > uint64(len(message)-head) {
				return errCut
			}
			n = head + int(size)
			bytes = message[head:n]
		default:
			return errors.New("it has a field of an unknown kind")
		}
		if err := yield(tag>>3, value, bytes); err != nil {
			return err
		}
		message = message[n:]
	}
	return nil
}
