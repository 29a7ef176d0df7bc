package app

import (
	"bytes"
	"image/color"
	"maps"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"atelier/internal/badinput"
)

// lineColours are the colour-blind safe palette of Okabe and Ito (2008).
var lineColours = []color.Color{
	color.RGBA{0x00, 0x72, 0xb2, 0xff}, color.RGBA{0xd5, 0x5e, 0x00, 0xff}, color.RGBA{0x00, 0x9e, 0x73, 0xff},
	color.RGBA{0xcc, 0x79, 0xa7, 0xff}, color.RGBA{0xe6, 0x9f, 0x00, 0xff}, color.RGBA{0x56, 0xb4, 0xe9, 0xff},
}

const (
	curvesWidth  = 8 * vg.Inch
	curvesHeight = 4 * vg.Inch
	lossSuffix   = "/loss"
)

// Curves plots the losses of a run over its steps as a PNG. Stats are the lines
// of its statistics file.
func Curves(title string, stats []map[string]any) ([]byte, error) {
	lines := losses(stats)
	if len(lines) == 0 {
		return nil, badinput.Errorf("%s has no statistics of losses yet", title)
	}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "step", "loss"
	p.Legend.Top = true
	for i, name := range slices.Sorted(maps.Keys(lines)) {
		l, err := plotter.NewLine(lines[name])
		if err != nil {
			return nil, err
		}
		l.Color = lineColours[i%len(lineColours)]
		p.Add(l)
		p.Legend.Add(strings.TrimSuffix(name, lossSuffix), l)
	}
	canvas := vgimg.New(curvesWidth, curvesHeight)
	p.Draw(draw.New(canvas))
	var out bytes.Buffer
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(&out)
	return out.Bytes(), err
}

// losses collects the points of each loss.
func losses(stats []map[string]any) map[string]plotter.XYs {
	lines := map[string]plotter.XYs{}
	for _, at := range stats {
		step, _ := at["step"].(float64)
		for name, v := range at {
			if y, ok := v.(float64); ok && strings.HasSuffix(name, lossSuffix) {
				lines[name] = append(lines[name], plotter.XY{X: step, Y: y})
			}
		}
	}
	return lines
}
