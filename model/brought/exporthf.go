package brought

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/quant"
	"atelier/model/language"
	"atelier/model/weights"
)

// typesHF maps matrix types to types of safetensors and their names in config.json.
var typesHF = map[quant.Type]struct {
	kind dtypes.DType
	name string
}{quant.F32: {dtypes.Float32, "float32"}, quant.F16: {dtypes.Float16, "float16"}, quant.BF16: {dtypes.BFloat16, "bfloat16"}}

// ExportHF writes a model into a new folder in Hugging Face's format, its weights converted to the
// named type; if empty, they are unchanged, or F16 if quantized.
func (o *Opened) ExportHF(dir, kind string) error {
	to, err := exportType(kind)
	switch {
	case err != nil:
		return err
	case to == nil:
		usual := o.kind
		if _, ok := typesHF[usual]; !ok {
			usual = quant.F16
		}
		to = &usual
	}
	if _, ok := typesHF[*to]; !ok {
		return badinput.Errorf("a folder of Hugging Face cannot have weights of %s; want f32, f16 or bf16", *to)
	}
	config, err := o.hfConfig(*to)
	if err != nil {
		return err
	}
	text := o.json
	if text == nil {
		if text, err = o.Tokenizer.JSON(); err != nil {
			return err
		}
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return badinput.Errorf("the folder %s is not empty; name a new one", dir)
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(dir)), 0o777); err != nil {
		return durable.Explain(dir, err)
	}
	return durable.FillDir(dir, func(dir string) error {
		if err := o.writeBesides(dir, config, text); err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(dir, weightsName))
		if err != nil {
			return err
		}
		defer f.Close()
		if err := o.writeTensors(f, *to); err != nil {
			return err
		}
		return f.Close()
	})
}

// writeBesides writes the files other than the weights.
func (o *Opened) writeBesides(dir string, config *hfConfig, tokenizer []byte) error {
	files := map[string][]byte{tokenizerName: tokenizer}
	for name, v := range map[string]any{configName: config, settingsName: o.hfSettings(), generationName: map[string]tokenIDs{"eos_token_id": o.Ends}} {
		text, err := indented(v)
		if err != nil {
			return err
		}
		files[name] = text
	}
	if o.Facts.Licence != "" {
		files[readmeName] = []byte("---\nlicense: " + strings.ToLower(o.Facts.Licence) + "\n---\n\n" + o.Facts.Name + "\n")
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// indented is indented JSON.
func indented(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return out.Bytes(), err
}

// writeTensors writes the weights as safetensors, all of one type.
func (o *Opened) writeTensors(w io.Writer, to quant.Type) error {
	names := inHF(o.Facts.Architecture)
	heads, data := map[string]weights.Tensor{}, map[string]func() ([]byte, error){}
	for _, t := range o.tensors(names, &to, false) {
		name := t.Name
		if name != names.output+".weight" {
			name = names.prefix + name
		} else if o.tied() {
			continue
		}
		made := t.bytes
		if t.Type != to { // norms and biases, which are F32 in GGUF files
			made = func() ([]byte, error) {
				b, err := t.bytes()
				if err != nil {
					return nil, err
				}
				m, err := quant.NewMatrix(t.Type, 1, t.Size(), b)
				if err != nil {
					return nil, err
				}
				return convert(m, to)
			}
		}
		heads[name], data[name] = weights.Tensor{DType: typesHF[to].kind, Dims: t.Dims}, made
	}
	return weights.EncodeEach(w, heads, map[string]string{"format": "pt"}, func(name string) ([]byte, error) { return data[name]() })
}

// hfConfig is the config.json of the model.
func (o *Opened) hfConfig(to quant.Type) (*hfConfig, error) {
	c := &o.Config
	h := &hfConfig{VocabSize: c.Vocabulary, DType: typesHF[to].name, EOS: o.Ends}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		if classes[class] == o.Facts.Architecture {
			h.Architectures, h.ModelType = []string{class}, o.Facts.Architecture
			break // the first class of those that share an architecture
		}
	}
	if bos := o.Tokenizer.BOS(); bos >= 0 {
		h.BOS = tokenIDs{bos}
	}
	tied := o.tied()
	h.TieEmbeddings = &tied
	if o.Facts.Architecture == archGPT2 {
		h.NPositions, h.NEmbd, h.NLayer, h.NHead, h.NInner = c.Context, c.Width, c.Layers, c.Heads, &c.Hidden
		h.LayerNormEps, h.Activation = &c.Epsilon, "gelu_new"
		if c.Activation == language.GeluExact {
			h.Activation = "gelu"
		}
		return h, nil
	}
	h.MaxPositions, h.HiddenSize, h.IntermediateSize, h.Layers = c.Context, c.Width, c.Hidden, c.Layers
	h.Heads, h.KVHeads, h.HeadDim, h.HiddenAct = c.Heads, &c.KVHeads, &c.HeadWidth, "silu"
	h.RMSNormEps, h.RopeTheta = &c.Epsilon, &c.Rotary.Base
	var err error
	h.RopeScaling, err = scalingOf(c)
	return h, err
}

// usualScalings are those of Llama 3.1, 3.2 and 3.3.
var usualScalings = []hfRotary{
	{Type: "llama3", Factor: 8, Low: 1, High: 4, Original: 8192},
	{Type: "llama3", Factor: 32, Low: 1, High: 4, Original: 8192},
}

// scalingOf describes the scaling of rotary positions.
func scalingOf(c *language.Config) (*hfRotary, error) {
	scale := c.Rotary.Scale
	if scale == nil {
		return nil, nil
	}
	if slices.Min(scale) == slices.Max(scale) {
		return &hfRotary{Type: "linear", Factor: float64(scale[0])}, nil
	}
	for _, r := range usualScalings {
		same := func(a, b float32) int {
			if a-b > 1e-4*b || b-a > 1e-4*b {
				return 1
			}
			return 0
		}
		if usual, err := r.scale(c.Rotary.Base, c.HeadWidth); err == nil && slices.CompareFunc(scale, usual, same) == 0 {
			return &r, nil
		}
	}
	return nil, fmt.Errorf("rotary positions are scaled in a way that %s has no words for; export a GGUF file", configName)
}

// hfSettings is the tokenizer_config.json of the model.
func (o *Opened) hfSettings() any {
	settings := map[string]any{"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": o.Config.Context}
	for key, id := range map[string]int32{"bos_token": o.Tokenizer.BOS(), "eos_token": o.Tokenizer.EOS()} {
		if name := o.Tokenizer.Token(id); name != "" {
			settings[key] = name
		}
	}
	if o.Template != "" {
		settings["chat_template"] = o.Template
	}
	return settings
}
