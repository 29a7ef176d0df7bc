package netfile

import (
	"slices"
	"strconv"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/tensorfile"
)

// A graphNode is an operation of a graph of TensorFlow.
type graphNode struct {
	Name  string               `json:"name"`
	Op    string               `json:"op"`
	Input []string             `json:"input"`
	Attr  map[string]graphAttr `json:"attr"`
}

// A graphAttr is one of its settings, of one of these types. Texts are in base64, whole numbers may be
// texts.
type graphAttr struct {
	Bool   bool   `json:"b"`
	Text   []byte `json:"s"`
	Number any    `json:"f"`
	Shape  *struct {
		Dims []struct {
			Size any `json:"size"`
		} `json:"dim"`
	} `json:"shape"`
	List *struct {
		Whole []any    `json:"i"`
		Texts [][]byte `json:"s"`
	} `json:"list"`
}

// whole is a whole number as JSON has it.
func whole(v any) int {
	switch v := v.(type) {
	case float64:
		if v == float64(int(v)) {
			return int(v)
		}
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return n
		}
	}
	return -1
}

// sides are the two middle ones of four numbers.
func (g *graphNode) sides(name string) (both [2]int) {
	if l := g.Attr[name].List; l != nil && len(l.Whole) == 4 {
		return [2]int{whole(l.Whole[1]), whole(l.Whole[2])}
	}
	return both
}

// readNodes reads a graph model.
func (n *Network) readNodes(nodes []graphNode) error {
	same, used := map[string]string{}, map[string]bool{}
	last := ""
	for i := range nodes {
		g := &nodes[i]
		for k, in := range g.Input {
			g.Input[k] = strings.TrimSuffix(in, ":0")
			used[g.Input[k]] = true
		}
	}
	for i := range nodes {
		g := &nodes[i]
		if g.Op == "Identity" && len(g.Input) == 1 {
			same[g.Name] = g.Input[0]
		}
		if !used[g.Name] {
			if last != "" {
				return badinput.Errorf("the graph has two outputs, %s and %s; want one", last, g.Name)
			}
			last = g.Name
		}
	}
	root := func(name string) string {
		for range len(same) {
			next, ok := same[name]
			if !ok {
				break
			}
			name = next
		}
		return name
	}
	for i := range nodes {
		g := &nodes[i]
		for k := range g.Input {
			g.Input[k] = root(g.Input[k])
		}
		if err := n.node(g); err != nil {
			return badinput.Errorf("%s, a %s: %w", g.Name, g.Op, err)
		}
	}
	n.Output = root(last)
	return n.sort()
}

// tensor is an input that is a tensor of the weights.
func (n *Network) tensor(g *graphNode, at int) (*tensorfile.Tensor, error) {
	if at >= len(g.Input) {
		return nil, badinput.Errorf("it has %d inputs; want at least %d", len(g.Input), at+1)
	}
	t, ok := n.Weights[g.Input[at]]
	if !ok {
		return nil, badinput.Errorf("the weights have no %s", g.Input[at])
	}
	return &t, nil
}

// elementwise are operations of two inputs.
var elementwise = map[string]Kind{"Add": Add, "AddV2": Add, "Sub": Subtract, "Mul": Multiply}

// node adds an operation of the graph.
func (n *Network) node(g *graphNode) (err error) {
	o := Op{Name: g.Name, Stride: g.sides("strides"), Dilation: g.sides("dilations"), Size: g.sides("ksize")}
	if len(g.Input) > 0 {
		o.Inputs = g.Input[:1]
	}
	if f := string(g.Attr["data_format"].Text); f != "" && f != "NHWC" {
		return badinput.Errorf("data in the order %s; want NHWC", f)
	}
	switch padding := string(g.Attr["padding"].Text); padding {
	case "SAME":
		o.Same = true
	case "VALID", "":
	default:
		return badinput.Errorf("the padding %s; want SAME or VALID", padding)
	}
	switch g.Op {
	case "Identity":
		return nil
	case "Const": // those that are no weights of a layer are used by elementwise operations
		return nil
	case "Placeholder":
		shape := g.Attr["shape"].Shape
		if shape == nil {
			return badinput.Errorf("it has no shape")
		}
		var dims []*int
		for _, d := range shape.Dims {
			side := whole(d.Size)
			dims = append(dims, &side)
		}
		return n.input(g.Name, dims)
	case "Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative", "MatMul", "_FusedMatMul":
		return n.fused(g, o)
	case "Add", "AddV2", "Sub", "Mul":
		return n.elements(g, o)
	case "Relu":
		o.Kind, o.Activation = Activate, ReLU
	case "Relu6":
		o.Kind, o.Activation = Activate, ReLU6
	case "Sigmoid":
		o.Kind, o.Activation = Activate, Sigmoid
	case "Softmax":
		o.Kind, o.Activation = Activate, Softmax
	case "AvgPool":
		o.Kind = MeanPool
	case "MaxPool":
		o.Kind = MaxPool
	case "Squeeze":
		o.Kind = Flatten
	default:
		return badinput.Errorf("operations of this kind are not read")
	}
	n.Ops = append(n.Ops, o)
	return nil
}

// fused adds a convolution or a product with what was fused with it: a bias, and an activation.
func (n *Network) fused(g *graphNode, o Op) (err error) {
	switch {
	case strings.Contains(g.Op, "MatMul"):
		if o.Kind = Dense; g.Attr["transpose_a"].Bool || g.Attr["transpose_b"].Bool {
			return badinput.Errorf("a transposed product; want none")
		}
	case strings.Contains(g.Op, "Depthwise"):
		o.Kind = Depthwise
	default:
		o.Kind = Conv
	}
	if o.Kernel, err = n.tensor(g, 1); err != nil {
		return err
	}
	if list := g.Attr["fused_ops"].List; list != nil {
		for _, text := range list.Texts {
			switch string(text) {
			case "BiasAdd":
				if o.Bias, err = n.tensor(g, 2); err != nil {
					return err
				}
			case "Relu":
				o.Activation = ReLU
			case "Relu6":
				o.Activation = ReLU6
			default:
				return badinput.Errorf("%s fused with it; those that are read are BiasAdd, Relu and Relu6", text)
			}
		}
	}
	n.Ops = append(n.Ops, o)
	return nil
}

// elements adds an operation of two inputs, of which tensors become constants.
func (n *Network) elements(g *graphNode, o Op) error {
	if len(g.Input) != 2 {
		return badinput.Errorf("it has %d inputs; want two", len(g.Input))
	}
	o.Kind, o.Inputs = elementwise[g.Op], slices.Clone(g.Input)
	for k, in := range o.Inputs {
		if t, ok := n.Weights[in]; ok {
			o.Inputs[k] = g.Name + "/" + in
			n.Ops = append(n.Ops, Op{Kind: Constant, Name: o.Inputs[k], Kernel: &t})
		}
	}
	n.Ops = append(n.Ops, o)
	return nil
}
