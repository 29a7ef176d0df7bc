package netfile

import "math"

// Reach is how the output of a network lies over its input: each side is scale times as long, and
// pixels further away than reach, in pixels of the input, make no difference. It reports false
// unless all operations are of that kind, so that pictures can be drawn in tiles.
func (n *Network) Reach() (scale, reach int, local bool) {
	type value struct {
		scale int
		reach float64
	}
	values := map[string]value{n.Input: {1, 0}}
	for i := range n.Ops {
		o := &n.Ops[i]
		v := value{scale: 1}
		for k, name := range o.Inputs {
			in := values[name]
			if k > 0 && in.scale != v.scale {
				return 0, 0, false
			}
			v = value{in.scale, max(v.reach, in.reach)}
		}
		switch o.Kind {
		case Activate, Affine, Add, Subtract, Multiply, Concat:
		case Conv, Depthwise:
			side := max(o.Size[0], o.Size[1])
			if o.Stride != [2]int{1, 1} || !o.Same && side > 1 {
				return 0, 0, false
			}
			v.reach += float64(side/2*max(o.Dilation[0], o.Dilation[1])) / float64(v.scale)
		case Nearest:
			if o.Size[0] != o.Size[1] {
				return 0, 0, false
			}
			v.scale *= o.Size[0]
		case ConvTransposed:
			if o.Stride[0] != o.Stride[1] {
				return 0, 0, false
			}
			v.scale *= o.Stride[0]
		default:
			return 0, 0, false
		}
		values[o.Name] = v
	}
	out := values[n.Output]
	return out.scale, int(math.Ceil(out.reach)), n.Shape[0] == 0 && n.Shape[1] == 0
}
