package netfile

import (
	"slices"

	"atelier/internal/badinput"
)

// mostElements is the size limit of one value of a network.
const mostElements = 1 << 28

// Shapes returns the shape of each value without its batch, [height, width, channels] or [width],
// for an input of these sides. It is an error if the operations do not fit one another.
func (n *Network) Shapes(height, width int) (map[string][]int, error) {
	if len(n.Shape) != 3 || n.Shape[2] < 1 || n.Shape[0] != 0 && n.Shape[0] != height || n.Shape[1] != 0 && n.Shape[1] != width {
		return nil, badinput.Errorf("the network takes %v, not a picture of %d×%d", n.Shape, width, height)
	}
	shapes := map[string][]int{n.Input: {height, width, n.Shape[2]}}
	for i := range n.Ops {
		o := &n.Ops[i]
		var in [][]int
		for _, name := range o.Inputs {
			s, ok := shapes[name]
			if !ok {
				return nil, badinput.Errorf("%s takes %q, which comes from no operation before it", o.Name, name)
			}
			in = append(in, s)
		}
		if _, ok := shapes[o.Name]; ok {
			return nil, badinput.Errorf("two operations are named %q", o.Name)
		}
		out, err := o.shape(in)
		if err != nil {
			return nil, badinput.Errorf("%s, a %s: %w", o.Name, o.Kind, err)
		}
		size := 1
		for _, d := range out {
			if d < 1 || d > mostElements/size {
				return nil, badinput.Errorf("%s, a %s, gives %v, which is too much or nothing", o.Name, o.Kind, out)
			}
			size *= d
		}
		shapes[o.Name] = out
	}
	if _, ok := shapes[n.Output]; !ok {
		return nil, badinput.Errorf("no operation gives the output %q", n.Output)
	}
	return shapes, nil
}

// shape is that of the result.
func (o *Op) shape(in [][]int) ([]int, error) {
	want := 1
	switch o.Kind {
	case Constant:
		if o.Kernel == nil || len(o.Kernel.Shape) > 3 {
			return nil, badinput.Errorf("want a tensor of at most three axes")
		}
		return append([]int{1, 1, 1}[:3-len(o.Kernel.Shape)], o.Kernel.Shape...), nil
	case Add, Subtract, Multiply:
		want = 2
	case Concat:
		want = max(1, len(in))
	}
	if len(in) != want {
		return nil, badinput.Errorf("it takes %d inputs; want %d", len(in), want)
	}
	x := in[0]
	switch o.Kind {
	case Add, Subtract, Multiply:
		return broadcast(in[0], in[1])
	case Concat:
		return concatenated(in)
	case Activate:
		return x, nil
	case Flatten:
		return []int{product(x)}, nil
	case Dense:
		return o.denseShape(x)
	}
	if len(x) != 3 {
		return nil, badinput.Errorf("it takes %v; want a picture", x)
	}
	if err := o.checkWeights(x[2]); err != nil {
		return nil, err
	}
	switch o.Kind {
	case Affine:
		return x, nil
	case MeanAll:
		return []int{1, 1, x[2]}, nil
	case Pad:
		return []int{x[0] + o.Pads[0][0] + o.Pads[0][1], x[1] + o.Pads[1][0] + o.Pads[1][1], x[2]}, nil
	case Bilinear:
		return []int{o.Size[0], o.Size[1], x[2]}, nil
	case Nearest:
		return []int{x[0] * o.Size[0], x[1] * o.Size[1], x[2]}, nil
	case ConvTransposed:
		return []int{x[0] * o.Stride[0], x[1] * o.Stride[1], o.Kernel.Shape[3]}, nil
	}
	return o.windowed(x)
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func broadcast(a, b []int) ([]int, error) {
	if len(a) != len(b) {
		return nil, badinput.Errorf("%v and %v do not fit", a, b)
	}
	out := slices.Clone(a)
	for i := range a {
		if a[i] != b[i] && a[i] != 1 && b[i] != 1 {
			return nil, badinput.Errorf("%v and %v do not fit", a, b)
		}
		out[i] = max(a[i], b[i])
	}
	return out, nil
}

func concatenated(in [][]int) ([]int, error) {
	out := slices.Clone(in[0])
	last := len(out) - 1
	for _, s := range in[1:] {
		if len(s) != len(out) || !slices.Equal(s[:last], out[:last]) {
			return nil, badinput.Errorf("%v and %v do not fit", in[0], s)
		}
		out[last] += s[last]
	}
	return out, nil
}

func (o *Op) denseShape(x []int) ([]int, error) {
	if o.Kernel == nil || len(o.Kernel.Shape) != 2 || len(x) != 1 || o.Kernel.Shape[0] != x[0] {
		return nil, badinput.Errorf("its weights do not follow %v", x)
	}
	out := o.Kernel.Shape[1]
	if o.Bias != nil && !slices.Equal(o.Bias.Shape, []int{out}) {
		return nil, badinput.Errorf("its bias has the shape %v; want [%d]", o.Bias.Shape, out)
	}
	return []int{out}, nil
}

// checkWeights checks the weights of an operation on pictures of so many channels, and its windows.
func (o *Op) checkWeights(channels int) error {
	out := channels
	switch o.Kind {
	case Conv, Depthwise, ConvTransposed:
		if o.Kernel == nil || len(o.Kernel.Shape) != 4 || o.Kernel.Shape[2] != channels || product(o.Kernel.Shape) != len(o.Kernel.Values) {
			return badinput.Errorf("its kernel does not follow %d channels", channels)
		}
		if out = o.Kernel.Shape[3]; o.Kind == Depthwise {
			out *= channels
		}
		o.Size = [2]int(o.Kernel.Shape[:2])
		if o.Kind == ConvTransposed && o.Size != o.Stride {
			return badinput.Errorf("a kernel of %v with a stride of %v; only those without overlap are known", o.Size, o.Stride)
		}
	case Affine:
		if o.Kernel == nil || o.Bias == nil || !slices.Equal(o.Kernel.Shape, []int{channels}) {
			return badinput.Errorf("its weights do not follow %d channels", channels)
		}
	case MaxPool, MeanPool, Nearest:
	default:
		for axis := range 2 {
			if o.Pads[axis][0] < 0 || o.Pads[axis][1] < 0 || o.Pads[axis][0] > mostElements || o.Pads[axis][1] > mostElements {
				return badinput.Errorf("a padding of %v", o.Pads)
			}
		}
		return nil
	}
	if o.Bias != nil && !slices.Equal(o.Bias.Shape, []int{out}) {
		return badinput.Errorf("its bias has the shape %v; want [%d]", o.Bias.Shape, out)
	}
	if o.Kind == Affine {
		return nil
	}
	for axis := range 2 {
		if o.Dilation[axis] == 0 {
			o.Dilation[axis] = 1
		}
		if o.Stride[axis] == 0 {
			o.Stride[axis] = 1
		}
		for _, v := range []int{o.Size[axis], o.Stride[axis], o.Dilation[axis]} {
			if v < 1 || v > mostKernel && o.Kind != MeanPool {
				return badinput.Errorf("windows of %v, with strides of %v and dilations of %v; want 1 to %d", o.Size, o.Stride, o.Dilation, mostKernel)
			}
		}
	}
	return nil
}

// windowed is the shape that windows give.
func (o *Op) windowed(x []int) ([]int, error) {
	out := []int{0, 0, x[2]}
	switch o.Kind {
	case Conv:
		out[2] = o.Kernel.Shape[3]
	case Depthwise:
		out[2] *= o.Kernel.Shape[3]
	}
	for axis := range 2 {
		pads := o.Padding(axis, x[axis])
		room := x[axis] + pads[0] + pads[1] - (o.Size[axis]-1)*o.Dilation[axis] - 1
		if room < 0 {
			return nil, badinput.Errorf("windows of %v do not fit in %v", o.Size, x)
		}
		out[axis] = room/o.Stride[axis] + 1
	}
	return out, nil
}

// Padding is the padding of windows along a side of that length, as TensorFlow has it: what is odd
// comes after.
func (o *Op) Padding(axis, side int) [2]int {
	if !o.Same {
		return o.Pads[axis]
	}
	stride := o.Stride[axis]
	all := max(0, ((side+stride-1)/stride-1)*stride+(o.Size[axis]-1)*o.Dilation[axis]+1-side)
	return [2]int{all / 2, all - all/2}
}
