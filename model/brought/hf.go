package brought

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/licence"
	"atelier/internal/quant"
	"atelier/internal/tokenizer"
	"atelier/model/weights"
)

// The files of a Hugging Face folder.
const (
	configName     = "config.json"
	weightsName    = "model.safetensors"
	indexName      = "model.safetensors.index.json"
	tokenizerName  = "tokenizer.json"
	pieceName      = "tokenizer.model" // of SentencePiece
	settingsName   = "tokenizer_config.json"
	generationName = "generation_config.json"
	templateName   = "chat_template.jinja"
	readmeName     = "README.md"
)

// besides are optional files that are kept with the model.
var besides = []string{settingsName, generationName, templateName, readmeName, "LICENSE", "LICENSE.txt", "NOTICE"}

// Limits of the files, in bytes.
const (
	mostConfig = 1 << 20
	mostIndex  = 32 << 20
	mostJSON   = 128 << 20 // of a tokenizer
	mostShards = 1 << 10
)

// openHF opens a Hugging Face folder.
func (o *Opened) openHF(dir string) error {
	c, err := readConfig(filepath.Join(dir, configName))
	if err == nil {
		o.Config, o.Facts.Architecture, err = c.config()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, configName), err)
	}
	o.Facts.Format, o.Facts.Name = FormatHF, filepath.Base(dir)
	o.files = []piece{{configName, filepath.Join(dir, configName)}}
	tensors, err := o.openTensors(dir)
	if err != nil {
		return err
	}
	names := inHF(o.Facts.Architecture)
	b := newBuilder(o.Facts.Architecture, names, tensors)
	if c.ties() {
		b.find(names.output + ".weight") // a copy of the embeddings
	}
	o.Weights = b.weights(&o.Config)
	if c.ties() {
		o.Weights.Output = quant.Matrix{}
	} else if o.Weights.Output.Empty() {
		b.fail("there is no tensor %q, and %s does not say that the output is tied to the embeddings", names.output+".weight", configName)
	}
	if b.err != nil {
		return fmt.Errorf("%s: %w", dir, b.err)
	}
	return o.openHFTokenizer(dir, c)
}

// openTensors maps the files of the weights.
func (o *Opened) openTensors(dir string) (map[string]tensor, error) {
	index := filepath.Join(dir, indexName)
	if _, err := os.Stat(filepath.Join(dir, weightsName)); err == nil {
		all := map[string]tensor{}
		return all, o.openShard(dir, weightsName, all)
	}
	if _, err := os.Stat(index); err != nil {
		if _, err := os.Stat(filepath.Join(dir, "pytorch_model.bin")); err == nil {
			return nil, fmt.Errorf("%s has only pytorch_model.bin, which could run any code and is not read; want %s", dir, weightsName)
		}
		return nil, fmt.Errorf("%s has neither %s nor %s", dir, weightsName, indexName)
	}
	text, err := durable.ReadFile(index, mostIndex)
	if err != nil {
		return nil, err
	}
	o.files = append(o.files, piece{indexName, index})
	shards, places, err := parseIndex(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", index, err)
	}
	all := map[string]tensor{}
	for _, shard := range shards {
		if err := o.openShard(dir, shard, all); err != nil {
			return nil, err
		}
	}
	for _, name := range places {
		if _, ok := all[name]; !ok {
			return nil, fmt.Errorf("%s: tensor %q is in none of the files", index, name)
		}
	}
	return all, nil
}

// parseIndex returns the files and tensors in an index, in order.
func parseIndex(text []byte) (shards, tensors []string, err error) {
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, nil, badinput.JSON(err)
	}
	for name, shard := range index.Map {
		if !strings.HasSuffix(shard, ".safetensors") || filepath.Base(shard) != shard || !filepath.IsLocal(shard) {
			return nil, nil, fmt.Errorf("tensor %q is said to be in %q; want the name of a .safetensors file beside it", name, shard)
		}
		shards, tensors = append(shards, shard), append(tensors, name)
	}
	slices.Sort(shards)
	slices.Sort(tensors)
	shards = slices.Compact(shards)
	if len(shards) == 0 || len(shards) > mostShards {
		return nil, nil, fmt.Errorf("it names %d files; want 1 to %d", len(shards), mostShards)
	}
	return shards, tensors, nil
}

// floats are the safetensors types supported for matrices.
var floats = map[dtypes.DType]quant.Type{dtypes.Float32: quant.F32, dtypes.Float16: quant.F16, dtypes.BFloat16: quant.BF16}

// openShard maps a file of tensors.
func (o *Opened) openShard(dir, name string, all map[string]tensor) error {
	path := filepath.Join(dir, name)
	m, err := mapFile(path)
	if err != nil {
		return err
	}
	o.maps = append(o.maps, m)
	o.files = append(o.files, piece{name, path})
	found, _, err := weights.Decode(m.Bytes)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for name, t := range found {
		kind, ok := floats[t.DType]
		_, twice := all[name]
		switch {
		case twice:
			return fmt.Errorf("%s: tensor %q is in another file as well", path, name)
		case ok:
			all[name] = tensor{kind, t.Dims, t.Data}
		case !isHarmless(name):
			return fmt.Errorf("%s: tensor %q is of type %s; F32, F16 and BF16 are read", path, name, t.DType)
		}
	}
	return nil
}

// openHFTokenizer reads the tokenizer and the optional files.
func (o *Opened) openHFTokenizer(dir string, c *hfConfig) (err error) {
	if err := o.readTokenizer(dir); err != nil {
		return err
	}
	texts := map[string][]byte{}
	for _, name := range besides {
		path := filepath.Join(dir, name)
		text, err := durable.ReadFile(path, mostConfig)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		texts[name], o.files = text, append(o.files, piece{name, path})
	}
	o.Facts.Licence = statedLicence(string(texts[readmeName]))
	return o.ends(dir, c, texts)
}

// readTokenizer reads tokenizer.json, or the model of SentencePiece that older folders have.
func (o *Opened) readTokenizer(dir string) (err error) {
	name := tokenizerName
	path := filepath.Join(dir, name)
	o.json, err = durable.ReadFile(path, mostJSON)
	switch {
	case err == nil:
		o.Tokenizer, err = tokenizer.FromHuggingFace(o.json)
	case errors.Is(err, fs.ErrNotExist):
		name = pieceName
		path = filepath.Join(dir, name)
		var model []byte
		if model, err = durable.ReadFile(path, mostJSON); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s has neither %s nor %s", dir, tokenizerName, pieceName)
		}
		if err == nil {
			o.Tokenizer, err = tokenizer.FromSentencePiece(model)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	o.files = append(o.files, piece{name, path})
	return nil
}

// statedLicence is the licence at the head of a README of Hugging Face, empty if there is none.
func statedLicence(readme string) string {
	head, ok := strings.CutPrefix(strings.ReplaceAll(readme, "\r\n", "\n"), "---\n")
	head, _, closed := strings.Cut(head, "\n---")
	if !ok || !closed {
		return ""
	}
	for line := range strings.SplitSeq(head, "\n") {
		if value, ok := strings.CutPrefix(line, "license:"); ok {
			return licence.Name(strings.Trim(strings.TrimSpace(value), `"'`))
		}
	}
	return ""
}
