package bench

import (
	"context"
	"fmt"
	"image"
	"math"
	"os"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/picture"
	"atelier/model/family"
	"atelier/model/feature"
	"atelier/model/graphs"
	"atelier/model/pixelnet"
)

// judgeNames are networks by which paintings are judged: the first that a run was not trained by.
var judgeNames = []string{"nsfwjs-mobilenet", feature.EmbeddedPerception}

// paintedSide is the longer side of the photos that are painted.
const paintedSide = 256

// painted measures what runs of the recipe style paint, by a network that they were not trained by: how far the style of
// paintings is from that of the picture that was learned, of how far that of the photos is; and how far contents are
// from the photos', beside those of other photos.
func (s *Style) painted(ctx context.Context, on *Machine, emit func(Row)) error {
	if len(s.Runs) == 0 {
		on.Tell("no run of the recipe style is measured: name some by runs=[\"NAME\"]")
	}
	for _, name := range s.Runs {
		r, err := on.Open(name)
		if err != nil {
			return err
		}
		defer r.Close()
		f, ok := r.Config.Model.Value.(*family.Style)
		if !ok {
			return fmt.Errorf("run %s is a %s, which does not paint", name, r.Config.Model.Use)
		}
		judge := judgeNames[0]
		if f.Features == judge {
			judge = judgeNames[1]
		}
		p, err := feature.NewPerception(on.Home, judge)
		if err != nil {
			return err
		}
		net, err := r.Painter()
		if err != nil {
			return err
		}
		like, err := os.ReadFile(f.Like)
		if err != nil {
			return err
		}
		whole, err := picture.OpenWhole(like)
		if err != nil {
			return err
		}
		if err := s.judged(ctx, on, name, net, p, whole.Pixels, emit); err != nil {
			return err
		}
	}
	return nil
}

// A paintingJudge compares pictures by a network of features.
type paintingJudge struct {
	*feature.Perception
	apart *graphs.Cache
}

func newPaintingJudge(on *Machine, p *feature.Perception) *paintingJudge {
	return &paintingJudge{p, graphs.New(on.Backend, model.NewStore(), 1, func(_ *model.Scope, a, b *graph.Node) []*graph.Node {
		x, y := p.Layers(a), p.Layers(b)
		style := graph.ScalarZero(a.Graph(), a.DType())
		for i := range x {
			style = graph.Add(style, feature.MannerOf(x[i]).Distance(feature.MannerOf(y[i])))
		}
		return []*graph.Node{style, graph.ReduceAllMean(graph.Square(graph.Sub(x[p.Content], y[p.Content])))}
	})}
}

// distances are those of the styles and of the contents of two pictures of one size.
func (j *paintingJudge) distances(a, b *pixelnet.Planes) (style, content float64, err error) {
	out, err := j.apart.Call(tensors.FromFlatDataAndDimensions(a.Values, 1, a.Height, a.Width, 3), tensors.FromFlatDataAndDimensions(b.Values, 1, b.Height, b.Width, 3))
	if err != nil {
		return 0, 0, err
	}
	return float64(tensors.ToScalar[float32](out[0])), math.Sqrt(float64(tensors.ToScalar[float32](out[1]))), nil
}

// A likeness is how far a painting is in style from its example, of how far its photo is, and in content from
// its photo, of how far another photo is.
type likeness struct{ style, content float64 }

// compare judges a painting of a photo.
func (j *paintingJudge) compare(drawn, given, like, other *pixelnet.Planes) (a likeness, err error) {
	of, _, err := j.distances(given, like)
	if err != nil {
		return a, err
	}
	to, _, err := j.distances(drawn, like)
	if err != nil {
		return a, err
	}
	_, kept, err := j.distances(drawn, given)
	if err != nil {
		return a, err
	}
	_, shuffled, err := j.distances(other, given)
	return likeness{to / of, kept / shuffled}, err
}

// judged emits the rows of one run.
func (s *Style) judged(ctx context.Context, on *Machine, name string, net *pixelnet.Net, p *feature.Perception, like *image.NRGBA, emit func(Row)) error {
	j := newPaintingJudge(on, p)
	defer j.apart.Finalize()
	r := pixelnet.NewRunner(on.Backend, net)
	defer r.Close()
	example := squareOf(like, paintedSide)
	n := min(len(landscapes), s.Cases)
	last, err := photo(landscapes[n-1], paintedSide)
	if err != nil {
		return err
	}
	var style, content float64
	before := squareOf(last, paintedSide)
	for _, photoName := range landscapes[:n] {
		img, err := photo(photoName, paintedSide)
		if err != nil {
			return err
		}
		given := squareOf(img, paintedSide)
		drawn, err := r.Apply(ctx, given, nil, nil)
		if err != nil {
			return err
		}
		if err := lookAt(s.Look, "painted-"+name+"-"+photoName, clipped(drawn)); err != nil {
			return err
		}
		a, err := j.compare(drawn, given, example, before)
		if err != nil {
			return err
		}
		style, content, before = style+a.style, content+a.content, given
	}
	emit(notAbove(name+", distance of style in "+p.Name+", of the photos'", style/float64(n), "", 0.4, n))
	emit(notAbove(name+", distance of content in "+p.Name+", of another photo's", content/float64(n), "", 1, n))
	return nil
}

// clipped brings numbers into 0 to 255, and is the picture that they are.
func clipped(p *pixelnet.Planes) *image.NRGBA {
	shown := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
	for k, v := range p.Values {
		p.Values[k] = min(max(v, 0), 255)
		shown.Pix[k/3*4+k%3], shown.Pix[k/3*4+3] = uint8(p.Values[k]+0.5), 255
	}
	return shown
}
