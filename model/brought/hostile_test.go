package brought

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/internal/gguf"
	"atelier/model/weights"
)

// refused opens what is wrong, and wants one line that says so.
func refused(t *testing.T, path, want string) {
	t.Helper()
	o, err := Open(path)
	if err == nil {
		o.Close()
		t.Errorf("%s was opened; want %q", path, want)
		return
	}
	if text := err.Error(); !strings.Contains(text, want) || strings.Contains(text, "\n") || len(text) > 1000 {
		t.Errorf("%.1000s; want %q", text, want)
	}
}

// changed writes a GGUF file with some metadata and tensors replaced; of those with nil nothing
// stays.
func changed(t *testing.T, o *Opened, pairs map[string]any, change func([]gguf.Tensor) []gguf.Tensor) string {
	t.Helper()
	var whole bytes.Buffer
	if err := o.ExportGGUF(&whole, ""); err != nil {
		t.Fatal(err)
	}
	f, err := gguf.Parse(whole.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var all []gguf.Pair
	for _, p := range f.Pairs {
		if v, ok := pairs[p.Key]; ok {
			delete(pairs, p.Key)
			if p.Value = v; v == nil {
				continue
			}
		}
		all = append(all, p)
	}
	for key, v := range pairs {
		all = append(all, gguf.Pair{Key: key, Value: v})
	}
	tensors := f.Tensors
	if change != nil {
		tensors = change(tensors)
	}
	path := filepath.Join(t.TempDir(), "model.gguf")
	var file bytes.Buffer
	if err := gguf.Write(&file, all, tensors, func(i int) ([]byte, error) { return tensors[i].Data, nil }); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHostileGGUF(t *testing.T) {
	llama := made(t, archLlama)
	for _, c := range []struct {
		want  string
		pairs map[string]any
	}{
		{"the architecture \"mamba\" is not supported; those that are supported are gpt2, llama, qwen2, qwen3", map[string]any{keyArchitecture: "mamba"}},
		{"the architecture \"\"", map[string]any{keyArchitecture: nil}},
		{"is no text", map[string]any{keyArchitecture: uint32(1)}},
		{"has no llama.block_count", map[string]any{"llama.block_count": nil}},
		{"want a whole number", map[string]any{"llama.block_count": "2"}},
		{"want a whole number", map[string]any{"llama.block_count": int32(-1)}},
		{"the number of layers is 100000", map[string]any{"llama.block_count": uint32(100000)}},
		{"there is no tensor \"blk.2.attn_norm.weight\"", map[string]any{"llama.block_count": uint32(1000)}},
		{"more layers than it says", map[string]any{"llama.block_count": uint32(1)}},
		{"want a whole number", map[string]any{"llama.embedding_length": uint64(1 << 60)}},
		{"the context is", map[string]any{"llama.context_length": uint32(1 << 30)}},
		{"the number of heads is 0", map[string]any{"llama.attention.head_count": uint32(0)}},
		{"positions are rotated into 8 of 10", map[string]any{"llama.attention.head_count": uint32(3)}},
		{"differs between layers", map[string]any{"llama.feed_forward_length": gguf.IntArray([]int32{64, 32})}},
		{"differs between layers", map[string]any{"llama.feed_forward_length": gguf.IntArray(nil)}},
		{"tensor \"blk.0.ffn_gate.weight\" has the shape 64 × 32; want 48 × 32", map[string]any{"llama.feed_forward_length": uint32(48)}},
		{"different ones are not supported", map[string]any{"llama.attention.value_length": uint32(16)}},
		{"a mixture of 8 experts", map[string]any{"llama.expert_count": uint32(8)}},
		{"positions are rotated into 4 of 8", map[string]any{"llama.rope.dimension_count": uint32(4)}},
		{"scaling \"yarn\"", map[string]any{"llama.rope.scaling.type": "yarn"}},
		{"rope.scaling.factor is 0", map[string]any{"llama.rope.scaling.type": "linear", "llama.rope.scaling.factor": float32(0)}},
		{"the base of the rotary positions", map[string]any{"llama.rope.freq_base": float32(0)}},
		{"llama.final_logit_softcapping is set", map[string]any{"llama.final_logit_softcapping": float32(30)}},
		{"llama.attn_logit_softcapping is set", map[string]any{"llama.attn_logit_softcapping": float32(50)}},
		{"llama.logit_scale is set", map[string]any{"llama.logit_scale": float32(0.5)}},
		{"no merges", map[string]any{keyMerges: nil}},
		{"one of 3 parts", map[string]any{keySplits: uint16(3)}},
		{"has no tokenizer", map[string]any{keyModel: nil}},
		{"rwkv", map[string]any{keyModel: "rwkv"}},
		{"has no tokens", map[string]any{keyTokens: nil}},
		{"want an array of texts", map[string]any{keyTokens: gguf.IntArray([]int32{1})}},
		{"is no array", map[string]any{keyTokens: "a"}},
		{"token types", map[string]any{keyTypes: gguf.IntArray([]int32{1})}},
		{"the eos token is 99999", map[string]any{keyEOS: uint32(99999)}},
		{"99999", map[string]any{keyEOT: uint32(99999)}},
		{"merge 0", map[string]any{keyMerges: gguf.StringArray([]string{"no such"})}},
		{"pre-tokenizer", map[string]any{keyPre: "unheard-of"}},
	} {
		refused(t, changed(t, llama, c.pairs, nil), c.want)
	}
	for _, c := range []struct {
		want, arch string
		change     func([]gguf.Tensor) []gguf.Tensor
	}{
		{"there is no tensor \"output_norm.weight\"", archLlama, without("output_norm.weight")},
		{"there is no tensor \"token_embd.weight\" of two", archLlama, without("token_embd.weight")},
		{"biases of queries", archQwen2, without("blk.1.attn_k.bias")},
		{"norms of queries and keys", archQwen3, without("blk.0.attn_q_norm.weight", "blk.0.attn_k_norm.weight")},
		{"layer 1 has no biases", archGPT2, without("blk.1.ffn_up.bias")},
		{"there is no tensor \"position_embd.weight\"", archGPT2, without("position_embd.weight")},
		{"\"extra\" belongs to no part", archLlama, func(all []gguf.Tensor) []gguf.Tensor { return append(all, extra()) }},
		{"a scale of -1", archLlama, func(all []gguf.Tensor) []gguf.Tensor {
			e := extra()
			e.Name, e.Dims, e.Data = "rope_freqs.weight", []int{4}, bytes.Repeat([]byte{0, 0, 0x80, 0xbf}, 4)
			return append(all, e)
		}},
	} {
		refused(t, changed(t, made(t, c.arch), nil, c.change), c.want)
	}
	// A context that is larger than what attention sees is cut.
	if o := opened(t, changed(t, llama, map[string]any{"llama.attention.sliding_window": uint32(8)}, nil)); o.Config.Context != 8 {
		t.Error(o.Config.Context)
	}
}

func extra() gguf.Tensor { return gguf.Tensor{Name: "extra", Dims: []int{2}, Data: make([]byte, 8)} }

func without(names ...string) func([]gguf.Tensor) []gguf.Tensor {
	return func(all []gguf.Tensor) []gguf.Tensor {
		return slices.DeleteFunc(all, func(t gguf.Tensor) bool { return slices.Contains(names, t.Name) })
	}
}

func TestHostileLlama2C(t *testing.T) {
	weights, _ := stories.ReadFile("stories/" + builtInFile)
	tokens, _ := stories.ReadFile("stories/" + builtInTokenizer)
	dir := t.TempDir()
	path := filepath.Join(dir, "model.bin")
	write := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("model.bin", weights)
	refused(t, path, "there is no tokenizer beside it: want tok512.bin or tokenizer.bin")
	write("tok512.bin", tokens)
	opened(t, path)
	opened(t, dir)
	for i := range 7 {
		for _, v := range []uint32{0, 1, 1 << 31, 1<<31 - 1, 1 << 16, 513} {
			damaged := slices.Clone(weights)
			binary.LittleEndian.PutUint32(damaged[4*i:], v)
			write("model.bin", damaged)
			refused(t, path, "not a")
		}
	}
	for n, want := range map[int]string{1: "not a language model", 27: "not a language model", 28: "it is truncated", 1000: "it is truncated", len(weights) - 1: "it is truncated"} {
		write("model.bin", weights[:n])
		refused(t, path, want)
	}
	write("model.bin", append(slices.Clone(weights), 0))
	refused(t, path, "1 bytes follow the weights")
	write("model.bin", binary.LittleEndian.AppendUint32(nil, llama2CMagic))
	refused(t, path, "version 1 or 2")
	write("model.bin", append(binary.LittleEndian.AppendUint32(nil, llama2CMagic), make([]byte, 300)...))
	refused(t, path, "version 1 or 2")
	write("model.bin", weights)
	for _, n := range []int{0, 3, 4, 100, len(tokens) - 1} {
		write("tok512.bin", tokens[:n])
		refused(t, path, "tok512.bin")
	}
	write("tok512.bin", append(slices.Clone(tokens), 1))
	refused(t, path, "tok512.bin")
	damaged := slices.Clone(tokens)
	binary.LittleEndian.PutUint32(damaged[8:], 1<<31)
	write("tok512.bin", damaged)
	refused(t, path, "tok512.bin")
}

func TestHostileFolder(t *testing.T) {
	good := asHF(t, made(t, archLlama), "")
	config, err := os.ReadFile(filepath.Join(good, configName))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(good, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	with := func(key string, v any) string {
		all := map[string]any{}
		if err := json.Unmarshal(config, &all); err != nil {
			t.Fatal(err)
		}
		all[key] = v
		text, _ := json.Marshal(all)
		return string(text)
	}
	for want, text := range map[string]string{
		"is not JSON": "{", "it is a list; want an object": "[]", "it names 0 architectures": "{}", "max depth": strings.Repeat("[", 100000),
		"the architecture \"BertModel\" is not supported":          with("architectures", []string{"BertModel"}),
		"the key \"hidden_size\" is a string; want a whole number": with("hidden_size", "32"),
		"the key \"hidden_size\" is the number 1.5":                with("hidden_size", 1.5),
		"the width is -32":                                with("hidden_size", -32),
		"number 1e+60":                                    with("hidden_size", 1e60),
		"the vocabulary is 1000000000":                    with("vocab_size", 1000000000),
		"\"layers.2.input_layernorm.weight\"":             with("num_hidden_layers", 1000),
		"more layers than it says":                        with("num_hidden_layers", 1),
		"; want 63 × 32":                                  with("intermediate_size", 63),
		"the activation \"relu\"":                         with("hidden_act", "relu"),
		"scaling \"dynamic\"":                             with("rope_scaling", map[string]any{"type": "dynamic", "factor": 2}),
		"scaled by the factor 0":                          with("rope_scaling", map[string]any{"type": "linear"}),
		"which cannot be":                                 with("rope_scaling", map[string]any{"rope_type": "llama3", "factor": 8}),
		"quantized in a way of their own":                 with("quantization_config", map[string]any{"bits": 4}),
		"rotated into 0.5":                                with("partial_rotary_factor", 0.5),
		"a token is a whole number":                       with("eos_token_id", "x"),
		"final_logit_softcapping is set":                  with("final_logit_softcapping", 30.0),
		"embedding_multiplier is set":                     with("embedding_multiplier", 12),
		"model_type is \"qwen2\", and architectures says": with("model_type", "qwen2"),
		"bos_token_id is 99999":                           with("bos_token_id", 99999),
		"the key \"rope_scaling.factor\" is a string":     with("rope_scaling", map[string]any{"factor": "x"}),
		"the key \"rope_scaling\" is a list":              with("rope_scaling", []int{1}),
		"texts end with token 99999":                      with("eos_token_id", 99999),
	} {
		write(configName, text)
		refused(t, good, want)
	}
	write(configName, with("tie_word_embeddings", true))
	if o := opened(t, good); !o.Weights.Output.Empty() {
		t.Error("the output is not tied")
	}
	write(configName, string(config))
	for name, text := range map[string]string{
		settingsName: "[", generationName: "5", tokenizerName: "{}", weightsName: "no tensors",
	} {
		before, err := os.ReadFile(filepath.Join(good, name))
		if err != nil {
			t.Fatal(err)
		}
		write(name, text)
		refused(t, good, name)
		write(name, string(before))
	}
	for _, name := range []string{tokenizerName, weightsName} {
		path := filepath.Join(good, name)
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		refused(t, good, name)
		if err := os.Mkdir(path, 0o777); err != nil {
			t.Fatal(err)
		}
		refused(t, good, "is a folder")
		os.Remove(path)
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestShards(t *testing.T) {
	want := made(t, archQwen2)
	dir := asHF(t, want, "")
	file, err := os.ReadFile(filepath.Join(dir, weightsName))
	if err != nil {
		t.Fatal(err)
	}
	all, _, err := weights.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, weightsName)); err != nil {
		t.Fatal(err)
	}
	shards := [2]map[string]weights.Tensor{{}, {}}
	places := map[string]string{}
	for i, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range all {
			if !yield(name) {
				return
			}
		}
	}) {
		shards[i%2][name] = all[name]
		places[name] = fmt.Sprintf("model-%05d-of-00002.safetensors", i%2+1)
	}
	for i, shard := range shards {
		var out bytes.Buffer
		if err := weights.Encode(&out, shard, nil); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("model-%05d-of-00002.safetensors", i+1)), out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	index := func(places map[string]string) {
		t.Helper()
		text, _ := json.Marshal(map[string]any{"weight_map": places})
		if err := os.WriteFile(filepath.Join(dir, indexName), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	index(places)
	same(t, opened(t, dir), want)
	for _, place := range []string{"../model.safetensors", "/etc/passwd", "a/b.safetensors", "..", "", "model.bin", indexName, `..\x.safetensors`} {
		wrong := map[string]string{}
		for name, p := range places {
			wrong[name] = p
		}
		wrong["model.norm.weight"] = place
		index(wrong)
		if place == `..\x.safetensors` {
			refused(t, dir, "x.safetensors")
			continue
		}
		refused(t, dir, "want the name of a .safetensors file beside it")
	}
	index(map[string]string{})
	refused(t, dir, "it names 0 files")
	index(map[string]string{"model.norm.weight": "missing.safetensors"})
	refused(t, dir, "missing.safetensors")
	places["model.other.weight"] = "model-00001-of-00002.safetensors"
	index(places)
	refused(t, dir, "tensor \"model.other.weight\" is in none of the files")
	delete(places, "model.other.weight")
	first := filepath.Join(dir, "model-00001-of-00002.safetensors")
	data, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	index(places)
	if err := os.WriteFile(filepath.Join(dir, "model-00002-of-00002.safetensors"), data, 0o666); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, "is in another file as well")
}

func FuzzConfig(f *testing.F) {
	f.Add([]byte(`{"architectures":["LlamaForCausalLM"],"vocab_size":32,"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":8,"hidden_act":"silu","max_position_embeddings":8,"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":8192}}`))
	f.Add([]byte(`{"architectures":["GPT2LMHeadModel"],"n_embd":8,"n_head":2,"n_layer":1,"n_positions":4,"vocab_size":9,"eos_token_id":[1,2]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := parseConfig(text)
		if err != nil {
			return
		}
		if c, arch, err := h.config(); err == nil {
			if err := c.Check(); err != nil {
				t.Fatal(err)
			}
			newBuilder(arch, inGGUF(arch), nil).weights(&c)
		}
	})
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"weight_map":{"a":"model-1.safetensors","b":"../x.safetensors"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		shards, _, err := parseIndex(text)
		for _, s := range shards {
			if err == nil && (strings.ContainsAny(s, "/") || !filepath.IsLocal(s)) {
				t.Errorf("%q", s)
			}
		}
	})
}

func FuzzLlama2C(f *testing.F) {
	header := make([]byte, 28)
	for i, v := range []uint32{8, 8, 1, 2, 1, 4, 4} {
		binary.LittleEndian.PutUint32(header[4*i:], v)
	}
	f.Add(header)
	f.Fuzz(func(t *testing.T, data []byte) {
		o := &Opened{}
		if err := o.openLlama2C(data); err == nil {
			if err := o.Weights.Fit(&o.Config); err != nil {
				t.Error(err)
			}
		}
		if v, err := vocabularyOfLlama2C(data, 1+len(data)/9); err == nil && len(v.Tokens) == 0 {
			t.Error("no tokens")
		}
	})
}
