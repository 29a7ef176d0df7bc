package tokenizer

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"atelier/internal/badinput"
)

// onlyKnown rejects a tokenizer.json with unknown keys at the top level or in the model: they may
// change the tokens.
func onlyKnown(text []byte) error {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(text, &top); err != nil {
		return badinput.JSON(err)
	}
	var model map[string]json.RawMessage
	if err := json.Unmarshal(top["model"], &model); err != nil {
		return badinput.JSON(err)
	}
	if err := knownIn(reflect.TypeFor[file](), top, ""); err != nil {
		return err
	}
	return knownIn(reflect.TypeFor[bpe](), model, "model.")
}

// knownIn rejects keys without a field in the struct, unless they are null.
func knownIn(t reflect.Type, values map[string]json.RawMessage, where string) error {
	known := map[string]bool{}
	for i := range t.NumField() {
		known[t.Field(i).Tag.Get("json")] = true
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !known[strings.ToLower(key)] && string(values[key]) != "null" {
			return badinput.Errorf("the tokenizer has the key %q, which is not known", sayable(where+key))
		}
	}
	return nil
}
