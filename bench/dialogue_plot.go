package bench

import (
	"bytes"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// textsColours are colours of writers from the palette of Okabe and Ito (2008).
var textsColours = map[string]color.Color{
	"likelihood": color.RGBA{0x00, 0x72, 0xb2, 0xff}, "policy": color.RGBA{0xd5, 0x5e, 0x00, 0xff},
	"gumbel": color.RGBA{0x00, 0x9e, 0x73, 0xff}, "real": color.RGBA{0x00, 0x00, 0x00, 0xff},
}

// plotTexts draws quality and diversity of the writers as a PNG: a line through the temperatures of
// likelihood, and lines along the steps of the games.
func plotTexts(points []textPoint) ([]byte, error) {
	p := plot.New()
	p.X.Label.Text = "quality: nats per character under n-grams of real text (lower is better)"
	p.Y.Label.Text = "diversity: nats of real text under its n-grams (lower is better)"
	p.Legend.Top = true
	p.Legend.Padding = vg.Points(2) // lines of the legend do not touch
	for _, w := range []struct{ writer, name, what string }{
		{"likelihood", "likelihood, by temperature", "%g"}, {"policy", "seqgan by policy gradient, by steps", "%g"}, {"gumbel", "seqgan by Gumbel-softmax, by steps", "%g"}, {"real", "real text", ""},
	} {
		var line plotter.XYs
		labels := plotter.XYLabels{}
		for _, pt := range points {
			switch {
			case pt.Writer == w.writer:
				labels.Labels = append(labels.Labels, " "+fmt.Sprintf(w.what, pt.At))
				if n := len(labels.Labels); n > 1 && w.writer != "likelihood" { // only its end has room
					labels.Labels[n-2] = ""
				}
			case pt.Writer == "likelihood" && pt.At == 1 && w.writer != "real": // where the games begin
				labels.Labels = append(labels.Labels, "")
			default:
				continue
			}
			line = append(line, plotter.XY{X: pt.Quality, Y: pt.Diversity})
		}
		if w.what == "" {
			labels.Labels = make([]string, len(line))
		}
		labels.XYs = line
		l, dots, err := plotter.NewLinePoints(line)
		if err != nil {
			return nil, err
		}
		l.Color, dots.Color, dots.Shape = textsColours[w.writer], textsColours[w.writer], draw.CircleGlyph{}
		names, err := plotter.NewLabels(labels)
		if err != nil {
			return nil, err
		}
		for i := range names.TextStyle {
			names.TextStyle[i].Color = textsColours[w.writer]
		}
		p.Add(l, dots, names)
		p.Legend.Add(w.name, l, dots)
	}
	canvas := vgimg.New(8*vg.Inch, 5*vg.Inch)
	p.Draw(draw.Crop(draw.New(canvas), 0, -vg.Points(24), vg.Points(6), -vg.Points(6))) // labels reach beyond the axes
	var out bytes.Buffer
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(&out)
	return out.Bytes(), err
}

// diversityAt is the diversity of likelihood at the temperature of a quality, between measured ones
// on a line.
func diversityAt(likely []textPoint, quality float64) float64 {
	for i := 1; i < len(likely); i++ {
		a, b := likely[i-1], likely[i]
		if (a.Quality-quality)*(b.Quality-quality) <= 0 && a.Quality != b.Quality {
			return a.Diversity + (b.Diversity-a.Diversity)*(quality-a.Quality)/(b.Quality-a.Quality)
		}
	}
	nearest := slices.MinFunc(likely, func(a, b textPoint) int {
		if (a.Quality-quality)*(a.Quality-quality) < (b.Quality-quality)*(b.Quality-quality) {
			return -1
		}
		return 1
	})
	return nearest.Diversity
}
