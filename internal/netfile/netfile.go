// Package netfile reads networks that other programs wrote together with their weights: models of
// TensorFlow.js and of TFLite. Each becomes a list of the same few operations on pictures [batch,
// height, width, channels] and rows [batch, width]. What it reads is not trusted: nothing in a file
// is run, and nothing is made larger than the files are.
package netfile

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/tensorfile"
)

// A Kind is a kind of operation.
type Kind string

// The operations.
const (
	Conv           Kind = "convolution"            // Kernel [height, width, in, out]
	Depthwise      Kind = "depthwise convolution"  // Kernel [height, width, in, multiplier]
	ConvTransposed Kind = "transposed convolution" // Kernel [height, width, in, out], stride by stride without overlap
	Dense          Kind = "dense layer"            // Kernel [in, out]
	Affine         Kind = "batch normalisation"    // Kernel [channels] times the input, plus Bias
	Activate       Kind = "activation"
	Add            Kind = "sum"
	Subtract       Kind = "difference"
	Multiply       Kind = "product"
	Concat         Kind = "concatenation" // of channels
	Pad            Kind = "padding"       // zeros
	MaxPool        Kind = "maximum pooling"
	MeanPool       Kind = "mean pooling"  // of what lies in the picture
	MeanAll        Kind = "mean"          // over height and width: [batch, 1, 1, channels]
	Nearest        Kind = "repetition"    // each pixel, Size times
	Bilinear       Kind = "interpolation" // to Size, by the centres of pixels
	Flatten        Kind = "flattening"    // to rows
	Constant       Kind = "constant"      // Kernel, which broadcasts
)

// What an [Activate] does, and the Activation of others.
const (
	Linear    = ""
	ReLU      = "relu"
	ReLU6     = "relu6"
	Sigmoid   = "sigmoid"
	Tanh      = "tanh"
	HardSwish = "hard swish"
	Softmax   = "softmax"
)

// An Op is an operation, with its weights.
type Op struct {
	Kind       Kind
	Name       string // of its result
	Inputs     []string
	Kernel     *tensorfile.Tensor
	Bias       *tensorfile.Tensor // [channels], nil if there is none
	Activation string
	Same       bool   // padded so that a stride of 1 keeps the sides, what is odd after
	Stride     [2]int // of height and width; at least 1 where there are windows
	Dilation   [2]int
	Size       [2]int
	Pads       [2][2]int // before and after, of height and width
}

// A Network is a network of one input and one output.
type Network struct {
	Format string // what wrote it
	Ops    []Op   // each after those whose results it takes
	Input  string
	// Shape is that of the input without its batch, [height, width, channels]; 0 where any will do.
	Shape  []int
	Output string
	// Weights are all tensors by the names that the file gives them.
	Weights tensorfile.Set
	Files   []string // that it was read from, below its folder
}

// Size limits.
const (
	mostFile     = 1 << 30 // bytes
	mostTopology = 64 << 20
	mostOps      = 1 << 16
	mostKernel   = 64 // sides, strides and dilations of windows
)

// The names of the files that are read.
const (
	modelJSON   = "model.json"
	modelScript = "model.min.js"
)

// Open reads a network from a file, or from a folder that has one.
func Open(path string) (*Network, error) {
	folder, name := filepath.Dir(path), filepath.Base(path)
	info, err := os.Stat(path)
	if err != nil {
		return nil, badinput.Mark(durable.Explain(path, err))
	}
	if info.IsDir() {
		if folder, name = path, inside(path); name == "" {
			return nil, badinput.Errorf("%s: no network: it has neither %s nor a .tflite file", path, modelJSON)
		}
	}
	n := &Network{}
	read := func(name string, most int64) ([]byte, error) {
		b, err := durable.ReadFile(filepath.Join(folder, name), most)
		if err == nil && !slices.Contains(n.Files, name) {
			n.Files = append(n.Files, name)
		}
		return b, err
	}
	if strings.EqualFold(filepath.Ext(name), ".tflite") {
		var b []byte
		if b, err = read(name, mostFile); err == nil {
			err = n.readTFLite(b)
		}
	} else {
		err = n.readTFJS(name, read)
	}
	if err == nil {
		err = n.check()
	}
	if err != nil {
		return nil, badinput.Errorf("%s: %w", filepath.Join(folder, name), err)
	}
	return n, nil
}

// Is reports whether a place looks like a network, by the names of its files.
func Is(path string) bool {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return inside(path) != ""
	}
	return err == nil && isNamed(filepath.Base(path))
}

func isNamed(name string) bool {
	return name == modelJSON || name == modelScript || strings.EqualFold(filepath.Ext(name), ".tflite")
}

// inside is the file of a folder that holds a network; empty if none does.
func inside(folder string) string {
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if !e.IsDir() && isNamed(e.Name()) {
			return e.Name()
		}
	}
	return ""
}

// check refuses networks that no input fits, and numbers that are none.
func (n *Network) check() error {
	if len(n.Ops) == 0 || len(n.Ops) > mostOps {
		return badinput.Errorf("a network of %d operations; want 1 to %d", len(n.Ops), mostOps)
	}
	for name, t := range n.Weights {
		for _, v := range t.Values {
			if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
				return badinput.Errorf("%s holds numbers that are not finite", name)
			}
		}
	}
	const any = 64 // a side for networks that take any
	height, width := n.Shape[0], n.Shape[1]
	if height == 0 {
		height = any
	}
	if width == 0 {
		width = any
	}
	_, err := n.Shapes(height, width)
	return err
}

// Parameters is how many numbers the weights are.
func (n *Network) Parameters() (sum int64) {
	for _, t := range n.Weights {
		sum += int64(len(t.Values))
	}
	return sum
}
