// Package pixelnet runs pretrained networks that turn a picture into another: painted in a
// style, without noise, or larger. A layout, a TOML file, says which tensor of their weights goes where,
// or, of networks whose files have their operations, what they are for.
package pixelnet

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"atelier/internal/badinput"
	"atelier/internal/netfile"
	"atelier/internal/tensorfile"
)

// What a network does.
const (
	Stylize = "stylize"
	Denoise = "denoise"
	Enlarge = "enlarge"
	Embed   = "embed"
	Cutout  = "cutout"
)

// Limits of networks that enlarge.
const (
	mostScale = 16
	mostReach = 64 // pixels
)

// The ways in which a network's last layer becomes a picture.
const (
	outTanh     = "tanh"     // 150 tanh(x) + 127.5
	outResidual = "residual" // the input less what was found
	outAdded    = "added"    // the input and 150 tanh(x)
)

// A layout says how a network is built of the tensors of its weights.
type layout struct {
	Name     string  `toml:"-"`
	Title    string  `toml:"title"`
	Does     string  `toml:"does"`
	Channels int     `toml:"channels"`
	Range    float64 `toml:"range"` // of the values: 0 to this
	Out      string  `toml:"out"`
	Kernels  string  `toml:"kernels"`  // the order of their axes: hwio or oihw
	Multiple int     `toml:"multiple"` // what sides are multiples of
	Margin   int     `toml:"margin"`   // pixels beyond which nothing makes a difference, but for norms
	Mirror   int     `toml:"mirror"`   // pixels around the picture that are mirrored, so that zeros lie further away
	// Marks are names of tensors by which a network is known whose file has its operations.
	Marks []string `toml:"marks"`
	// Embedding is the value that is a picture's features, and Perception are those by which the
	// content and the style of pictures are compared, the finest first.
	Embedding  string   `toml:"embedding"`
	Perception []string `toml:"perception"`
	Layers     []layer  `toml:"layer"`
}

// A layer is a convolution and what follows it.
type layer struct {
	Kernel string `toml:"kernel"`
	Bias   string `toml:"bias"`
	Shift  string `toml:"shift"` // of an instance norm
	Scale  string `toml:"scale"`
	Stride int    `toml:"stride"`
	Up     int    `toml:"up"`     // the stride of a transposed convolution
	Repeat int    `toml:"repeat"` // how often each pixel is repeated before, on both sides
	ReLU   bool   `toml:"relu"`
	Begin  bool   `toml:"begin"` // what it is given is added later
	Add    bool   `toml:"add"`
}

//go:embed layouts/*.toml
var layoutFiles embed.FS

var layouts = sync.OnceValue(func() (all []layout) {
	files, err := layoutFiles.ReadDir("layouts")
	for _, f := range files {
		var text []byte
		if text, err = layoutFiles.ReadFile("layouts/" + f.Name()); err != nil {
			break
		}
		l := layout{Name: strings.TrimSuffix(f.Name(), ".toml")}
		if err = toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&l); err != nil {
			break
		}
		all = append(all, l)
	}
	if err != nil {
		panic(err) // they are part of the program
	}
	return all
})

// A Net is a network with its weights.
type Net struct {
	layout
	tensors    tensorfile.Set
	kernels    []tensorfile.Tensor // of each layer, [height, width, in, out]
	Files      []string            // that its weights were read from
	Parameters int64
	Scale      int // how many times as long sides become; 0 if they stay

	network *netfile.Network // nil if the layout has the layers
}

// Depth is the number of layers, or of operations.
func (n *Net) Depth() int {
	if n.network != nil {
		return len(n.network.Ops)
	}
	return len(n.Layers)
}

// Open reads the weights of a network from a folder or a file, and finds the layout that they fit.
func Open(path string) (*Net, error) {
	if netfile.Is(path) {
		return openPorted(path)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = inside(path)
	}
	set, files, err := tensorfile.Open(path)
	if err != nil {
		return nil, err
	}
	n, err := Fit(set)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", path, err)
	}
	n.Files = files
	return n, nil
}

// inside is the state dict in a folder that has no manifest, or the folder itself.
func inside(folder string) string {
	if _, err := os.Stat(filepath.Join(folder, tensorfile.Manifest)); err == nil {
		return folder
	}
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if tensorfile.IsTorch(e.Name()) {
			return filepath.Join(folder, e.Name())
		}
	}
	return folder
}

// IsNet reports whether a place looks like the weights of a picture network.
func IsNet(path string) bool {
	if netfile.Is(path) {
		return true
	}
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return err == nil && tensorfile.IsTorch(path)
	}
	return inside(path) != path || slices.ContainsFunc([]string{tensorfile.Manifest}, func(name string) bool {
		_, err := os.Stat(filepath.Join(path, name))
		return err == nil
	})
}

// Fit builds a network of tensors. If no layout fits, the error names what is missing of the one
// that fits best, and what is left over.
func Fit(set tensorfile.Set) (*Net, error) {
	var best error
	most := -1
	for _, l := range layouts() {
		if len(l.Marks) > 0 {
			continue
		}
		n := &Net{layout: l, tensors: set}
		found, err := n.fit()
		if err == nil {
			return n, nil
		}
		if found > most {
			best, most = err, found
		}
	}
	return nil, best
}

// fit takes the tensors of all layers, and says how many there were.
func (n *Net) fit() (found int, err error) {
	left := maps.Clone(n.tensors)
	var missing []string
	in := n.Channels
	for i := range n.Layers {
		l := &n.Layers[i]
		for _, name := range []string{l.Kernel, l.Bias, l.Shift, l.Scale} {
			t, ok := left[name]
			delete(left, name)
			switch {
			case name == "":
			case !ok:
				missing = append(missing, name)
			default:
				found++
				n.Parameters += int64(len(t.Values))
			}
		}
	}
	if len(missing)+len(left) > 0 {
		return found, badinput.Errorf("the weights do not fit a %s: missing %s; left over %s", n.Title, some(missing), some(slices.Sorted(maps.Keys(left))))
	}
	for i := range n.Layers {
		l := &n.Layers[i]
		kernel, err := n.kernel(l)
		if err != nil {
			return found, err
		}
		out := kernel.Shape[3]
		if kernel.Shape[0] != kernel.Shape[1] || kernel.Shape[0]%2 == 0 || kernel.Shape[0] > 31 || kernel.Shape[2] != in || out < 1 || out > 4096 {
			return found, badinput.Errorf("%s has the shape %v, which does not follow %d channels", l.Kernel, n.tensors[l.Kernel].Shape, in)
		}
		for _, name := range []string{l.Bias, l.Shift, l.Scale} {
			if name != "" && !slices.Equal(n.tensors[name].Shape, []int{out}) {
				return found, badinput.Errorf("%s has the shape %v; want [%d]", name, n.tensors[name].Shape, out)
			}
		}
		n.kernels = append(n.kernels, kernel)
		in = out
	}
	if in != n.Channels {
		return found, badinput.Errorf("the last layer gives %d channels; want %d", in, n.Channels)
	}
	return found, nil
}

// some lists names, the first of many.
func some(names []string) string {
	const most = 6
	switch {
	case len(names) == 0:
		return "nothing"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// kernel is that of a layer as [height, width, in, out].
func (n *Net) kernel(l *layer) (tensorfile.Tensor, error) {
	t := n.tensors[l.Kernel]
	if len(t.Shape) != 4 {
		return t, badinput.Errorf("%s has the shape %v; want four axes", l.Kernel, t.Shape)
	}
	order := [4]int{0, 1, 2, 3} // where each axis of the result is
	switch {
	case n.Kernels == "oihw":
		order = [4]int{2, 3, 1, 0}
	case l.Up > 0:
		order = [4]int{0, 1, 3, 2}
	}
	out := tensorfile.Tensor{Shape: make([]int, 4), Values: make([]float32, len(t.Values))}
	stride := [4]int{t.Shape[1] * t.Shape[2] * t.Shape[3], t.Shape[2] * t.Shape[3], t.Shape[3], 1}
	for a, from := range order {
		out.Shape[a] = t.Shape[from]
	}
	at := 0
	for y := range out.Shape[0] {
		for x := range out.Shape[1] {
			for i := range out.Shape[2] {
				for o := range out.Shape[3] {
					out.Values[at] = t.Values[y*stride[order[0]]+x*stride[order[1]]+i*stride[order[2]]+o*stride[order[3]]]
					at++
				}
			}
		}
	}
	return out, nil
}
