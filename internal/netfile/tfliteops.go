package netfile

import (
	"encoding/binary"
	"slices"

	"atelier/internal/badinput"
)

// Operations of TFLite, by their numbers in its schema.
const (
	liteAdd        = 0
	liteMeanPool   = 1
	liteConcat     = 2
	liteConv       = 3
	liteDepthwise  = 4
	liteDequantize = 6
	liteSigmoid    = 14
	liteMaxPool    = 17
	liteMultiply   = 18
	liteReLU       = 19
	liteReLU6      = 21
	liteBilinear   = 23
	liteSoftmax    = 25
	liteTanh       = 28
	liteMean       = 40
	liteCustom     = 32
	liteHardSwish  = 117
)

// liteActivations are what is fused with operations.
var liteActivations = map[int]string{0: Linear, 1: ReLU, 3: ReLU6, 4: Tanh}

// liteActivates are operations that are activations.
var liteActivates = map[int]string{liteSigmoid: Sigmoid, liteReLU: ReLU, liteReLU6: ReLU6, liteSoftmax: Softmax, liteTanh: Tanh, liteHardSwish: HardSwish}

// mediapipeTransposed is an operation of MediaPipe: a transposed convolution with a bias.
const mediapipeTransposed = "Convolution2DTransposeBias"

// operation adds an operation of the file.
func (l *lite) operation(at, kind int, custom string) (err error) {
	in, out, options := l.ints(at, 1), l.ints(at, 2), l.table(at, 4)
	if len(in) == 0 || len(out) != 1 || !l.is(in[0]) || !l.is(out[0]) {
		return cmpError(l.err, "it has %d inputs and %d outputs", len(in), len(out))
	}
	if kind == liteDequantize {
		l.same[out[0]] = in[0]
		return nil
	}
	o := Op{Name: l.value(out[0])}
	values := in[:1]
	fused := 0
	switch kind {
	case liteConv:
		o.Kind, fused = Conv, l.small(options, 3)
		o.Same, o.Stride = l.small(options, 0) == 0, [2]int{l.number(options, 2, 0), l.number(options, 1, 0)}
		o.Dilation = [2]int{l.number(options, 5, 1), l.number(options, 4, 1)}
		err = l.weighs(&o, in, [4]int{1, 2, 3, 0})
	case liteDepthwise:
		o.Kind, fused = Depthwise, l.small(options, 4)
		o.Same, o.Stride = l.small(options, 0) == 0, [2]int{l.number(options, 2, 0), l.number(options, 1, 0)}
		o.Dilation = [2]int{l.number(options, 6, 1), l.number(options, 5, 1)}
		if l.number(options, 3, 0) != 1 {
			return badinput.Errorf("a depthwise convolution with a multiplier; want 1")
		}
		err = l.weighs(&o, in, [4]int{1, 2, 3, 0})
	case liteMeanPool, liteMaxPool:
		if o.Kind = MeanPool; kind == liteMaxPool {
			o.Kind = MaxPool
		}
		fused, o.Same = l.small(options, 5), l.small(options, 0) == 0
		o.Stride, o.Size = [2]int{l.number(options, 2, 0), l.number(options, 1, 0)}, [2]int{l.number(options, 4, 0), l.number(options, 3, 0)}
		if shape := l.tensors[in[0]].shape; o.Kind == MeanPool && len(shape) == 4 && slices.Equal(shape[1:3], o.Size[:]) {
			o = Op{Kind: MeanAll, Name: o.Name} // of all pixels, whatever the stride
		}
	case liteAdd, liteMultiply:
		if o.Kind = Add; kind == liteMultiply {
			o.Kind = Multiply
		}
		fused, values = l.small(options, 0), in
	case liteConcat:
		if axis := l.number(options, 0, 0); axis != 3 && axis != -1 {
			return badinput.Errorf("a concatenation along axis %d; want the last", axis)
		}
		o.Kind, fused, values = Concat, l.small(options, 1), in
	case liteMean:
		err = l.mean(&o, in, options)
	case liteBilinear:
		err = l.bilinear(&o, in, options)
	case liteCustom:
		err = l.transposedConv(&o, in, custom, l.bytes(at, 5))
	default:
		o.Kind, o.Activation = Activate, liteActivates[kind]
		if o.Activation == Linear {
			return badinput.Errorf("operations of the number %d of TFLite's schema are not read", kind)
		}
	}
	if err != nil {
		return err
	}
	if o.Kind != Activate {
		var known bool
		if o.Activation, known = liteActivations[fused]; !known {
			return badinput.Errorf("an activation of the number %d is fused with it, which is not read", fused)
		}
	}
	if o.Inputs, err = l.reads(values); err != nil {
		return err
	}
	l.n.Ops = append(l.n.Ops, o)
	return l.err
}

func (l *lite) mean(o *Op, in []int, options int) error {
	if len(in) != 2 {
		return badinput.Errorf("it has %d inputs; want two", len(in))
	}
	t, err := l.constant(in[1])
	if err != nil {
		return err
	}
	if !slices.Equal(t.Values, []float32{1, 2}) || l.small(options, 0) == 0 {
		return badinput.Errorf("a mean along the axes %v; want one of height and width that keeps them", t.Values)
	}
	o.Kind = MeanAll
	return nil
}

func (l *lite) bilinear(o *Op, in []int, options int) error {
	if len(in) != 2 || l.small(options, 3) == 0 || l.small(options, 2) != 0 {
		return badinput.Errorf("an interpolation by the corners of pixels; only those by their centres are read")
	}
	t, err := l.constant(in[1])
	if err != nil {
		return err
	}
	const most = 1 << 14
	if len(t.Values) != 2 || !(t.Values[0] >= 1 && t.Values[0] <= most && t.Values[1] >= 1 && t.Values[1] <= most) {
		return badinput.Errorf("an interpolation to %v; want two sides of 1 to %d", t.Values, most)
	}
	o.Kind, o.Size = Bilinear, [2]int{int(t.Values[0]), int(t.Values[1])}
	return nil
}

// transposedConv is MediaPipe's transposed convolution, whose options are its padding and its strides of width
// and height.
func (l *lite) transposedConv(o *Op, in []int, custom string, options []byte) error {
	if custom != mediapipeTransposed {
		return badinput.Errorf("operations named %q are not read", custom)
	}
	if len(options) < 12 {
		return badinput.Errorf("%s without its options", custom)
	}
	const same, valid, most = 1, 2, 64 // which are alike without overlap
	padding, across, down := binary.LittleEndian.Uint32(options), binary.LittleEndian.Uint32(options[4:]), binary.LittleEndian.Uint32(options[8:])
	if padding != same && padding != valid || across < 1 || across > most || down < 1 || down > most {
		return badinput.Errorf("%s with a padding of %d and strides of %d and %d", custom, padding, across, down)
	}
	o.Kind, o.Stride = ConvTransposed, [2]int{int(down), int(across)}
	return l.weighs(o, in, [4]int{1, 2, 3, 0})
}
