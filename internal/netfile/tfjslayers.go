package netfile

import (
	"encoding/json"
	"math"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/tensorfile"
)

// A kerasModel is the topology of a layers model.
type kerasModel struct {
	Class  string      `json:"class_name"`
	Config kerasConfig `json:"config"`
}

type kerasConfig struct {
	Layers  []kerasLayer        `json:"layers"`
	Inputs  [][]json.RawMessage `json:"input_layers"`
	Outputs [][]json.RawMessage `json:"output_layers"`
}

type kerasLayer struct {
	Class   string `json:"class_name"`
	Name    string `json:"name"`
	Config  layerConfig
	Inbound [][][]json.RawMessage `json:"inbound_nodes"`
}

// UnmarshalJSON implements [json.Unmarshaler]: old models have the list of layers in place of it.
func (c *kerasConfig) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, &c.Layers)
	}
	type plain kerasConfig
	return json.Unmarshal(text, (*plain)(c))
}

// A layerConfig has what layers are configured with, as far as it changes what they compute.
type layerConfig struct {
	Name          string          `json:"name"`
	Shape         []*int          `json:"batch_input_shape"`
	Filters       int             `json:"filters"`
	Kernel        pair            `json:"kernel_size"`
	Strides       pair            `json:"strides"`
	Pool          pair            `json:"pool_size"`
	Dilation      pair            `json:"dilation_rate"`
	Size          pair            `json:"size"`
	Padding       json.RawMessage `json:"padding"`
	DataFormat    string          `json:"data_format"`
	Activation    string          `json:"activation"`
	Interpolation string          `json:"interpolation"`
	Bias          *bool           `json:"use_bias"`
	Axis          json.RawMessage `json:"axis"`
	Epsilon       *float64        `json:"epsilon"`
	Scale         *bool           `json:"scale"`
	Center        *bool           `json:"center"`
	MaxValue      *float64        `json:"max_value"`
	Slope         float64         `json:"negative_slope"`
	Threshold     float64         `json:"threshold"`
	KeepDims      bool            `json:"keepdims"`
}

// A pair is one number for both sides, or one for each.
type pair [2]int

// UnmarshalJSON implements [json.Unmarshaler].
func (p *pair) UnmarshalJSON(text []byte) error {
	var both []int
	if err := json.Unmarshal(text, &both); err == nil && len(both) == 2 {
		*p = pair(both)
		return nil
	}
	var one int
	if err := json.Unmarshal(text, &one); err != nil {
		return badinput.Errorf("want one number or two, got %s", text)
	}
	*p = pair{one, one}
	return nil
}

// readLayers reads a layers model: its layers in an order in which each follows its inputs.
func (n *Network) readLayers(m *kerasModel) error {
	if !slices.Contains([]string{"Functional", "Model", "Sequential"}, m.Class) {
		return badinput.Errorf("a model of the class %q; those that are read are Functional, Model and Sequential", m.Class)
	}
	before := ""
	for i := range m.Config.Layers {
		l := &m.Config.Layers[i]
		if l.Name == "" {
			l.Name = l.Config.Name
		}
		inputs, err := l.inputs()
		if err != nil {
			return badinput.Errorf("%s: %w", l.Name, err)
		}
		if m.Class == "Sequential" && before != "" {
			inputs = []string{before}
		}
		if m.Class == "Sequential" && before == "" && l.Class != "InputLayer" {
			if err := n.input("input", l.Config.Shape); err != nil {
				return err
			}
			inputs = []string{"input"}
		}
		if err := n.layer(l, inputs); err != nil {
			return badinput.Errorf("%s, a %s: %w", l.Name, l.Class, err)
		}
		before = l.Name
	}
	n.Output = before
	if m.Class != "Sequential" {
		if len(m.Config.Outputs) != 1 || len(m.Config.Inputs) != 1 || json.Unmarshal(m.Config.Outputs[0][0], &n.Output) != nil {
			return badinput.Errorf("a model of several inputs or outputs; want one of each")
		}
	}
	return n.sort()
}

// inputs names the layers whose results a layer takes.
func (l *kerasLayer) inputs() (names []string, err error) {
	if len(l.Inbound) > 1 {
		return nil, badinput.Errorf("it is used %d times; want once", len(l.Inbound))
	}
	for _, node := range l.Inbound {
		for _, in := range node {
			var name string
			if len(in) == 0 || json.Unmarshal(in[0], &name) != nil {
				return nil, badinput.Errorf("what it takes is not named")
			}
			names = append(names, name)
		}
	}
	return names, nil
}

// input sets the input of the network, of a shape with its batch.
func (n *Network) input(name string, shape []*int) error {
	if n.Input != "" {
		return badinput.Errorf("the model has two inputs; want one")
	}
	if len(shape) != 4 || shape[3] == nil {
		return badinput.Errorf("the input %s is no picture: want [batch, height, width, channels]", name)
	}
	n.Input = name
	for _, d := range shape[1:] {
		side := 0
		if d != nil && *d > 0 {
			side = *d
		}
		n.Shape = append(n.Shape, side)
	}
	return nil
}

// sort puts operations after those whose results they take.
func (n *Network) sort() error {
	at := make(map[string]int, len(n.Ops))
	for i, o := range n.Ops {
		if _, ok := at[o.Name]; ok || o.Name == n.Input {
			return badinput.Errorf("two operations are named %q", o.Name)
		}
		at[o.Name] = i
	}
	waits, follow := make([]int, len(n.Ops)), map[string][]int{}
	for i, o := range n.Ops {
		for _, in := range o.Inputs {
			if in != n.Input {
				waits[i]++
				follow[in] = append(follow[in], i)
			}
		}
	}
	var ready []int
	for i, w := range waits {
		if w == 0 {
			ready = append(ready, i)
		}
	}
	sorted := make([]Op, 0, len(n.Ops))
	for len(ready) > 0 {
		i := ready[0]
		ready = ready[1:]
		sorted = append(sorted, n.Ops[i])
		for _, k := range follow[n.Ops[i].Name] {
			if waits[k]--; waits[k] == 0 {
				ready = append(ready, k)
			}
		}
	}
	if len(sorted) < len(n.Ops) {
		return badinput.Errorf("%d operations take results of one another in a circle, or of none that is there", len(n.Ops)-len(sorted))
	}
	n.Ops = sorted
	return nil
}

// weight is a tensor of a layer.
func (n *Network) weight(layer, name string) (*tensorfile.Tensor, error) {
	t, ok := n.Weights[layer+"/"+name]
	if !ok {
		return nil, badinput.Errorf("the weights have no %s/%s", layer, name)
	}
	return &t, nil
}

// normalised folds the mean, the variance, the scale and the shift of a batch norm into one product and
// one sum.
func normalised(mean, variance, scale, shift *tensorfile.Tensor, epsilon float64) (product, sum *tensorfile.Tensor, err error) {
	if len(mean.Shape) != 1 {
		return nil, nil, badinput.Errorf("a mean of the shape %v; want one axis", mean.Shape)
	}
	size := len(mean.Values)
	for _, t := range []*tensorfile.Tensor{variance, scale, shift} {
		if t != nil && len(t.Values) != size {
			return nil, nil, badinput.Errorf("its tensors are of %d and %d numbers", size, len(t.Values))
		}
	}
	product = &tensorfile.Tensor{Shape: mean.Shape, Values: make([]float32, size)}
	sum = &tensorfile.Tensor{Shape: mean.Shape, Values: make([]float32, size)}
	for i := range size {
		f, b := 1/math.Sqrt(float64(variance.Values[i])+epsilon), 0.
		if scale != nil {
			f *= float64(scale.Values[i])
		}
		if shift != nil {
			b = float64(shift.Values[i])
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, nil, badinput.Errorf("a variance of %g", variance.Values[i])
		}
		product.Values[i], sum.Values[i] = float32(f), float32(b-float64(mean.Values[i])*f)
	}
	return product, sum, nil
}
