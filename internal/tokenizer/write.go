package tokenizer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// JSON returns the tokenizer as a Hugging Face tokenizer.json, which [FromHuggingFace] and other
// programs read. The same tokenizer gives the same bytes.
func (t *Tokenizer) JSON() ([]byte, error) {
	model, err := t.model()
	if err != nil {
		return nil, err
	}
	f := file{Version: "1.0", AddedTokens: t.addedTokens(), Normalizer: t.normalizer(), PreTokenizer: t.preTokenizer(),
		PostProcessor: t.template(), Decoder: t.decoder(), Model: model}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err = e.Encode(f)
	return out.Bytes(), err
}

// model writes the vocabulary and the merges.
func (t *Tokenizer) model() (*bpe, error) {
	m := &bpe{Type: "BPE", Vocabulary: map[string]int64{}, Merges: merges{}, IgnoreMerges: t.whole != nil, ByteFallback: t.pieces != nil && t.bytes[0] != None}
	if t.unknown != None {
		m.Unknown = &t.entries[t.unknown].name
	}
	m.Fuse = t.pieces != nil && t.pieces.fuse
	for id, e := range t.entries {
		name := t.written(e)
		if e.kind == gap {
			continue
		}
		if !utf8.ValidString(name) {
			return nil, badinput.Errorf("token %d, %q, is no UTF-8, which tokenizer.json cannot hold", id, sayable(name))
		}
		if name == "" && e.kind != ordinary {
			return nil, badinput.Errorf("the special token %d has no name, which tokenizer.json cannot hold", id)
		}
		if was, ok := m.Vocabulary[name]; ok {
			return nil, badinput.Errorf("tokens %d and %d are both %q, which tokenizer.json cannot hold", was, id, sayable(name))
		}
		m.Vocabulary[name] = int64(id)
	}
	all := t.ranked()
	for i, r := range all {
		if i > 0 && r.rank == all[i-1].rank && r.id != all[i-1].id {
			return nil, badinput.Errorf("tokens %d and %d have the same score, which tokenizer.json cannot hold", all[i-1].id, r.id)
		}
		m.Merges = append(m.Merges, r.names)
	}
	return m, nil
}

// A rankedMerge is a merge with its two tokens.
type rankedMerge struct {
	merge
	pair  uint64
	names [2]string // as written in files
}

// ranked returns all merges, the best first.
func (t *Tokenizer) ranked() (all []rankedMerge) {
	for pair, of := range t.pairs.all {
		left, right := t.entries[int32(pair>>32)], t.entries[int32(uint32(pair))]
		all = append(all, rankedMerge{of, pair, [2]string{t.written(left), t.written(right)}})
	}
	slices.SortFunc(all, func(a, b rankedMerge) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.pair, b.pair)) })
	return all
}

// written is the name of a token in the file, in which a space is a mark.
func (t *Tokenizer) written(e entry) string {
	if t.pieces != nil && e.kind == ordinary {
		return strings.ReplaceAll(e.name, string(t.pieces.space), mark)
	}
	return e.name
}

// MarshalJSON writes the merges as texts where this is unambiguous, for older readers.
func (m merges) MarshalJSON() ([]byte, error) {
	lines := make([]string, 0, len(m))
	for _, pair := range m {
		if strings.Contains(pair[0], " ") || strings.Contains(pair[1], " ") {
			return marshalled([][2]string(m))
		}
		lines = append(lines, pair[0]+" "+pair[1])
	}
	return marshalled(lines)
}

// marshalled is JSON without escaping < and >.
func marshalled(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return out.Bytes(), err
}

// addedTokens writes the tokens outside of the model.
func (t *Tokenizer) addedTokens() []addedToken {
	all := []addedToken{}
	for id, e := range t.entries {
		if e.kind == added || e.kind == markup || e.kind == special {
			all = append(all, addedToken{ID: int64(id), Content: e.name, SingleWord: e.rule.word, LStrip: e.rule.left, RStrip: e.rule.right, Special: e.kind == special})
		}
	}
	return all
}

func pointer[T any](v T) *T { return &v }

func (t *Tokenizer) normalizer() *step {
	var all []step
	if t.nfc {
		all = append(all, step{Type: "NFC"})
	}
	if t.pieces != nil {
		if t.prefix.every && !t.prefix.unless {
			all = append(all, step{Type: "Prepend", Prepend: mark})
		}
		if !t.prefix.unless && !t.pieces.split {
			all = append(all, step{Type: "Replace", Pattern: &matched{String: pointer(" ")}, Content: pointer(mark)})
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return &all[0]
	}
	return &step{Type: "Sequence", Normalizers: all}
}

func (t *Tokenizer) preTokenizer() *step {
	if p := t.pieces; p != nil {
		if !t.prefix.unless && !p.split {
			return nil
		}
		scheme := "never"
		if t.prefix.every {
			scheme = "always"
		} else if t.prefix.first {
			scheme = "first"
		}
		return &step{Type: "Metaspace", Replacement: mark, PrependScheme: scheme, Split: pointer(p.split)}
	}
	level := step{Type: "ByteLevel", AddPrefixSpace: pointer(t.prefix.first), TrimOffsets: pointer(true), UseRegex: pointer(t.split.regex == "")}
	first := step{}
	switch {
	case t.split.single:
		first = step{Type: "Digits", Individual: true}
	case t.split.regex == "":
		return &level
	default:
		first = step{Type: "Split", Pattern: &matched{Regex: &t.split.regex}, Behavior: "Isolated", Invert: pointer(false)}
	}
	return &step{Type: "Sequence", PreTokenizers: []step{first, level}}
}

func (t *Tokenizer) decoder() *step {
	if t.pieces == nil {
		return &step{Type: "ByteLevel", AddPrefixSpace: pointer(true), TrimOffsets: pointer(true), UseRegex: pointer(true)}
	}
	all := []step{
		{Type: "Replace", Pattern: &matched{String: pointer(mark)}, Content: pointer(" ")},
		{Type: "ByteFallback"}, {Type: "Fuse"},
	}
	if t.prefix.drop {
		all = append(all, step{Type: "Strip", Content: pointer(" "), Start: pointer(1), Stop: pointer(0)})
	}
	return &step{Type: "Sequence", Decoders: all}
}

// template writes the template for BOS and EOS.
func (t *Tokenizer) template() *template {
	if !t.AddsBOS() && !t.AddsEOS() {
		return nil
	}
	p := &template{Type: "TemplateProcessing", Pair: []part{}}
	tokens := map[string]any{}
	end := func(id int32, typ int) part {
		name := t.entries[id].name
		tokens[name] = map[string]any{"id": name, "ids": []int32{id}, "tokens": []string{name}}
		return part{SpecialToken: &partName{name, typ}}
	}
	for typ, text := range []string{"A", "B"} {
		if t.AddsBOS() {
			p.Pair = append(p.Pair, end(t.bos, typ))
		}
		p.Pair = append(p.Pair, part{Sequence: &partName{text, typ}})
		if t.AddsEOS() {
			p.Pair = append(p.Pair, end(t.eos, typ))
		}
		if typ == 0 {
			p.Single = slices.Clone(p.Pair)
		}
	}
	p.Tokens = tokens
	return p
}
