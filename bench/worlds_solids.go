package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/png"
	"math"
	"slices"

	"golang.org/x/image/draw"

	"atelier/app"
	"atelier/data"
	"atelier/internal/mesh"
)

func init() { addWorlds("solid", solids) }

// solids measures 3-D models as their files hold them: whether they are closed, how well outlines
// follow pictures, and how large files are.
func solids(ctx context.Context, on *Machine, emit func(Row)) error {
	all := slices.Concat(scenes, things)
	open, overlap := 0, 0.0
	var sizes [2]float64 // GLB and USDZ of reliefs
	for _, name := range all {
		img, err := photo(name, photoSide)
		if err != nil {
			return err
		}
		relief, cut := app.New[*app.Relief](), silhouette(img)
		for i, format := range []string{"usdz", "glb"} {
			relief.Format = format
			file, err := solidOf(ctx, on, relief, img)
			if err != nil {
				return err
			}
			sizes[i] += float64(len(file)) / 1024 / float64(len(all))
			if format == "glb" {
				parts, err := partsOf(file)
				if err != nil {
					return err
				}
				open += mesh.OpenSides(parts...)
			}
		}
		standee := app.New[*app.Standee]()
		standee.Format, standee.Foot = "glb", 0
		file, err := solidOf(ctx, on, standee, cut)
		if err != nil {
			return err
		}
		parts, err := partsOf(file)
		if err != nil {
			return err
		}
		open += mesh.OpenSides(parts...)
		overlap += overlapOf(parts[0], cut) / float64(len(all))
	}
	emit(notAbove("solid, open sides of triangles of reliefs and standees", float64(open), "", 0, 2*len(all)))
	emit(notBelow("standee, mean IoU of the board and what is opaque", overlap, "", 0.97, len(all)))
	emit(notAbove("relief, mean size of a GLB", sizes[1], "KiB", 2048, len(all)))
	emit(notAbove("relief, mean size of a USDZ", sizes[0], "KiB", 6144, len(all)))
	return nil
}

// silhouette makes all of a photo transparent that is not lighter than its mean once details are
// gone: an outline with islands, holes and thin places, as wide as an edge of a cut-out.
func silhouette(img *image.NRGBA) *image.NRGBA {
	const detail = 8
	size := img.Rect.Size()
	small := image.NewNRGBA(image.Rect(0, 0, size.X/detail, size.Y/detail))
	draw.CatmullRom.Scale(small, small.Rect, img, img.Rect, draw.Src, nil)
	mean := 0
	for i := 0; i < len(small.Pix); i += 4 {
		mean += int(small.Pix[i+1])
	}
	mean /= len(small.Pix) / 4
	out := image.NewNRGBA(img.Rect)
	draw.CatmullRom.Scale(out, out.Rect, small, small.Rect, draw.Src, nil)
	for i := 0; i < len(out.Pix); i += 4 {
		alpha := uint8(min(max(128+8*(int(out.Pix[i+1])-mean), 0), 255))
		copy(out.Pix[i:], img.Pix[i:i+3])
		out.Pix[i+3] = alpha
	}
	return out
}

// solidOf runs an app on a picture.
func solidOf(ctx context.Context, on *Machine, a app.App, img image.Image) (made []byte, err error) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, err
	}
	file := app.File{Name: "photo.png", Bytes: b.Bytes()}
	switch a := a.(type) {
	case *app.Relief:
		a.Picture = file
	case *app.Standee:
		a.Picture = file
	}
	err = app.Run(ctx, a, &app.Env{Studio: on.Studio, Emit: func(it data.Item) error { made = it.Bytes; return nil }})
	return made, err
}

// partsOf reads the triangles of a GLB with places on its texture.
func partsOf(file []byte) (all []mesh.Part, err error) {
	text, data, err := mesh.Chunks(file)
	if err != nil {
		return nil, err
	}
	var g struct {
		Meshes []struct {
			Primitives []struct {
				Attributes map[string]int
				Indices    int
			}
		}
		Accessors   []struct{ BufferView, ComponentType, Count int }
		BufferViews []struct{ ByteOffset int }
	}
	if err := json.Unmarshal(text, &g); err != nil {
		return nil, err
	}
	floats := func(accessor, n int) (out []float32) {
		a := g.Accessors[accessor]
		from := data[g.BufferViews[a.BufferView].ByteOffset:]
		for i := range a.Count * n {
			out = append(out, math.Float32frombits(binary.LittleEndian.Uint32(from[4*i:])))
		}
		return out
	}
	for _, m := range g.Meshes {
		for _, p := range m.Primitives {
			var part mesh.Part
			points := floats(p.Attributes["POSITION"], 3)
			for i := 0; i < len(points); i += 3 {
				part.Points = append(part.Points, mesh.Vec(points[i:i+3]))
			}
			if at, ok := p.Attributes["TEXCOORD_0"]; ok {
				places := floats(at, 2)
				for i := 0; i < len(places); i += 2 {
					part.Places = append(part.Places, [2]float32(places[i:i+2]))
				}
			}
			a := g.Accessors[p.Indices]
			from := data[g.BufferViews[a.BufferView].ByteOffset:]
			for i := 0; i < a.Count; i += 3 {
				var t [3]uint32
				for k := range t {
					if a.ComponentType == 5123 { // unsigned short
						t[k] = uint32(binary.LittleEndian.Uint16(from[2*(i+k):]))
					} else {
						t[k] = binary.LittleEndian.Uint32(from[4*(i+k):])
					}
				}
				part.Triangles = append(part.Triangles, t)
			}
			all = append(all, part)
		}
	}
	return all, nil
}

// overlapOf is the intersection over union of the triangles that face the viewer, where they lie on
// the texture, and the pixels that are more opaque than not.
func overlapOf(faces mesh.Part, img *image.NRGBA) float64 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	covered := make([]bool, w*h)
	for _, t := range faces.Triangles {
		var p [3][2]float64
		for k, i := range t {
			p[k] = [2]float64{float64(faces.Places[i][0])*float64(w) - 0.5, float64(faces.Places[i][1])*float64(h) - 0.5}
		}
		cover(covered, w, h, p)
	}
	both, either := 0, 0
	for i, in := range covered {
		opaque := img.Pix[4*i+3] >= 128
		if in && opaque {
			both++
		}
		if in || opaque {
			either++
		}
	}
	return float64(both) / float64(max(1, either))
}

// cover marks the pixels whose middle is in a triangle.
func cover(covered []bool, w, h int, p [3][2]float64) {
	low, high := p[0], p[0]
	for _, q := range p[1:] {
		for i := range q {
			low[i], high[i] = min(low[i], q[i]), max(high[i], q[i])
		}
	}
	for y := max(0, int(math.Ceil(low[1]))); y <= min(h-1, int(high[1])); y++ {
		for x := max(0, int(math.Ceil(low[0]))); x <= min(w-1, int(high[0])); x++ {
			side := func(a, b [2]float64) float64 {
				return (b[0]-a[0])*(float64(y)-a[1]) - (b[1]-a[1])*(float64(x)-a[0])
			}
			a, b, c := side(p[0], p[1]), side(p[1], p[2]), side(p[2], p[0])
			if a >= 0 && b >= 0 && c >= 0 || a <= 0 && b <= 0 && c <= 0 {
				covered[y*w+x] = true
			}
		}
	}
}
