package tokenizer

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
)

// spBytes writes a field of bytes.
func spBytes(to []byte, number uint64, b []byte) []byte {
	to = binary.AppendUvarint(to, number<<3|2)
	return append(binary.AppendUvarint(to, uint64(len(b))), b...)
}

// spNumber writes a field of a whole number.
func spNumber(to []byte, number, value uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(to, number<<3), value)
}

// spFile writes a tokenizer as a model of SentencePiece, with further fields of its trainer and
// normalizer.
func spFile(tok *Tokenizer, model uint64, normalizer []byte) (file []byte) {
	types := map[[2]bool]uint64{{}: 1, {true, false}: 3, {false, true}: 6}
	for id, e := range tok.entries {
		kind := types[[2]bool{e.kind == special, e.kind == fallback}]
		if int32(id) == tok.unknown {
			kind = 2
		}
		piece := spBytes(nil, 1, []byte(tok.written(e)))
		piece = binary.LittleEndian.AppendUint32(append(piece, 2<<3|5), math.Float32bits(scoresOf(id + 1)[id]))
		file = spBytes(file, 1, spNumber(piece, 3, kind))
	}
	file = spBytes(file, 2, spNumber(nil, 3, model))
	return spBytes(file, 3, normalizer)
}

// identity is a normalizer that changes nothing.
var identity = spNumber(spNumber(spBytes(nil, 1, []byte("identity")), 3, 1), 4, 0)

// A model of SentencePiece gives the ids of the tokenizer that it was made of.
func TestSentencePiece(t *testing.T) {
	want := stories(t)
	got, err := FromSentencePiece(spFile(want, spBPE, identity))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"Once upon a time", " two  spaces ", "天 and\n", "\xff", ""} {
		if got, want := got.Encode([]byte(text)), want.Encode([]byte(text)); !slices.Equal(got, want) {
			t.Errorf("%q gives %v, want %v", text, got, want)
		}
	}
	if got.BOS() != 1 || got.EOS() != 2 || !got.IsSpecial(0) || got.Token(403) != "▁Once" {
		t.Error(got.BOS(), got.EOS(), got.Token(403))
	}
}

func TestRefusesSentencePiece(t *testing.T) {
	tok := stories(t)
	whole := spFile(tok, spBPE, identity)
	for want, file := range map[string][]byte{
		"it has no pieces":                     {},
		"it ends within a field":               whole[:len(whole)-1],
		"it has a field of an unknown kind":    {1<<3 | 7, 1},
		`the type "unigram"; only bpe`:         spFile(tok, 1, identity),
		`its own rules ("nmt_nfkc")`:           spFile(tok, spBPE, spBytes(spBytes(identity, 1, []byte("nmt_nfkc")), 2, []byte("map"))),
		"removes extra spaces":                 spFile(tok, spBPE, nil),
		"the unknown token is 9999; want 0 to": append(slices.Clone(whole), spBytes(nil, 2, spNumber(nil, 40, 9999))...),
	} {
		if _, err := FromSentencePiece(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
