package netfile

import (
	"encoding/json"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/tensorfile"
)

// activations are those of layers, by their names.
var activations = map[string]string{"": Linear, "linear": Linear, "relu": ReLU, "relu6": ReLU6, "sigmoid": Sigmoid, "tanh": Tanh, "softmax": Softmax}

// layer adds the operation of a layer.
func (n *Network) layer(l *kerasLayer, inputs []string) (err error) {
	c := &l.Config
	if c.DataFormat != "" && c.DataFormat != "channels_last" && c.DataFormat != "channelsLast" {
		return badinput.Errorf("channels come first; only models with channels last are read")
	}
	o := Op{Name: l.Name, Inputs: inputs, Stride: c.Strides, Dilation: c.Dilation}
	var known bool
	if o.Activation, known = activations[c.Activation]; !known {
		return badinput.Errorf("the activation %q; those that are read are linear, relu, relu6, sigmoid, tanh and softmax", c.Activation)
	}
	switch l.Class {
	case "InputLayer":
		return n.input(l.Name, c.Shape)
	case "Conv2D", "DepthwiseConv2D":
		err = n.convolution(l, &o)
	case "Dense":
		o.Kind = Dense
		err = n.weigh(l, &o, "kernel")
	case "BatchNormalization":
		err = n.batchNorm(l, &o)
	case "Activation":
		o.Kind = Activate
	case "ReLU":
		o.Kind, o.Activation = Activate, ReLU
		if c.MaxValue != nil && *c.MaxValue == 6 {
			o.Activation = ReLU6
		} else if c.MaxValue != nil {
			err = badinput.Errorf("a largest value of %g; want 6 or none", *c.MaxValue)
		}
		if c.Slope != 0 || c.Threshold != 0 {
			err = badinput.Errorf("a slope or a threshold; want none")
		}
	case "Softmax":
		o.Kind, o.Activation = Activate, Softmax
	case "Dropout", "SpatialDropout2D", "GaussianNoise": // of trainings only
		o.Kind = Activate
	case "Flatten":
		o.Kind = Flatten
	case "Add":
		return n.several(o, Add)
	case "Multiply":
		return n.several(o, Multiply)
	case "Concatenate":
		o.Kind = Concat
		if s := string(c.Axis); s != "" && s != "-1" && s != "3" {
			err = badinput.Errorf("the axis %s; want the last", s)
		}
	case "ZeroPadding2D":
		o.Kind = Pad
		if json.Unmarshal(c.Padding, &o.Pads) != nil {
			var both pair
			err = json.Unmarshal(c.Padding, &both)
			o.Pads = [2][2]int{{both[0], both[0]}, {both[1], both[1]}}
		}
	case "MaxPooling2D", "AveragePooling2D":
		if o.Kind = MaxPool; l.Class != "MaxPooling2D" {
			o.Kind = MeanPool
		}
		o.Size = c.Pool
		if o.Stride == [2]int{} {
			o.Stride = o.Size
		}
		err = c.padded(&o)
	case "GlobalAveragePooling2D":
		o.Kind = MeanAll
		if !c.KeepDims {
			o.Name += "/kept"
			n.Ops = append(n.Ops, o)
			o = Op{Kind: Flatten, Name: l.Name, Inputs: []string{o.Name}}
		}
	case "UpSampling2D":
		if o.Kind, o.Size = Nearest, c.Size; c.Interpolation != "" && c.Interpolation != "nearest" {
			err = badinput.Errorf("the interpolation %q; want nearest", c.Interpolation)
		}
	default:
		err = badinput.Errorf("layers of this class are not read")
	}
	n.Ops = append(n.Ops, o)
	return err
}

// several adds an operation of two inputs for those of a layer, one after the other.
func (n *Network) several(o Op, kind Kind) error {
	if len(o.Inputs) < 2 {
		return badinput.Errorf("it takes %d inputs; want two or more", len(o.Inputs))
	}
	sum := o.Inputs[0]
	for i, in := range o.Inputs[1:] {
		name := o.Name
		if i < len(o.Inputs)-2 {
			name += "/" + in
		}
		n.Ops = append(n.Ops, Op{Kind: kind, Name: name, Inputs: []string{sum, in}})
		sum = name
	}
	return nil
}

// padded sets how windows are padded.
func (c *layerConfig) padded(o *Op) error {
	var how string
	if len(c.Padding) > 0 {
		if err := json.Unmarshal(c.Padding, &how); err != nil {
			return badinput.Errorf("the padding %s; want same or valid", c.Padding)
		}
	}
	if o.Same = how == "same"; !o.Same && how != "valid" && how != "" {
		return badinput.Errorf("the padding %q; want same or valid", how)
	}
	return nil
}

func (n *Network) convolution(l *kerasLayer, o *Op) error {
	kernel := "kernel"
	if o.Kind = Conv; l.Class == "DepthwiseConv2D" {
		o.Kind, kernel = Depthwise, "depthwise_kernel"
	}
	if err := l.Config.padded(o); err != nil {
		return err
	}
	if err := n.weigh(l, o, kernel); err != nil {
		return err
	}
	if size := l.Config.Kernel; len(o.Kernel.Shape) != 4 || size != (pair{}) && !slices.Equal(o.Kernel.Shape[:2], size[:]) {
		return badinput.Errorf("its kernel has the shape %v; want one of %v", o.Kernel.Shape, size)
	}
	return nil
}

// weigh sets the kernel and the bias of a layer.
func (n *Network) weigh(l *kerasLayer, o *Op, kernel string) (err error) {
	if o.Kernel, err = n.weight(l.Name, kernel); err != nil {
		return err
	}
	if l.Config.Bias == nil || *l.Config.Bias {
		o.Bias, err = n.weight(l.Name, "bias")
	}
	return err
}

func (n *Network) batchNorm(l *kerasLayer, o *Op) error {
	o.Kind = Affine
	c := &l.Config
	mean, err := n.weight(l.Name, "moving_mean")
	if err != nil {
		return err
	}
	variance, err := n.weight(l.Name, "moving_variance")
	if err != nil {
		return err
	}
	var scale, shift *tensorfile.Tensor
	epsilon := 1e-3
	if c.Scale == nil || *c.Scale {
		if scale, err = n.weight(l.Name, "gamma"); err != nil {
			return err
		}
	}
	if c.Center == nil || *c.Center {
		if shift, err = n.weight(l.Name, "beta"); err != nil {
			return err
		}
	}
	if c.Epsilon != nil {
		epsilon = *c.Epsilon
	}
	o.Kernel, o.Bias, err = normalised(mean, variance, scale, shift, epsilon)
	return err
}
