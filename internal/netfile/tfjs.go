package netfile

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"path/filepath"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/tensorfile"
)

// A tfjsModel is model.json of TensorFlow.js.
type tfjsModel struct {
	Format   string          `json:"format"`
	Topology json.RawMessage `json:"modelTopology"`
	Manifest []tfjsGroup     `json:"weightsManifest"`
}

// A tfjsGroup is a list of tensors whose numbers lie one after the other in files.
type tfjsGroup struct {
	Paths   []string     `json:"paths"`
	Weights []tfjsWeight `json:"weights"`
}

type tfjsWeight struct {
	Name         string     `json:"name"`
	Shape        []int      `json:"shape"`
	Type         string     `json:"dtype"`
	Quantization *quantized `json:"quantization"`
}

// quantized numbers are q·Scale + Min, or, as float16, numbers already.
type quantized struct {
	Type  string  `json:"dtype"`
	Scale float64 `json:"scale"`
	Min   float64 `json:"min"`
}

// readTFJS reads model.json, or the script that exports it, and the shards that it names.
func (n *Network) readTFJS(name string, read func(name string, most int64) ([]byte, error)) error {
	text, err := read(name, mostTopology)
	if err != nil {
		return badinput.Mark(err)
	}
	script := strings.HasSuffix(name, ".js")
	if script {
		if text, err = exported(text); err != nil {
			return err
		}
	}
	var m tfjsModel
	if err := json.Unmarshal(text, &m); err != nil {
		return badinput.Mark(badinput.JSON(err))
	}
	n.Format, n.Weights = "TensorFlow.js", tensorfile.Set{}
	left := mostFile / 4
	for _, g := range m.Manifest {
		size, err := g.size(&left)
		if err != nil {
			return err
		}
		b, err := g.bytes(size, func(path string, most int) ([]byte, error) {
			if !filepath.IsLocal(path) || filepath.Base(path) != path {
				return nil, badinput.Errorf("want the name of a file beside it, got %q", path)
			}
			if !script {
				return read(path, int64(most))
			}
			text, err := read(path+".min.js", int64(most)*4/3+4096)
			if err != nil {
				return nil, err
			}
			return exportedBytes(text)
		})
		if err == nil {
			err = g.decode(b, n.Weights)
		}
		if err != nil {
			return badinput.Mark(err)
		}
	}
	var topology struct {
		Config *kerasModel `json:"model_config"`
		kerasModel
		Nodes []graphNode `json:"node"`
	}
	if err := json.Unmarshal(m.Topology, &topology); err != nil {
		return badinput.Errorf("modelTopology: %w", badinput.JSON(err))
	}
	switch {
	case len(topology.Nodes) > 0:
		return n.readNodes(topology.Nodes)
	case topology.Config != nil:
		return n.readLayers(topology.Config)
	}
	return n.readLayers(&topology.kerasModel)
}

// width is the bytes of a number, as it is written.
func (w *tfjsWeight) width() (int, error) {
	kind := w.Type
	if w.Quantization != nil {
		kind = w.Quantization.Type
	}
	switch kind {
	case "float32", "int32":
		return 4, nil
	case "float16", "uint16":
		return 2, nil
	case "uint8", "bool":
		return 1, nil
	}
	return 0, badinput.Errorf("%s is of type %q; those that are read are float32, float16, int32, uint16, uint8 and bool", w.Name, kind)
}

// size is how many bytes the numbers of the group are.
func (g *tfjsGroup) size(left *int) (size int, err error) {
	for i := range g.Weights {
		w := &g.Weights[i]
		n, err := tensorfile.Elements(w.Shape, *left)
		if err != nil {
			return 0, badinput.Errorf("%s: %w", w.Name, err)
		}
		width, err := w.width()
		if err != nil {
			return 0, err
		}
		*left -= n
		size += n * width
	}
	return size, nil
}

// bytes joins the files of the group.
func (g *tfjsGroup) bytes(size int, read func(path string, most int) ([]byte, error)) ([]byte, error) {
	var all []byte
	for _, path := range g.Paths {
		b, err := read(path, size-len(all))
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
	if len(all) != size {
		return nil, badinput.Errorf("%s have %d bytes; their tensors want %d", strings.Join(g.Paths, ", "), len(all), size)
	}
	return all, nil
}

// decode takes the tensors of the group out of its bytes.
func (g *tfjsGroup) decode(b []byte, set tensorfile.Set) error {
	for i := range g.Weights {
		w := &g.Weights[i]
		width, err := w.width()
		if err != nil {
			return err
		}
		n := product(w.Shape)
		if _, ok := set[w.Name]; ok {
			return badinput.Errorf("two tensors are named %s", w.Name)
		}
		t := tensorfile.Tensor{Shape: w.Shape, Values: make([]float32, n)}
		for k := range t.Values {
			t.Values[k] = w.number(b[k*width:])
		}
		set[w.Name], b = t, b[n*width:]
	}
	return nil
}

// number is the first of those that are written there.
func (w *tfjsWeight) number(b []byte) float32 {
	kind := w.Type
	if w.Quantization != nil {
		kind = w.Quantization.Type
	}
	var q float64
	switch kind {
	case "float32":
		return math.Float32frombits(binary.LittleEndian.Uint32(b))
	case "float16":
		return tensorfile.Half(binary.LittleEndian.Uint16(b))
	case "int32":
		q = float64(int32(binary.LittleEndian.Uint32(b)))
	case "uint16":
		q = float64(binary.LittleEndian.Uint16(b))
	default:
		q = float64(b[0])
	}
	if w.Quantization != nil {
		q = q*w.Quantization.Scale + w.Quantization.Min
	}
	return float32(q)
}

// exportedBytes is the base64 text that a script exports.
func exportedBytes(script []byte) ([]byte, error) {
	_, text, ok := bytes.Cut(script, []byte(`.exports="`))
	text, _, closed := bytes.Cut(text, []byte(`"`))
	if !ok || !closed {
		return nil, badinput.Errorf("the script exports no text")
	}
	b := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	k, err := base64.StdEncoding.Decode(b, text)
	if err != nil {
		return nil, badinput.Errorf("the text that the script exports: %w", err)
	}
	return b[:k], nil
}
