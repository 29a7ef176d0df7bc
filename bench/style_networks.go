package bench

import (
	"context"
	"fmt"
	"image"
	"math"
	"path/filepath"
	"slices"

	"atelier/internal/noise"
	"atelier/model/blend"
	"atelier/model/feature"
	"atelier/model/patch"
	"atelier/model/pixelnet"
)

// The weights that are measured, where they were added.
var styleWeights = []string{"style-wave", "style-la_muse"}

const noisyBy = 25 // grey levels: what dncnn-25 was trained on

// networks measures style networks: how long a picture takes, and how far one that is drawn with the
// statistics of a reduced copy is from the whole one.
func (s *Style) networks(ctx context.Context, on *Machine, emit func(Row)) error {
	for _, name := range styleWeights {
		net, err := pixelnet.Find(on.Home, name)
		if err != nil {
			on.Tell(fmt.Sprintf("%s is not measured: %v", name, err))
			continue
		}
		r := pixelnet.NewRunner(on.Backend, net)
		defer r.Close()
		img, err := photo("mountain-path", 512)
		if err != nil {
			return err
		}
		p := squareOf(img, 512)
		var whole *pixelnet.Planes
		took, err := timed(func() (err error) { whole, err = r.Apply(ctx, p, nil, nil); return err })
		if err != nil {
			return err
		}
		emit(notAbove(name+", time of 512×512", took, "s", 1, 1))
		small := squareOf(img, 256)
		r.Whole = 256 * 256
		tiled, err := r.Apply(ctx, p, func(int, int) *pixelnet.Planes { return small }, nil)
		if err != nil {
			return err
		}
		sum := 0.
		for i, v := range tiled.Values {
			sum += math.Abs(float64(v - whole.Values[i]))
		}
		emit(Row{Name: name + ", by the statistics of a copy of half the size", Value: sum / float64(len(tiled.Values)), Unit: "levels", N: 1, Holds: true})
	}
	return nil
}

// squareOf is a picture stretched to a square, as numbers from 0 to 255.
func squareOf(img *image.NRGBA, side int) *pixelnet.Planes {
	p := &pixelnet.Planes{Width: side, Height: side, Channels: 3}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for i := range side * side {
		at := img.Pix[i/side*h/side*img.Stride+4*(i%side*w/side):]
		p.Values = append(p.Values, float32(at[0]), float32(at[1]), float32(at[2]))
	}
	return p
}

// denoise measures dncnn-25 as its paper does: Gaussian noise of 25 levels, the mean PSNR.
func (s *Style) denoise(ctx context.Context, on *Machine, emit func(Row)) error {
	net, err := pixelnet.Find(on.Home, "dncnn-25")
	if err != nil || s.Set12 == "" {
		on.Tell("dncnn-25 is not measured: want its weights, and the pictures by set12=FOLDER")
		return nil
	}
	files, err := filepath.Glob(filepath.Join(s.Set12, "*.png"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("there are no PNG files in %s", s.Set12)
	}
	slices.Sort(files)
	r := pixelnet.NewRunner(on.Backend, net)
	defer r.Close()
	sum, n := 0., min(len(files), s.Cases)
	for k, file := range files[:n] {
		img, err := readPicture(file)
		if err != nil {
			return err
		}
		size := img.Rect.Size()
		p := &pixelnet.Planes{Width: size.X, Height: size.Y, Channels: 1, Values: make([]float32, size.X*size.Y)}
		noise.Normals(p.Values, 0, uint64(k))
		for i := range p.Values {
			p.Values[i] = (p.Values[i]*noisyBy + float32(img.Pix[i/size.X*img.Stride+4*(i%size.X)])) / 255
		}
		out, err := r.Apply(ctx, p, nil, nil)
		if err != nil {
			return err
		}
		square := 0.
		for i, v := range out.Values {
			d := math.Round(float64(min(max(v, 0), 1))*255) - float64(img.Pix[i/size.X*img.Stride+4*(i%size.X)])
			square += d * d / float64(len(out.Values))
		}
		sum += 10 * math.Log10(255*255/square)
	}
	emit(between("dncnn-25, mean PSNR at noise of 25", sum/float64(n), "dB", 30.41, 30.45, n))
	return nil
}

// patches measures what is painted with the patches of paintings: how far its colours and textures
// are from those of the style, of how far the content's are, and how its contours are kept, beside
// those of another photo.
func (s *Style) patches(ctx context.Context, on *Machine, emit func(Row)) error {
	m, err := anyMatcher(on)
	if err != nil {
		return err
	}
	p, err := perceptionApart(on)
	if err != nil {
		return err
	}
	j := newPaintingJudge(on, p)
	defer j.apart.Finalize()
	var style, kept, shuffled float64
	var seen likeness
	n := 0
	for _, file := range s.Like {
		like, err := readPicture(file)
		if err != nil {
			return err
		}
		for _, name := range landscapes[:min(len(landscapes), s.Cases)] {
			content, err := photo(name, min(s.Side, 256))
			if err != nil {
				return err
			}
			small := shrunk(like, content.Rect)
			out, err := patch.Restyle(ctx, m, blend.Recolour(content, small), small, patch.Restyling{Seed: 1, Strength: 0.5}, nil)
			if err != nil {
				return err
			}
			out = blend.Recolour(out, small)
			style += textures(out, small) / textures(content, small)
			kept += contours(out, content)
			other, err := photo(landscapes[(slices.Index(landscapes, name)+1)%len(landscapes)], min(s.Side, 256))
			if err != nil {
				return err
			}
			shuffled += contours(other, content)
			of, err := j.compare(squareOf(out, paintedSide), squareOf(content, paintedSide), squareOf(small, paintedSide), squareOf(other, paintedSide))
			if err != nil {
				return err
			}
			seen.style, seen.content = seen.style+of.style, seen.content+of.content
			n++
			if err := lookAt(s.Look, fmt.Sprintf("patches-%s-%s", name, filepath.Base(file)), out); err != nil {
				return err
			}
		}
	}
	if n == 0 {
		on.Tell("nothing is painted: name paintings by like=[\"FILE\"]")
		return nil
	}
	emit(notAbove("patches, distance of textures from the style, of the content's", style/float64(n), "", 0.4, n))
	emit(notBelow("patches, correlation of contours with the content", kept/float64(n), "", shuffled/float64(n), n))
	emit(notAbove("patches, distance of style in "+p.Name+", of the photos'", seen.style/float64(n), "", 0.4, n))
	emit(notAbove("patches, distance of content in "+p.Name+", of another photo's", seen.content/float64(n), "", 1, n))
	return nil
}

// shrunk is a picture at the size of another, by its nearest pixels.
func shrunk(img *image.NRGBA, to image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(to)
	w, h := to.Dx(), to.Dy()
	for i := range w * h {
		x, y := i%w*img.Rect.Dx()/w, i/w*img.Rect.Dy()/h
		copy(out.Pix[4*i:4*i+4], img.Pix[img.PixOffset(x, y):])
	}
	return out
}

// perceptionApart is a network that no painting was optimised by: an added one, or else the embedded.
func perceptionApart(on *Machine) (*feature.Perception, error) {
	name := judgeNames[0]
	if _, err := pixelnet.Find(on.Home, name); err != nil {
		name = feature.EmbeddedPerception
	}
	return feature.NewPerception(on.Home, name)
}
