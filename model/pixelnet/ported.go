package pixelnet

import (
	"image"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/netfile"
)

// Network is the network of a file that has its operations; nil if a layout has them.
func (n *Net) Network() *netfile.Network { return n.network }

// Size is that of the pictures that the network takes; zero if it takes any.
func (n *Net) Size() image.Point {
	if n.network == nil {
		return image.Point{}
	}
	return image.Pt(n.network.Shape[1], n.network.Shape[0])
}

// openPorted opens a network whose file says which operations it is made of. What it is for, a layout
// says, by the names of tensors.
func openPorted(path string) (*Net, error) {
	network, err := netfile.Open(path)
	if err != nil {
		return nil, err
	}
	n := &Net{network: network, Files: network.Files, Parameters: network.Parameters()}
	var titles []string
	for _, l := range layouts() {
		if len(l.Marks) == 0 {
			continue
		}
		titles = append(titles, l.Title)
		if !slices.ContainsFunc(l.Marks, func(name string) bool { _, ok := network.Weights[name]; return !ok }) {
			n.layout = l
		}
	}
	if n.Name == "" {
		return nil, badinput.Errorf("%s: a network of %s with %d operations, but none that is known here; those are %s", path, network.Format, len(network.Ops), some(titles))
	}
	if err := n.fitPorted(); err != nil {
		return nil, badinput.Errorf("%s: the operations do not fit a %s: %w", path, n.Title, err)
	}
	return n, nil
}

// fitPorted checks that the network takes and gives what its layout says.
func (n *Net) fitPorted() error {
	const side = 64 // of networks that take any
	height, width := n.network.Shape[0], n.network.Shape[1]
	if height == 0 {
		height = side
	}
	if width == 0 {
		width = side
	}
	shapes, err := n.network.Shapes(height, width)
	if err != nil {
		return err
	}
	out := shapes[n.network.Output]
	if n.network.Shape[2] != n.Channels || (len(out) == 3) == (n.Does == Embed) {
		return badinput.Errorf("it takes %d channels and gives %v", n.network.Shape[2], out)
	}
	for _, name := range append([]string{n.Embedding}, n.Perception...) {
		if _, ok := shapes[name]; name != "" && !ok {
			return badinput.Errorf("it has no %s", name)
		}
	}
	scale, reach, local := n.network.Reach()
	switch {
	case n.Does == Cutout && (out[2] != 1 || height != n.network.Shape[0] || width != n.network.Shape[1]):
		return badinput.Errorf("it takes %v and gives %v: want a mask of a picture of one size", n.network.Shape, out)
	case n.Does != Enlarge:
		n.Scale = 1
		return nil
	case !local || scale < 2 || scale > mostScale || reach > mostReach || out[2] != n.Channels:
		return badinput.Errorf("it does not enlarge pictures of any size 2 to %d times", mostScale)
	}
	n.Scale, n.Margin = scale, reach
	return nil
}
