package tokenizer

import (
	"encoding/json"

	"atelier/internal/badinput"
)

// A step is a normalizer, pre-tokenizer or decoder of a tokenizer.json.
type step struct {
	Type string `json:"type"`
	// Of a sequence.
	Normalizers   []step `json:"normalizers,omitempty"`
	PreTokenizers []step `json:"pretokenizers,omitempty"`
	Decoders      []step `json:"decoders,omitempty"`
	// Of the others.
	AddPrefixSpace *bool    `json:"add_prefix_space,omitempty"`
	TrimOffsets    *bool    `json:"trim_offsets,omitempty"`
	UseRegex       *bool    `json:"use_regex,omitempty"`
	Individual     bool     `json:"individual_digits,omitempty"`
	Prepend        string   `json:"prepend,omitempty"`
	Pattern        *matched `json:"pattern,omitempty"`
	Behavior       string   `json:"behavior,omitempty"`
	Invert         *bool    `json:"invert,omitempty"`
	Content        *string  `json:"content,omitempty"`
	Replacement    string   `json:"replacement,omitempty"`
	PrependScheme  string   `json:"prepend_scheme,omitempty"`
	Split          *bool    `json:"split,omitempty"`
	Start          *int     `json:"start,omitempty"`
	Stop           *int     `json:"stop,omitempty"`
}

// matched is the pattern of a step: a text or a regular expression.
type matched struct {
	String *string `json:"String,omitempty"`
	Regex  *string `json:"Regex,omitempty"`
}

// each returns the steps of a sequence in order, or the single step.
func (s *step) each(of func(*step) []step) []step {
	if s == nil {
		return nil
	}
	if s.Type != "Sequence" {
		return []step{*s}
	}
	return of(s)
}

func (s *step) unknown(what string) error {
	text := s.Type
	if p := s.Pattern; p != nil && p.Regex != nil {
		text += " " + *p.Regex
	} else if p != nil && p.String != nil {
		text += " " + *p.String
	}
	return badinput.Errorf("the %s %q of the tokenizer is not known; known are those of GPT-2, Llama 2 and 3, Qwen 2 and 3 and SmolLM", what, text)
}

// pipeline sets how text is normalised and split, and how tokens are decoded.
func (f *file) pipeline(t *Tokenizer) error {
	spaced := false // spaces are written as marks
	for _, s := range f.Normalizer.each(func(s *step) []step { return s.Normalizers }) {
		switch {
		case s.Type == "NFC":
			t.nfc = true
		case s.Type == "Prepend" && s.Prepend == mark:
			t.prefix = prefix{first: true, every: true}
		case s.Type == "Replace" && s.Pattern.is(" ") && s.Content != nil && *s.Content == mark:
			spaced = true
		default:
			return s.unknown("normalizer")
		}
	}
	split, metaspace, splitAtSpaces, err := f.splitting(t, spaced)
	if err != nil {
		return err
	}
	for _, s := range f.Decoder.each(func(s *step) []step { return s.Decoders }) {
		switch s.Type {
		case "ByteLevel", "Replace", "ByteFallback", "Fuse":
		case "Strip", "Metaspace":
			t.prefix.drop = t.prefix.first
		default:
			return s.unknown("decoder")
		}
	}
	switch {
	case split != nil && !metaspace && !spaced:
		err = t.ofBytes(split)
	case split == nil && (metaspace || spaced):
		if err = t.ofPieces([]rune(mark)[0]); err == nil {
			t.pieces.fuse, t.pieces.split = f.Model.Fuse, splitAtSpaces
		}
	default:
		return badinput.Errorf("the tokenizer is neither one of bytes (ByteLevel) nor one that writes spaces as %s", mark)
	}
	if f.Model.IgnoreMerges && err == nil {
		t.keepWhole()
	}
	return err
}

func (m *matched) is(text string) bool { return m != nil && m.String != nil && *m.String == text }

// splitting returns the split pattern of byte-level tokens, or whether spaces are written as marks.
func (f *file) splitting(t *Tokenizer, spaced bool) (split *pattern, metaspace, atSpaces bool, err error) {
	single := false
	for _, s := range f.PreTokenizer.each(func(s *step) []step { return s.PreTokenizers }) {
		switch {
		case s.Type == "Digits" && s.Individual && split == nil:
			single = true
		case s.Type == "Split" && s.Pattern.is(" ") && spaced: // finds none
		case s.Type == "Split" && s.Pattern != nil && s.Pattern.Regex != nil && s.Behavior == "Isolated" && !yes(s.Invert) && split == nil && !single:
			if split = known(*s.Pattern.Regex); split == nil {
				return nil, false, false, s.unknown("pre-tokenizer")
			}
		case s.Type == "ByteLevel":
			if regex := s.UseRegex == nil || *s.UseRegex; regex && split == nil {
				if split = gpt2; single {
					split = smollm
				}
			} else if regex || split == nil {
				return nil, false, false, s.unknown("pre-tokenizer")
			}
			if s.AddPrefixSpace == nil || *s.AddPrefixSpace {
				t.prefix = prefix{first: true, every: true, unless: true}
			}
		case s.Type == "Metaspace" && (s.Replacement == mark || s.Replacement == ""):
			metaspace, atSpaces = true, s.Split == nil || *s.Split
			t.prefix = s.scheme()
		default:
			return nil, false, false, s.unknown("pre-tokenizer")
		}
	}
	return split, metaspace, atSpaces, nil
}

// known returns the pattern for a regular expression, nil if it is unknown.
func known(regex string) *pattern {
	for _, p := range []*pattern{llama3, qwen2} {
		if p.regex == regex {
			return p
		}
	}
	if regex == gpt2Regex {
		return gpt2
	}
	return nil
}

func yes(b *bool) bool { return b != nil && *b }

// scheme returns the prefix of a Metaspace.
func (s *step) scheme() prefix {
	switch {
	case s.PrependScheme == "never" || s.PrependScheme == "" && s.AddPrefixSpace != nil && !*s.AddPrefixSpace:
		return prefix{}
	case s.PrependScheme == "first":
		return prefix{first: true, unless: true, marks: true}
	}
	return prefix{first: true, every: true, unless: true, marks: true}
}

// A template is a post-processor, which adds special tokens around a text.
type template struct {
	Type       string     `json:"type"`
	Single     []part     `json:"single,omitempty"`
	Pair       []part     `json:"pair,omitempty"`
	Tokens     any        `json:"special_tokens,omitempty"`
	Processors []template `json:"processors,omitempty"`
}

// A part is a special token or the text.
type part struct {
	SpecialToken *partName `json:"SpecialToken,omitempty"`
	Sequence     *partName `json:"Sequence,omitempty"`
}

type partName struct {
	ID   string `json:"id"`
	Type int    `json:"type_id"`
}

// UnmarshalJSON reads only the parts of a template; other post-processors add nothing that matters
// here, or are rejected by [template.ends].
func (p *template) UnmarshalJSON(text []byte) error {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return err
	}
	p.Type = head.Type
	if p.Type != "TemplateProcessing" && p.Type != "Sequence" {
		return nil
	}
	type plain template
	return json.Unmarshal(text, (*plain)(p))
}

// ends sets BOS and EOS from the template.
func (p *template) ends(t *Tokenizer) error {
	if p == nil {
		return nil
	}
	switch p.Type {
	case "ByteLevel", "Sequence", "TemplateProcessing":
	default:
		return badinput.Errorf("the post-processor %q of the tokenizer is not known; want ByteLevel or TemplateProcessing", sayable(p.Type))
	}
	for i := range p.Processors {
		if err := p.Processors[i].ends(t); err != nil {
			return err
		}
	}
	text := false
	for _, s := range p.Single {
		if s.SpecialToken == nil {
			text = text || s.Sequence != nil
			continue
		}
		id, ok := t.ID(s.SpecialToken.ID)
		if !ok {
			return badinput.Errorf("the token %q around texts is not in the vocabulary", sayable(s.SpecialToken.ID))
		}
		if text {
			t.eos, t.adds.eos = id, true
		} else {
			t.bos, t.adds.bos = id, true
		}
	}
	return nil
}
