package brought

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/model/language"
)

// A hfConfig is the relevant part of Hugging Face's config.json.
type hfConfig struct {
	Architectures []string `json:"architectures"`
	ModelType     string   `json:"model_type"`
	DType         string   `json:"torch_dtype,omitempty"`

	// Of all but GPT-2.
	VocabSize        int       `json:"vocab_size"`
	MaxPositions     int       `json:"max_position_embeddings,omitempty"`
	HiddenSize       int       `json:"hidden_size,omitempty"`
	IntermediateSize int       `json:"intermediate_size,omitempty"`
	Layers           int       `json:"num_hidden_layers,omitempty"`
	Heads            int       `json:"num_attention_heads,omitempty"`
	KVHeads          *int      `json:"num_key_value_heads,omitempty"`
	HeadDim          *int      `json:"head_dim,omitempty"`
	HiddenAct        string    `json:"hidden_act,omitempty"`
	RMSNormEps       *float64  `json:"rms_norm_eps,omitempty"`
	RopeTheta        *float64  `json:"rope_theta,omitempty"`
	RopeScaling      *hfRotary `json:"rope_scaling,omitempty"`
	RopeParameters   *hfRotary `json:"rope_parameters,omitempty"` // in newer files: both of these
	PartialRotary    *float64  `json:"partial_rotary_factor,omitempty"`
	SlidingWindow    *int      `json:"sliding_window,omitempty"`
	UseSliding       *bool     `json:"use_sliding_window,omitempty"`

	// Of GPT-2.
	NPositions   int      `json:"n_positions,omitempty"`
	NEmbd        int      `json:"n_embd,omitempty"`
	NLayer       int      `json:"n_layer,omitempty"`
	NHead        int      `json:"n_head,omitempty"`
	NInner       *int     `json:"n_inner,omitempty"`
	Activation   string   `json:"activation_function,omitempty"`
	LayerNormEps *float64 `json:"layer_norm_epsilon,omitempty"`
	ScaleAttn    *bool    `json:"scale_attn_weights,omitempty"`
	ScaleByLayer bool     `json:"scale_attn_by_inverse_layer_idx,omitempty"`

	TieEmbeddings *bool           `json:"tie_word_embeddings,omitempty"`
	BOS           tokenIDs        `json:"bos_token_id,omitempty"`
	EOS           tokenIDs        `json:"eos_token_id,omitempty"`
	Quantization  json.RawMessage `json:"quantization_config,omitempty"`
}

// A hfRotary is the scaling of rotary positions.
type hfRotary struct {
	Type     string   `json:"rope_type,omitempty"`
	OldType  string   `json:"type,omitempty"`
	Theta    *float64 `json:"rope_theta,omitempty"`
	Factor   float64  `json:"factor,omitempty"`
	Low      float64  `json:"low_freq_factor,omitempty"`
	High     float64  `json:"high_freq_factor,omitempty"`
	Original float64  `json:"original_max_position_embeddings,omitempty"`
}

// tokenIDs is one token, several, or none.
type tokenIDs []int32

// UnmarshalJSON implements [json.Unmarshaler].
func (t *tokenIDs) UnmarshalJSON(text []byte) error {
	var one int32
	if string(text) == "null" {
		return nil
	}
	if err := json.Unmarshal(text, &one); err == nil {
		*t = tokenIDs{one}
		return nil
	}
	var all []int32
	if err := json.Unmarshal(text, &all); err != nil || len(all) > 64 {
		return errors.New("a token is a whole number or a list of them")
	}
	*t = all
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (t tokenIDs) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]int32(t))
}

// readConfig reads a config.json.
func readConfig(path string) (*hfConfig, error) {
	text, err := durable.ReadFile(path, mostConfig)
	if err != nil {
		return nil, err
	}
	return parseConfig(text)
}

func parseConfig(text []byte) (*hfConfig, error) {
	c := &hfConfig{}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, badinput.JSON(err)
	}
	return c, checkUnread(text)
}

// classes maps class names to architectures.
var classes = map[string]string{
	"LlamaForCausalLM": archLlama, "MistralForCausalLM": archLlama, "Qwen2ForCausalLM": archQwen2,
	"Qwen3ForCausalLM": archQwen3, "GPT2LMHeadModel": archGPT2,
}

// modelTypes is the model_type of each class.
var modelTypes = map[string]string{
	"LlamaForCausalLM": "llama", "MistralForCausalLM": "mistral", "Qwen2ForCausalLM": "qwen2",
	"Qwen3ForCausalLM": "qwen3", "GPT2LMHeadModel": "gpt2",
}

// config is the shape of the model, and its architecture.
func (h *hfConfig) config() (c language.Config, architecture string, err error) {
	if len(h.Architectures) != 1 {
		return c, "", fmt.Errorf("it names %d architectures; want one", len(h.Architectures))
	}
	architecture, ok := classes[h.Architectures[0]]
	switch {
	case !ok:
		return c, "", fmt.Errorf("the architecture %q is not supported; those that are supported are %s", h.Architectures[0], strings.Join(slices.Sorted(maps.Keys(classes)), ", "))
	case h.ModelType != "" && h.ModelType != modelTypes[h.Architectures[0]]:
		return c, "", fmt.Errorf("model_type is %q, and architectures says %s, whose model_type is %s", h.ModelType, h.Architectures[0], modelTypes[h.Architectures[0]])
	case h.Quantization != nil && string(h.Quantization) != "null":
		return c, "", errors.New("the weights are quantized in a way of their own, which is not read; want F32, F16 or BF16, or a GGUF file")
	case architecture == archGPT2:
		c, err = h.gpt2()
	default:
		c, err = h.llama()
	}
	if err == nil {
		err = c.Check()
	}
	return c, architecture, err
}

// gpt2 is the shape of a GPT-2.
func (h *hfConfig) gpt2() (c language.Config, err error) {
	c = language.Config{
		Vocabulary: h.VocabSize, Context: h.NPositions, Width: h.NEmbd, Hidden: valueOr(h.NInner, 4*h.NEmbd), Layers: h.NLayer,
		Heads: h.NHead, KVHeads: h.NHead, LayerNorm: true, Epsilon: valueOr(h.LayerNormEps, 1e-5),
	}
	if c.Heads > 0 {
		c.HeadWidth = c.Width / c.Heads
	}
	switch h.Activation {
	case "gelu_new", "gelu_pytorch_tanh", "":
		c.Activation = language.GeluTanh
	case "gelu":
		c.Activation = language.GeluExact
	default:
		return c, fmt.Errorf("the activation %q is not supported; gelu_new and gelu are", h.Activation)
	}
	if !valueOr(h.ScaleAttn, true) || h.ScaleByLayer {
		return c, errors.New("attention is scaled in an unusual way, which is not supported")
	}
	return c, nil
}

// llama is the shape of a Llama, Mistral or Qwen.
func (h *hfConfig) llama() (c language.Config, err error) {
	c = language.Config{
		Vocabulary: h.VocabSize, Context: h.MaxPositions, Width: h.HiddenSize, Hidden: h.IntermediateSize, Layers: h.Layers,
		Heads: h.Heads, KVHeads: valueOr(h.KVHeads, h.Heads), Epsilon: valueOr(h.RMSNormEps, 1e-6), Activation: language.Silu,
	}
	if h.HeadDim != nil {
		c.HeadWidth = *h.HeadDim
	} else if c.Heads > 0 {
		c.HeadWidth = c.Width / c.Heads
	}
	if h.HiddenAct != "silu" {
		return c, fmt.Errorf("the activation %q is not supported; silu is", h.HiddenAct)
	}
	if valueOr(h.PartialRotary, 1) != 1 {
		return c, fmt.Errorf("positions are rotated into %g of the dimensions of a head, which is not supported", *h.PartialRotary)
	}
	if w := valueOr(h.SlidingWindow, 0); w > 0 && valueOr(h.UseSliding, true) {
		c.Context = min(c.Context, w) // within the window, attention is the same
	}
	c.Rotary = &language.Rotary{Base: valueOr(h.RopeTheta, 10000), Halves: true}
	scaling := h.RopeScaling
	if scaling == nil {
		scaling = h.RopeParameters
	}
	if scaling == nil || c.Check() != nil {
		return c, nil
	}
	c.Rotary.Base = valueOr(scaling.Theta, c.Rotary.Base)
	c.Rotary.Scale, err = scaling.scale(c.Rotary.Base, c.HeadWidth)
	return c, err
}

func valueOr[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}

// ties reports whether the output and the embeddings share weights.
func (h *hfConfig) ties() bool {
	return valueOr(h.TieEmbeddings, len(h.Architectures) == 1 && classes[h.Architectures[0]] == archGPT2)
}

// scale divides the frequencies, nil for none.
func (r *hfRotary) scale(base float64, headWidth int) ([]float32, error) {
	kind := r.Type
	if kind == "" {
		kind = r.OldType
	}
	switch {
	case kind == "" || kind == "default":
		return nil, nil
	case kind != "linear" && kind != "llama3":
		return nil, fmt.Errorf("the scaling %q of rotary positions is not supported; linear and llama3 are", kind)
	case !(r.Factor >= 1 && r.Factor < 1e6):
		return nil, fmt.Errorf("rotary positions are scaled by the factor %g; want 1 or more", r.Factor)
	case kind == "linear":
		return slices.Repeat([]float32{float32(r.Factor)}, headWidth/2), nil
	case !(r.Low > 0 && r.High > r.Low && r.High < 1e6 && r.Original >= 1 && r.Original < 1e9):
		return nil, fmt.Errorf("rotary positions are scaled between the factors %g and %g of a context of %g, which cannot be", r.Low, r.High, r.Original)
	}
	scale := make([]float32, headWidth/2)
	for i := range scale {
		length := 2 * math.Pi * math.Pow(base, float64(2*i)/float64(headWidth))
		switch {
		case length < r.Original/r.High:
			scale[i] = 1
		case length > r.Original/r.Low:
			scale[i] = float32(r.Factor)
		default:
			smooth := (r.Original/length - r.Low) / (r.High - r.Low)
			scale[i] = float32(1 / ((1-smooth)/r.Factor + smooth))
		}
	}
	return scale, nil
}
