package brought

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/gguf"
)

// TestNotFinite: weights that hold NaN or infinite numbers are not kept, whatever their type.
func TestNotFinite(t *testing.T) {
	store := NewStore(t.TempDir())
	for i, c := range []struct {
		arch, kind, tensor string
		bits               uint64
		size, at           int
	}{
		{archLlama, "f32", "token_embd.weight", uint64(math.Float32bits(float32(math.NaN()))), 4, 8},
		{archLlama, "f32", "output_norm.weight", 0x7f800000, 4, 4},
		{archQwen2, "f32", "blk.1.attn_k.bias", 0xff800000, 4, 0},
		{archGPT2, "f32", "blk.1.attn_qkv.weight", 0x7fc00000, 4, 4 * 2100},
		{archLlama, "f16", "blk.0.ffn_up.weight", 0x7c00, 2, 6},
		{archLlama, "bf16", "blk.0.ffn_up.weight", 0xff80, 2, 6},
		{archLlama, "q8_0", "blk.0.ffn_down.weight", 0x7e00, 2, 34},
		{archLlama, "q4_0", "blk.0.ffn_down.weight", 0xfc00, 2, 18},
	} {
		var whole bytes.Buffer
		if err := made(t, c.arch).ExportGGUF(&whole, c.kind); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "model.gguf")
		add := func() error {
			if err := os.WriteFile(path, whole.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := store.Add(t.Context(), Addition{Name: fmt.Sprint("m", i), Path: path, Force: true})
			return err
		}
		if err := add(); err != nil {
			t.Fatal(err)
		}
		f, err := gguf.Parse(whole.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range f.Tensors { // which share the memory of the file
			if x.Name == c.tensor {
				var b [8]byte
				binary.LittleEndian.PutUint64(b[:], c.bits)
				copy(x.Data[c.at:], b[:c.size])
			}
		}
		if err := add(); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), fmt.Sprintf("tensor %q holds NaN", c.tensor)) {
			t.Errorf("%s of %s: %v", c.tensor, c.kind, err)
		}
	}
}

// TestTiedWhateverTheFormat: an output that is the embeddings counts once, in each format.
func TestTiedWhateverTheFormat(t *testing.T) {
	builtIn, err := openBuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	dir := asHF(t, builtIn, "")
	config, err := os.ReadFile(filepath.Join(dir, configName))
	if err != nil || !bytes.Contains(config, []byte(`"tie_word_embeddings": true`)) {
		t.Errorf("%s (%v)", config, err)
	}
	copied := made(t, archLlama)
	copied.Weights.Output = copied.Weights.Tokens
	copied.Weights.Output.Data = bytes.Clone(copied.Weights.Output.Data)
	plain := made(t, archQwen3) // which has no output
	for _, o := range []*Opened{builtIn, copied, plain} {
		want := o.Facts.Parameters
		if o == copied {
			want -= int64(o.Config.Vocabulary * o.Config.Width)
		}
		for _, path := range []string{asHF(t, o, ""), changed(t, o, map[string]any{}, nil)} {
			if got := opened(t, path); got.Facts.Parameters != want {
				t.Errorf("%s has %d parameters; want %d", path, got.Facts.Parameters, want)
			}
		}
	}
}

// TestLicenceGoesAlong: the licence on the card is written into what is exported, the built-in
// model's as well.
func TestLicenceGoesAlong(t *testing.T) {
	home := t.TempDir()
	path := changed(t, made(t, archLlama), map[string]any{keyLicence: nil}, nil)
	if _, err := NewStore(home).Add(t.Context(), Addition{Name: "mine", Path: path, Licence: "Apache-2.0"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"mine": "Apache-2.0", BuiltIn: builtInLicence} {
		o, err := Find(home, name)
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		for _, path := range []string{changed(t, o, map[string]any{}, nil), asHF(t, o, "")} {
			if got := opened(t, path).Facts.Licence; got != want {
				t.Errorf("%s of %s has the licence %q; want %q", path, name, got, want)
			}
		}
	}
}
