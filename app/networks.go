package app

import (
	"context"
	"image"
	"path/filepath"
	"slices"

	"atelier/internal/badinput"
	"atelier/model/pixelnet"
	"atelier/model/run"
)

var errNotFinite = badinput.Errorf("the network gives numbers that are not finite: its weights are not those of a trained one")

// network opens a network that does what is asked, and readies it.
func (e *Env) network(name, does string) (*pixelnet.Runner, error) {
	net, err := pixelnet.Find(e.Studio.Home, name)
	if err != nil {
		return nil, err
	}
	if net.Does != does {
		return nil, badinput.Errorf("model: %s (%s) is a network to %s: want one to %s", name, net.Title, verb(net.Does), verb(does))
	}
	hash, err := pixelnet.HashOf(e.Studio.Home, name)
	if err != nil {
		return nil, err
	}
	e.used(filepath.Base(name), hash) // paths are nobody's business
	r := pixelnet.NewRunner(e.Studio.Backend, net)
	e.atEnd = append(e.atEnd, r.Close)
	return r, nil
}

// used remembers weights, by their hash, for the labels of what is made.
func (e *Env) used(name, hash string) {
	if e.weights == nil {
		e.weights = map[string]string{}
	}
	e.weights[name] = hash
}

// verb is what a network does, in words.
func verb(does string) string {
	if does == pixelnet.Cutout {
		return "cut out"
	}
	return does
}

// painter readies the network of a run that paints.
func (e *Env) painter(r *run.Run) (*pixelnet.Runner, error) {
	net, err := r.Painter()
	if err != nil {
		return nil, err
	}
	runner := pixelnet.NewRunner(e.Studio.Backend, net)
	e.atEnd = append(e.atEnd, runner.Close)
	return runner, nil
}

// planesOf are the colours of a picture as numbers from 0 to a range, of all three channels or of
// one.
func planesOf(img *image.NRGBA, channels []int, most float64) *pixelnet.Planes {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	p := &pixelnet.Planes{Width: w, Height: h, Channels: len(channels), Values: make([]float32, 0, w*h*len(channels))}
	for i := range w * h {
		for _, c := range channels {
			p.Values = append(p.Values, float32(float64(img.Pix[4*i+c])/255*most))
		}
	}
	return p
}

// toPicture writes numbers into channels of a picture.
func toPicture(p *pixelnet.Planes, img *image.NRGBA, channels []int, most float64) {
	for i, v := range p.Values {
		img.Pix[i/p.Channels*4+channels[i%p.Channels]] = uint8(min(max(float64(v)*255/most+0.5, 0), 255))
	}
}

// redrawn runs a network on the colours of a picture: on all at once if it takes three channels,
// or else on one after the other, of a grey picture on one. Transparency stays.
func redrawn(ctx context.Context, r *pixelnet.Runner, img *image.NRGBA, progress func(done, total int)) (*image.NRGBA, error) {
	out := &image.NRGBA{Pix: append([]uint8(nil), img.Pix...), Stride: img.Stride, Rect: img.Rect}
	groups := [][]int{{0, 1, 2}}
	if r.Channels == 1 {
		if groups = [][]int{{0}, {1}, {2}}; isGrey(img) {
			groups = groups[:1]
		}
	}
	for n, channels := range groups {
		part := func(done, total int) {
			if progress != nil {
				progress(n*total+done, len(groups)*total)
			}
		}
		reduce := func(w, h int) *pixelnet.Planes {
			return planesOf(resized(img, image.Pt(w, h)), channels, r.Range)
		}
		p, err := r.Apply(ctx, planesOf(img, channels, r.Range), reduce, part)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(p.Values, func(v float32) bool { return v-v != 0 }) {
			return nil, errNotFinite
		}
		toPicture(p, out, channels, r.Range)
	}
	if r.Channels == 1 && len(groups) == 1 {
		for i := 0; i < len(out.Pix); i += 4 {
			out.Pix[i+1], out.Pix[i+2] = out.Pix[i], out.Pix[i]
		}
	}
	return out, nil
}

func isGrey(img *image.NRGBA) bool {
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i] != img.Pix[i+1] || img.Pix[i] != img.Pix[i+2] {
			return false
		}
	}
	return true
}
