package app

import (
	"cmp"
	"fmt"
	"image"
	"image/draw"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	scaling "golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/blend"
)

// blendOver lays a layer on what is below, as a sheet of paper.
const blendOver = "over"

// Blends are the ways in which a layer of a [Collage] can be joined with what is below.
func Blends() []string {
	return []string{blendOver, string(blend.Seamless), string(blend.Mixed)}
}

// The ranges of the settings of a layer.
const (
	leastLayerScale = 0.001
	mostLayerScale  = 1000
	mostLayerPixel  = 1 << 20 // coordinates
)

// A layer is how a picture lies in a collage.
type layer struct {
	File      string  `toml:"file"`
	Mask      string  `toml:"mask"`
	X         float64 `toml:"x"` // of its left side, before it is turned
	Y         float64 `toml:"y"`
	Scale     float64 `toml:"scale"`
	Rotate    float64 `toml:"rotate"` // about its middle, clockwise, in degrees
	Opacity   float64 `toml:"opacity"`
	Blend     string  `toml:"blend"`
	Harmonise float64 `toml:"harmonise"`
	Order     int     `toml:"order"` // those of a greater one lie above

	index int // of its file
}

// layers are how the layers lie, from the bottom up.
func (a Collage) layers() ([]layer, error) {
	all, err := a.plan()
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		if err := l.check(); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b layer) int { return cmp.Compare(a.Order, b.Order) })
	return all, nil
}

// plan reads the TOML file, or the settings of each layer.
func (a Collage) plan() (all []layer, err error) {
	if !a.Plan.Given() {
		for i, f := range a.Layer {
			l := layer{File: f.Name, Scale: 1, Opacity: 1, Blend: blendOver, index: i}
			if i < len(a.Place) {
				if err := l.set(a.Place[i]); err != nil {
					return nil, err
				}
			}
			all = append(all, l)
		}
		return all, nil
	}
	var file struct {
		Layer []map[string]any `toml:"layer"`
	}
	if err := toml.Unmarshal(a.Plan.Bytes, &file); err != nil {
		return nil, badinput.Errorf("%s: %w", a.Plan.Name, err)
	}
	if len(file.Layer) == 0 || len(file.Layer) > mostFiles {
		return nil, badinput.Errorf("%s: want one [[layer]] for each layer, at most %d, got %d", a.Plan.Name, mostFiles, len(file.Layer))
	}
	for n, settings := range file.Layer {
		l := layer{Scale: 1, Opacity: 1, Blend: blendOver}
		for key, value := range settings {
			if err := l.setOne(key, fmt.Sprint(value)); err != nil {
				return nil, badinput.Errorf("%s: layer %d: %w", a.Plan.Name, n+1, err)
			}
		}
		f, ok := fileNamed(a.Layer, l.File)
		if !ok {
			return nil, badinput.Errorf("%s: layer %d: want the file %q as well: --layer FILE", a.Plan.Name, n+1, l.File)
		}
		l.index = slices.IndexFunc(a.Layer, func(g File) bool { return g.Name == f.Name })
		all = append(all, l)
	}
	return all, nil
}

// unused refuses files that no layer names.
func (a Collage) unused(layers []layer) error {
	for _, m := range a.Mask {
		if !slices.ContainsFunc(layers, func(l layer) bool { f, ok := fileNamed(a.Mask, l.Mask); return ok && l.Mask != "" && f.Name == m.Name }) {
			return registry.Unfit("mask", fmt.Sprintf("no layer has the mask %s: want --place mask=%s, or mask in the plan", m.Name, filepath.Base(m.Name)))
		}
	}
	for i, f := range a.Layer {
		if !slices.ContainsFunc(layers, func(l layer) bool { return a.Layer[l.index].Name == f.Name || l.index == i }) {
			return registry.Unfit("layer", fmt.Sprintf("the plan has no layer of %s", f.Name))
		}
	}
	return nil
}

// fileNamed is the file of a name, or else the only one of that name in any folder.
func fileNamed(files Files, name string) (File, bool) {
	for _, f := range files {
		if f.Name == name {
			return f, true
		}
	}
	for _, f := range files {
		if filepath.Base(f.Name) == filepath.Base(name) {
			return f, true
		}
	}
	return File{}, false
}

// set reads settings such as x=40,y=20.
func (l *layer) set(text string) error {
	seen := map[string]bool{}
	for word := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(word), "=")
		key = strings.TrimSpace(key)
		switch {
		case seen[key]:
			return badinput.Errorf("place: %s is set twice in %q: want it once", key, text)
		case key == "file":
			return badinput.Errorf("place: file belongs to a plan: the files of layers are those of --layer, in order")
		}
		seen[key] = true
		if err := l.setOne(key, strings.TrimSpace(value)); err != nil {
			return badinput.Errorf("place: %w", err)
		}
	}
	return nil
}

// setOne sets a setting by its name.
func (l *layer) setOne(key, value string) (err error) {
	numbers := map[string]*float64{"x": &l.X, "y": &l.Y, "scale": &l.Scale, "rotate": &l.Rotate, "opacity": &l.Opacity, "harmonise": &l.Harmonise}
	words := map[string]*string{"file": &l.File, "mask": &l.Mask, "blend": &l.Blend}
	switch {
	case numbers[key] != nil:
		*numbers[key], err = strconv.ParseFloat(value, 64)
	case words[key] != nil:
		*words[key] = value
	case key == "order":
		l.Order, err = strconv.Atoi(value)
	default:
		return badinput.Errorf("no setting %q; %s", key, registry.Suggest(key, []string{"x", "y", "scale", "rotate", "opacity", "blend", "mask", "harmonise", "order"}))
	}
	if err != nil {
		return badinput.Errorf("%s: want a number, got %q", key, value)
	}
	return nil
}

// check reports a setting that is out of range.
func (l *layer) check() error {
	blends := Blends()
	in := func(v, low, high float64) bool { return v >= low && v <= high } // and a number
	switch {
	case !in(l.X, -mostLayerPixel, mostLayerPixel) || !in(l.Y, -mostLayerPixel, mostLayerPixel):
		return badinput.Errorf("x, y: want -%d to %d pixels, got %g, %g", mostLayerPixel, mostLayerPixel, l.X, l.Y)
	case !in(l.Scale, leastLayerScale, mostLayerScale):
		return badinput.Errorf("scale: want %g to %d, got %g", leastLayerScale, mostLayerScale, l.Scale)
	case !in(l.Rotate, -360, 360):
		return badinput.Errorf("rotate: want -360 to 360 degrees, got %g", l.Rotate)
	case !in(l.Opacity, 0, 1):
		return badinput.Errorf("opacity: want 0 to 1, got %g", l.Opacity)
	case !in(l.Harmonise, 0, 1):
		return badinput.Errorf("harmonise: want 0 to 1, got %g", l.Harmonise)
	case !slices.Contains(blends, l.Blend):
		return badinput.Errorf("no blend %q; %s", l.Blend, registry.Suggest(l.Blend, blends))
	}
	return nil
}

// placed is the layer alone on a canvas, nil if nothing of it lies there.
func (l *layer) placed(img *image.NRGBA, canvas image.Rectangle) (*image.NRGBA, error) {
	size := img.Rect.Size()
	w, h := float64(size.X)*l.Scale, float64(size.Y)*l.Scale
	if w > mostLayerPixel || h > mostLayerPixel {
		return nil, badinput.Errorf("scale: %g makes it %.0f×%.0f pixels, which is too large", l.Scale, w, h)
	}
	sin, cos := math.Sincos(l.Rotate * math.Pi / 180)
	middleX, middleY := l.X+w/2, l.Y+h/2
	m := f64.Aff3{
		l.Scale * cos, -l.Scale * sin, middleX - cos*w/2 + sin*h/2,
		l.Scale * sin, l.Scale * cos, middleY - sin*w/2 - cos*h/2,
	}
	spanX, spanY := math.Abs(cos)*w/2+math.Abs(sin)*h/2, math.Abs(sin)*w/2+math.Abs(cos)*h/2
	box := image.Rect(int(math.Floor(middleX-spanX)), int(math.Floor(middleY-spanY)), int(math.Ceil(middleX+spanX)), int(math.Ceil(middleY+spanY)))
	if box = box.Intersect(canvas); box.Empty() {
		return nil, nil
	}
	out := image.NewNRGBA(canvas)
	if l.Scale == 1 && l.Rotate == 0 && l.X == math.Trunc(l.X) && l.Y == math.Trunc(l.Y) {
		draw.Draw(out, img.Rect.Add(image.Pt(int(l.X), int(l.Y))), img, image.Point{}, draw.Src)
		return out, nil
	}
	// A transparent rim lets the edges be drawn smoothly; a cubic would ring there.
	rim := image.NewNRGBA(img.Rect.Inset(-2))
	draw.Draw(rim, img.Rect, img, img.Rect.Min, draw.Src)
	scaling.BiLinear.Transform(out, m, rim, rim.Rect, draw.Over, nil)
	return out, nil
}
