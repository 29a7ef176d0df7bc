package netfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/tensorfile"
)

// Types of tensors in TFLite files.
const (
	liteFloat32 = 0
	liteFloat16 = 1
	liteInt32   = 2
)

// A liteTensor is a tensor of a TFLite file: a value that an operation gives, or one with numbers.
type liteTensor struct {
	name  string
	shape []int
	kind  int
	data  []byte // nil if it has none
}

// A lite reads a TFLite file.
type lite struct {
	flat
	n       *Network
	tensors []liteTensor
	numbers map[int]*tensorfile.Tensor // of tensors with numbers, read
	same    map[int]int                // float32 of a float16
}

// readTFLite reads a network of TFLite: its first graph, float32 or float16.
func (n *Network) readTFLite(b []byte) error {
	if len(b) < 8 || string(b[4:8]) != "TFL3" {
		return badinput.Errorf("not a TFLite file of version 3")
	}
	l := &lite{flat: flat{b: b}, n: n, numbers: map[int]*tensorfile.Tensor{}, same: map[int]int{}}
	n.Format, n.Weights = "TFLite", tensorfile.Set{}
	model := l.u32(0)
	type code struct {
		op     int
		custom string
	}
	var codes []code
	for _, c := range l.tables(model, 1) {
		codes = append(codes, code{max(l.small(c, 0), l.number(c, 3, 0)), string(l.bytes(c, 1))})
	}
	var buffers [][]byte
	for _, t := range l.tables(model, 4) {
		buffers = append(buffers, l.bytes(t, 0))
	}
	graphs := l.tables(model, 2)
	if l.err != nil || len(graphs) != 1 {
		return cmpError(l.err, "it has %d graphs; want one", len(graphs))
	}
	if err := l.readTensors(graphs[0], buffers); err != nil {
		return err
	}
	in, out := l.ints(graphs[0], 1), l.ints(graphs[0], 2)
	if len(in) != 1 || len(out) != 1 || !l.is(in[0]) || !l.is(out[0]) || len(l.tensors[in[0]].shape) != 4 {
		return cmpError(l.err, "a network of %d inputs and %d outputs; want a picture and one output", len(in), len(out))
	}
	n.Input, n.Shape, n.Output = l.value(in[0]), l.tensors[in[0]].shape[1:], l.value(out[0])
	for _, o := range l.tables(graphs[0], 3) {
		c := l.number(o, 0, 0)
		if c < 0 || c >= len(codes) {
			return badinput.Errorf("an operation of the kind %d, of which there are %d", c, len(codes))
		}
		if err := l.operation(o, codes[c].op, codes[c].custom); err != nil {
			return badinput.Errorf("operation %d: %w", len(n.Ops), err)
		}
		if len(n.Ops) > mostOps {
			break
		}
	}
	return l.err
}

// cmpError is an error that came first, or else another.
func cmpError(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return badinput.Errorf(format, args...)
}

func (l *lite) is(i int) bool { return i >= 0 && i < len(l.tensors) }

// value names the value of a tensor.
func (l *lite) value(i int) string { return fmt.Sprintf("%d %s", i, l.tensors[i].name) }

func (l *lite) readTensors(graph int, buffers [][]byte) error {
	for _, t := range l.tables(graph, 0) {
		buffer := l.number(t, 2, 0)
		if buffer < 0 || buffer >= len(buffers) {
			return cmpError(l.err, "a tensor of buffer %d, of which there are %d", buffer, len(buffers))
		}
		l.tensors = append(l.tensors, liteTensor{string(l.bytes(t, 3)), l.ints(t, 0), l.small(t, 1), buffers[buffer]})
		if len(l.tensors) > mostOps {
			return badinput.Errorf("more than %d tensors", mostOps)
		}
	}
	return l.err
}

// constant are the numbers of a tensor.
func (l *lite) constant(i int) (*tensorfile.Tensor, error) {
	if from, ok := l.same[i]; ok {
		i = from
	}
	if !l.is(i) {
		return nil, badinput.Errorf("there is no tensor %d", i)
	}
	if t := l.numbers[i]; t != nil {
		return t, nil
	}
	s := l.tensors[i]
	width := map[int]int{liteFloat32: 4, liteFloat16: 2, liteInt32: 4}[s.kind]
	if width == 0 {
		return nil, badinput.Errorf("%s is of the type %d; those that are read are float32, float16 and int32", s.name, s.kind)
	}
	count, err := tensorfile.Elements(s.shape, len(s.data)/width)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", s.name, err)
	}
	if count*width != len(s.data) {
		return nil, badinput.Errorf("%s has %d bytes; its shape %v wants %d", s.name, len(s.data), s.shape, count*width)
	}
	t := &tensorfile.Tensor{Shape: s.shape, Values: make([]float32, count)}
	for k := range t.Values {
		switch at := s.data[k*width:]; s.kind {
		case liteFloat32:
			t.Values[k] = math.Float32frombits(binary.LittleEndian.Uint32(at))
		case liteFloat16:
			t.Values[k] = tensorfile.Half(binary.LittleEndian.Uint16(at))
		default:
			t.Values[k] = float32(int32(binary.LittleEndian.Uint32(at)))
		}
	}
	l.numbers[i] = t
	l.n.Weights[l.value(i)] = *t
	return t, nil
}

// transposed puts the axes of a tensor of four into another order: axis a of the result is axis order[a].
func transposed(t *tensorfile.Tensor, order [4]int) (*tensorfile.Tensor, error) {
	if len(t.Shape) != 4 {
		return nil, badinput.Errorf("a kernel of the shape %v; want four axes", t.Shape)
	}
	out := &tensorfile.Tensor{Shape: make([]int, 4), Values: make([]float32, len(t.Values))}
	var stride, step [4]int
	for a, n := 3, 1; a >= 0; a-- {
		stride[a] = n
		n *= t.Shape[a]
	}
	for a, from := range order {
		out.Shape[a], step[a] = t.Shape[from], stride[from]
	}
	at := 0
	for i := range out.Shape[0] {
		for j := range out.Shape[1] {
			for k := range out.Shape[2] {
				for m := range out.Shape[3] {
					out.Values[at] = t.Values[i*step[0]+j*step[1]+k*step[2]+m*step[3]]
					at++
				}
			}
		}
	}
	return out, nil
}

// weighs sets the kernel and the bias of an operation from its second and third inputs.
func (l *lite) weighs(o *Op, in []int, order [4]int) error {
	if len(in) < 2 {
		return badinput.Errorf("it has no kernel")
	}
	t, err := l.constant(in[1])
	if err != nil {
		return err
	}
	if o.Kernel, err = transposed(t, order); err != nil {
		return err
	}
	if len(in) > 2 && in[2] >= 0 {
		o.Bias, err = l.constant(in[2])
	}
	return err
}

// reads are the values that an operation takes, of which those with numbers become constants.
func (l *lite) reads(in []int) (names []string, err error) {
	for _, i := range in {
		if !l.is(i) {
			return nil, badinput.Errorf("there is no tensor %d", i)
		}
		name := l.value(i)
		if _, half := l.same[i]; half || len(l.tensors[i].data) > 0 {
			t, err := l.constant(i)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(l.n.Ops, func(o Op) bool { return o.Name == name }) {
				if len(t.Shape) == 4 && t.Shape[0] == 1 {
					t = &tensorfile.Tensor{Shape: t.Shape[1:], Values: t.Values}
				}
				l.n.Ops = append(l.n.Ops, Op{Kind: Constant, Name: name, Kernel: t})
			}
		}
		names = append(names, name)
	}
	return names, nil
}
