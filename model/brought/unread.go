package brought

import (
	"encoding/json"
	"fmt"
	"slices"
)

// unread are keys that change what a model computes, by their names in both formats, with the
// values that have no effect besides null, false and 0. A model with another value is rejected,
// because it would generate something else.
var unread = []struct {
	hf, gguf string
	neutral  float64
}{
	{"final_logit_softcapping", "final_logit_softcapping", 0},
	{"attn_logit_softcapping", "attn_logit_softcapping", 0},
	{"logit_scale", "logit_scale", 1},
	{"logits_scaling", "", 1},
	{"embedding_multiplier", "embedding_scale", 1},
	{"residual_multiplier", "residual_scale", 1},
	{"attention_multiplier", "attention.scale", 0},
	{"clip_qkv", "attention.clamp_kqv", 0},
	{"", "attention.max_alibi_bias", 0},
	{"", "use_parallel_residual", 0},
	{"parallel_attn", "", 0},
	{"num_local_experts", "", 0},
	{"num_experts", "", 0},
}

// checkUnread rejects a config.json with unsupported settings.
func checkUnread(text []byte) error {
	var all map[string]json.RawMessage
	if json.Unmarshal(text, &all) != nil {
		return nil // reported when the config is parsed
	}
	for _, u := range unread {
		raw, ok := all[u.hf]
		if u.hf == "" || !ok {
			continue
		}
		var v any
		if err := json.Unmarshal(raw, &v); err != nil || !slices.Contains([]any{nil, false, 0.0, u.neutral}, v) {
			return fmt.Errorf("%s is set, which is not supported: the model would compute something else without it", u.hf)
		}
	}
	return nil
}

// unread rejects metadata with unsupported settings.
func (k *keys) unread() {
	for _, u := range unread {
		if u.gguf == "" {
			continue
		}
		switch v := k.file.Value(k.arch + u.gguf).(type) {
		case nil:
			continue
		case bool:
			if !v {
				continue
			}
		case float32:
			if v == 0 || float64(v) == u.neutral {
				continue
			}
		}
		k.fail("%s is set, which is not supported: the model would compute something else without it", k.arch+u.gguf)
	}
}
