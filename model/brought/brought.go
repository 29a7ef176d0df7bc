// Package brought opens pretrained language models: GGUF files, Hugging Face folders, and llama2.c
// files. Files are mapped, not copied, and validated; a feature that the program lacks is an error
// that names it.
package brought

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/mapped"
	"atelier/internal/pattern"
	"atelier/internal/quant"
	"atelier/internal/tokenizer"
	"atelier/model/language"
)

// An Opened model can run until it is closed.
type Opened struct {
	Config  language.Config
	Weights language.Weights
	Facts   Facts
	// Tokenizer turns text into tokens and back.
	Tokenizer *tokenizer.Tokenizer
	// Ends are the tokens that end a text, or a turn of a conversation.
	Ends []int32
	// Template is the chat template, in Jinja; empty if the model has none.
	Template string

	maps  []*mapped.File
	files []piece
	hash  string // computed on demand

	embedded []Content // of the embedded model

	// What an export copies, if the files have it.
	vocabulary *tokenizer.Vocabulary
	json       []byte // tokenizer.json
	title      string // the model's name
	kind       quant.Type
}

// Facts describe a model apart from its weights.
type Facts struct {
	Name         string `json:"name"`
	Format       string `json:"format"`       // gguf, hf or llama2c
	Architecture string `json:"architecture"` // llama, qwen2, qwen3 or gpt2
	Parameters   int64  `json:"parameters"`
	Type         string `json:"type"`              // the most common type of the weights, such as Q8_0
	Licence      string `json:"licence,omitempty"` // as stated in the files
	// Folder is the folder of its files, empty for the embedded model.
	Folder string `json:"-"`
}

// The formats of Facts.
const (
	FormatGGUF    = "gguf"
	FormatHF      = "hf"
	FormatLlama2C = "llama2c"
)

// Close unmaps the weights, which must not be used afterwards.
func (o *Opened) Close() error {
	var err error
	for _, m := range o.maps {
		err = errors.Join(err, m.Close())
	}
	o.maps = nil
	return err
}

// Open opens the model at path, a file or its folder.
func Open(path string) (*Opened, error) { return OpenWith(path, "") }

// OpenWith is Open with a tokenizer file, for formats that keep it separately; if empty, it is
// searched beside the weights.
func OpenWith(path, tokenizer string) (*Opened, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, badinput.Errorf("%s: there is no such file or folder", path)
	case err != nil:
		return nil, badinput.Mark(err)
	}
	o, file := &Opened{}, path
	switch {
	case info.IsDir():
		if file, err = inFolder(path); err != nil {
			return nil, err
		}
	case hasExtension(path, ".safetensors") || filepath.Base(path) == configName:
		file = filepath.Join(filepath.Dir(path), configName)
	}
	o.Facts.Folder = filepath.Dir(file)
	if filepath.Base(file) == configName {
		err = o.openHF(o.Facts.Folder)
	} else {
		err = o.openFile(file, tokenizer)
	}
	if err == nil {
		if err = o.finish(); err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
	}
	if err != nil {
		return nil, errors.Join(badinput.Mark(err), o.Close())
	}
	return o, nil
}

// tokenizerFile is the usual name of a llama2.c tokenizer.
var tokenizerFile = pattern.New(`^tok(enizer|\d+)\.bin$`)

// inFolder is the file in a folder that identifies the format.
func inFolder(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", badinput.Mark(err)
	}
	var found []string
	for _, e := range entries {
		switch name := e.Name(); {
		case name == configName:
			return filepath.Join(dir, name), nil
		case tokenizerFile().MatchString(name):
		case hasExtension(name, ".gguf") || hasExtension(name, ".bin"):
			found = append(found, name)
		}
	}
	switch len(found) {
	case 1:
		return filepath.Join(dir, found[0]), nil
	case 0:
		return "", badinput.Errorf("%s: no language model in this folder: want a .gguf file, config.json with .safetensors files, or a .bin file of llama2.c", dir)
	}
	slices.Sort(found)
	return "", badinput.Errorf("%s: several models in this folder: name one of %s", dir, strings.Join(found[:min(len(found), 8)], ", "))
}

// hasExtension reports whether a file has an extension, in either case.
func hasExtension(file, extension string) bool {
	return strings.EqualFold(filepath.Ext(file), extension)
}

// openFile opens a model in a single file.
func (o *Opened) openFile(path, tokenizer string) error {
	m, err := mapFile(path)
	if err != nil {
		return err
	}
	o.maps = append(o.maps, m)
	o.Facts.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	extension, open := ".bin", o.openLlama2C
	if bytes.HasPrefix(m.Bytes, []byte("GGUF")) {
		extension, open = ".gguf", o.openGGUF
	}
	name := filepath.Base(path)
	if !hasExtension(name, extension) {
		name += extension // by which it is found in a folder
	}
	o.files = []piece{{name, path}}
	if err = open(m.Bytes); err == nil && o.Facts.Format == FormatLlama2C {
		err = o.openTokenizer(path, tokenizer)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// tied reports whether the output and the embeddings share weights.
func (o *Opened) tied() bool {
	w := &o.Weights
	return w.Output.Empty() || w.Output.Type == w.Tokens.Type && bytes.Equal(w.Output.Data, w.Tokens.Data)
}

// finish validates the model, and counts its parameters.
func (o *Opened) finish() error {
	if err := o.Weights.Fit(&o.Config); err != nil {
		return err
	}
	if n := o.Tokenizer.Size(); n > o.Config.Vocabulary {
		return badinput.Errorf("the tokenizer has %d tokens, and the model only %d", n, o.Config.Vocabulary)
	}
	for _, id := range o.Ends {
		if id < 0 || int(id) >= o.Tokenizer.Size() {
			return fmt.Errorf("texts end with token %d, but the tokenizer has only %d", id, o.Tokenizer.Size())
		}
	}
	if o.tied() && !o.Weights.Output.Empty() {
		o.Weights.Output = o.Weights.Tokens // one copy in the caches is enough
	}
	sizes := map[quant.Type]int{}
	for m := range matrices(&o.Weights) {
		o.Facts.Parameters += int64(m.Rows) * int64(m.Cols)
		sizes[m.Type] += len(m.Data)
	}
	var most quant.Type
	for t, n := range sizes {
		if n > sizes[most] || n == sizes[most] && t < most {
			most = t
		}
	}
	o.kind, o.Facts.Type, o.title = most, most.String(), o.Facts.Name
	return nil
}
