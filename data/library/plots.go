package library

import (
	"bytes"
	"html/template"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	plotWidth  = 5 * vg.Inch
	plotHeight = 3 * vg.Inch
	mostBars   = 20
)

// plots draws how many Items each class has and how large they are.
func (c *census) plots() ([]template.HTML, error) {
	var all []template.HTML
	if len(c.labels) > 1 {
		svg, err := bars("Items of each class", c.names(mostBars))
		if err != nil {
			return nil, err
		}
		all = append(all, svg)
	}
	if len(c.sizes) > 1 && slices.Min(c.sizes) < slices.Max(c.sizes) {
		svg, err := histogram("Size of the Items", "bytes (logarithm to base 10)", c.sizes)
		if err != nil {
			return nil, err
		}
		all = append(all, svg)
	}
	return all, nil
}

func bars(title string, tallies []tally) (template.HTML, error) {
	p := plot.New()
	p.Title.Text = title
	values := make(plotter.Values, len(tallies))
	names := make([]string, len(tallies))
	for i, t := range tallies { // from the top
		values[len(values)-1-i], names[len(names)-1-i] = float64(t.N), t.Name
	}
	chart, err := plotter.NewBarChart(values, vg.Points(8))
	if err != nil {
		return "", err
	}
	chart.Horizontal, chart.LineStyle.Width = true, 0
	p.Add(chart)
	p.NominalY(names...)
	p.X.Min = 0
	return svg(p)
}

func histogram(title, axis string, values []float64) (template.HTML, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text = title, axis
	logs := make(plotter.Values, 0, len(values))
	for _, v := range values {
		logs = append(logs, math.Log10(max(v, 1)))
	}
	h, err := plotter.NewHist(logs, 24)
	if err != nil {
		return "", err
	}
	p.Add(h)
	return svg(p)
}

func svg(p *plot.Plot) (template.HTML, error) {
	canvas := vgsvg.New(plotWidth, plotHeight)
	p.Draw(draw.New(canvas))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return "", err
	}
	text := out.Bytes()
	if i := bytes.Index(text, []byte("<svg")); i > 0 { // the page is no XML
		text = text[i:]
	}
	return template.HTML(text), nil
}
