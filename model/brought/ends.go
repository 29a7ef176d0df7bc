package brought

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/tokenizer"
)

// A hfSettings is the relevant part of Hugging Face's tokenizer_config.json.
type hfSettings struct {
	BOS      hfToken         `json:"bos_token"`
	EOS      hfToken         `json:"eos_token"`
	Template json.RawMessage `json:"chat_template"`
}

// A hfToken is the name of a token.
type hfToken string

// UnmarshalJSON implements [json.Unmarshaler]: a name, or an object with it.
func (t *hfToken) UnmarshalJSON(text []byte) error {
	var name string
	if json.Unmarshal(text, &name) == nil {
		*t = hfToken(name)
		return nil
	}
	var whole struct {
		Content string `json:"content"`
	}
	if json.Unmarshal(text, &whole) != nil {
		return fmt.Errorf("bos_token and eos_token want the name of a token, or an object with its content")
	}
	*t = hfToken(whole.Content)
	return nil
}

// ends finds the end tokens and the chat template in the files of a folder.
func (o *Opened) ends(dir string, c *hfConfig, texts map[string][]byte) error {
	var generation hfConfig
	var settings hfSettings
	for name, into := range map[string]any{generationName: &generation, settingsName: &settings} {
		if text := texts[name]; text != nil {
			if err := json.Unmarshal(text, into); err != nil {
				return fmt.Errorf("%s: %w", filepath.Join(dir, name), badinput.JSON(err))
			}
		}
	}
	bos, eos := o.Tokenizer.BOS(), o.Tokenizer.EOS()
	for _, id := range c.BOS {
		if id < 0 || int(id) >= o.Tokenizer.Size() {
			return fmt.Errorf("%s: bos_token_id is %d, but the tokenizer has only %d tokens", filepath.Join(dir, configName), id, o.Tokenizer.Size())
		}
		bos = c.BOS[0]
	}
	if id, ok := o.Tokenizer.ID(string(settings.BOS)); ok {
		bos = id
	}
	all := slices.Concat(c.EOS, generation.EOS)
	if id, ok := o.Tokenizer.ID(string(settings.EOS)); ok {
		all = append(tokenIDs{id}, all...)
	}
	if len(all) == 0 && eos != tokenizer.None {
		all = tokenIDs{eos}
	}
	for _, id := range all {
		if !slices.Contains(o.Ends, id) {
			o.Ends = append(o.Ends, id)
		}
	}
	if len(o.Ends) > 0 {
		eos = o.Ends[0]
	}
	o.Tokenizer = o.Tokenizer.WithEnds(bos, eos)
	o.Template = settings.template()
	if text := texts[templateName]; text != nil {
		o.Template = string(text)
	}
	return nil
}

// template is the chat template; if there are several, the one named default.
func (s *hfSettings) template() string {
	var one string
	if json.Unmarshal(s.Template, &one) == nil {
		return one
	}
	var named []struct {
		Name     string `json:"name"`
		Template string `json:"template"`
	}
	if json.Unmarshal(s.Template, &named) == nil {
		for _, t := range named {
			if t.Name == "default" {
				return t.Template
			}
		}
	}
	return ""
}
