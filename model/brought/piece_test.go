package brought

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pieceModel is a tokenizer as a model of SentencePiece.
func pieceModel(t *testing.T, o *Opened) (file []byte) {
	v, err := o.Tokenizer.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	part := func(to []byte, number uint64, b []byte) []byte {
		to = binary.AppendUvarint(to, number<<3|2)
		return append(binary.AppendUvarint(to, uint64(len(b))), b...)
	}
	for i, token := range v.Tokens {
		piece := part(nil, 1, []byte(token))
		piece = binary.LittleEndian.AppendUint32(append(piece, 2<<3|5), math.Float32bits(v.Scores[i]))
		file = part(file, 1, append(piece, 3<<3, byte(v.Types[i])))
	}
	file = part(file, 2, []byte{3 << 3, 2}) // byte-pair encoding
	return part(file, 3, []byte{3 << 3, 1, 4 << 3, 0})
}

// Folders without tokenizer.json have a model of SentencePiece.
func TestTokenizerModel(t *testing.T) {
	o, err := openBuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	dir := filepath.Join(t.TempDir(), "folder")
	if err := o.ExportHF(dir, ""); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, tokenizerName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "has neither tokenizer.json nor tokenizer.model") {
		t.Error(err)
	}
	path := filepath.Join(dir, pieceName)
	if err := os.WriteFile(path, pieceModel(t, o), 0o666); err != nil {
		t.Fatal(err)
	}
	again, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	text := []byte("Once upon a time, 天 there was.\n")
	if got, want := again.Tokenizer.Encode(text), o.Tokenizer.Encode(text); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if err := os.WriteFile(path, []byte("no protocol buffers"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "tokenizer.model: not a model of SentencePiece") {
		t.Error(err)
	}
}
