package app

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/png"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/mesh"
	"atelier/internal/picture"
	"atelier/internal/registry"
	"atelier/model/terrain"
)

func init() {
	Apps.Add("terrain", "make a landscape: heights in 16 bits, the ground that lies on them, and a 3-D model",
		func() App {
			return &Terrain{Size: "512", Seed: 1, Erosion: 0.3, Snow: 0.8, Steep: 0.7, Relief: 0.16, Grid: 192}
		})
}

// Terrain makes landscapes.
type Terrain struct {
	Like    File    `accept:"image/*" help:"picture of heights, white the highest, whose pieces the landscape is made of; if empty, mountains that come with the program"`
	Size    string  `help:"width and height in points, such as 512 or 1024x512"`
	Seed    uint64  `help:"seed: the same gives the same landscape"`
	Erosion float64 `min:"0" max:"4" help:"drops of water for each point that carry ground downhill; 0 leaves the pieces as they are"`
	Water   float64 `min:"0" max:"0.9" help:"height of the water, as a share of that of the landscape; 0 for none"`
	Snow    float64 `min:"0" max:"1" help:"height above which snow lies, likewise"`
	Steep   float64 `min:"0.05" max:"4" help:"slope above which rock is bare: 1 is 45 degrees"`
	Relief  float64 `min:"0.01" max:"2" help:"height of the landscape as a share of its longer side, for slopes and the 3-D model"`
	Grid    int     `min:"8" max:"1024" help:"number of points along the longer side of the 3-D model"`
	As      string  `enum:"heights,splat,colours,glb" help:"heights (16 bits), splat (sand, grass, rock and snow as red, green, blue and alpha), colours (as seen from above) or glb; if empty, by the extension of the file, or all of them in a folder"`
}

// What a landscape is given out as.
const (
	asHeights = "heights"
	asSplat   = "splat"
	asColours = "colours"
	asGLB     = "glb"
)

var terrainFormats = []string{formatPNG, formatGLB}

// Example implements [App].
func (a Terrain) Example() string { return "--size 1024x512 --water 0.2 -o island/" }

// mostTerrain is the size limit of landscapes, in points.
const mostTerrain = 1 << 24

// Check implements [Checker].
func (a Terrain) Check(out Out) error {
	size, err := parseSizeIn("size", a.Size, "points, such as 512 or 1024x512")
	switch {
	case err != nil:
		return err
	case min(size.X, size.Y) < 2 || size.X > mostTerrain/size.Y:
		return registry.Unfit("size", fmt.Sprintf("want 2 points or more on a side, and at most %d in all, got %s", mostTerrain, a.Size))
	case out.Apart:
		return nil
	}
	format, err := formatFor("", out.File, terrainFormats)
	if err == nil && out.File != "" && a.As != "" && (a.As == asGLB) != (format == formatGLB) {
		err = registry.Unfit("as", fmt.Sprintf("%s was requested, but %s is the name of a %s", a.As, out.File, format))
	}
	return err
}

// parts are what is given out.
func (a Terrain) parts(out Out) []string {
	switch {
	case a.As != "":
		return []string{a.As}
	case out.Apart:
		return []string{asSplat, asColours, asGLB, asHeights}
	}
	if format, err := formatFor("", out.File, terrainFormats); err == nil && format == formatGLB {
		return []string{asGLB}
	}
	return []string{asHeights}
}

// Run implements [App].
func (a Terrain) Run(ctx context.Context, env *Env) error {
	size, err := parseSizeIn("size", a.Size, "points, such as 512 or 1024x512")
	if err != nil {
		return err
	}
	parts := a.parts(env.Out)
	var names []string
	for _, part := range parts {
		file := part + extensions[formatPNG][0]
		if part == asGLB {
			file = "mesh" + extensions[formatGLB][0]
		}
		names = append(names, fmt.Sprintf("terrain-%06d-%s", a.Seed, file))
	}
	if err := env.expect(names...); err != nil {
		return err
	}
	if err := affordable(fmt.Sprintf("size: a landscape of %s points", a.Size), size.X*size.Y); err != nil {
		return err
	}
	example, err := a.example(env)
	if err != nil {
		return err
	}
	f, err := terrain.Quilt(ctx, example, size.X, size.Y, a.Seed, env.part(0, 2))
	if err != nil {
		return err
	}
	if err := f.Erode(ctx, a.Erosion, a.Seed, env.part(1, 2)); err != nil {
		return err
	}
	for i, part := range parts {
		alone := a
		alone.As = part
		it := data.Item{Name: names[i], MediaType: "image/png"}
		if it.Bytes, err = a.file(f, part); err != nil {
			return err
		}
		if part == asGLB {
			it.MediaType = glbType
		}
		if err := env.emit(alone, nil, it, []uint64{a.Seed}); err != nil {
			return err
		}
	}
	return nil
}

// example is the landscape whose pieces are taken.
func (a Terrain) example(env *Env) (*terrain.Field, error) {
	if !a.Like.Given() {
		return terrain.Hills()
	}
	file, err := picture.Open(a.Like.Bytes)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", a.Like.Name, err)
	}
	img, err := file.Decode()
	if err != nil {
		return nil, badinput.Errorf("%s: %w", a.Like.Name, err)
	}
	if !file.Deep() {
		env.say("%s has 8 bits, which is 256 heights: slopes may have steps", a.Like.Name)
	}
	f, err := terrain.FromPicture(img)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", a.Like.Name, err)
	}
	return f, nil
}

// ground says what lies where.
func (a Terrain) ground(f *terrain.Field) terrain.Ground {
	return terrain.Ground{Water: a.Water, Snow: a.Snow, Steep: a.Steep, Factor: a.Relief * float64(max(f.W, f.H))}
}

// file is one of the parts.
func (a Terrain) file(f *terrain.Field, part string) ([]byte, error) {
	var img image.Image
	switch part {
	case asGLB:
		return a.glb(f)
	case asSplat:
		img = a.ground(f).Splat(f)
	case asColours:
		img = a.ground(f).Colours(f, true)
	default:
		img = f.Picture()
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

// Sizes of 3-D models of landscapes.
const (
	terrainSide    = 10.0 // metres along the longer side
	terrainTexture = 1024 // pixels along it
)

// glb is the 3-D model: the surface in the colours of its ground, and the water.
func (a Terrain) glb(f *terrain.Field) ([]byte, error) {
	longest := max(f.W, f.H)
	points := min(a.Grid, longest)
	w, h := max(2, f.W*points/longest), max(2, f.H*points/longest)
	metre := float32(terrainSide) / float32(longest-1)
	wide, deep, high := metre*float32(f.W-1), metre*float32(f.H-1), float32(terrainSide*a.Relief)
	surface := mesh.Part{Name: "ground"}
	factor := float64(high) / float64(metre)
	for y := range h {
		for x := range w {
			u, v := float32(x)/float32(w-1), float32(y)/float32(h-1)
			height, normal := f.Surface(float64(u), float64(v), factor)
			surface.Add(mesh.Vec{(u - 0.5) * wide, float32(height) * high, (v - 0.5) * deep}, mesh.Vec(normal).Unit(), [2]float32{u, v})
		}
	}
	for y := range uint32(h - 1) {
		for x := range uint32(w - 1) {
			i, below := y*uint32(w)+x, (y+1)*uint32(w)+x
			surface.Triangles = append(surface.Triangles, [3]uint32{i, below, i + 1}, [3]uint32{i + 1, below, below + 1})
		}
	}
	texture := a.ground(f)
	texture.Water = 0 // which has a surface of its own
	var b bytes.Buffer
	if err := png.Encode(&b, reduced(texture.Colours(f, false), terrainTexture)); err != nil {
		return nil, err
	}
	white := mesh.Vec{1, 1, 1}
	scene := &mesh.Scene{Name: cmp.Or(stemOf(a.Like.Name, ""), "terrain"), Materials: []mesh.Material{{Name: "ground", Texture: b.Bytes(), Colour: white, Roughness: 0.95}}, Parts: []mesh.Part{surface}}
	if a.Water > 0 {
		scene.Materials = append(scene.Materials, mesh.Material{Name: "water", Colour: mesh.Vec{mesh.Linear(50), mesh.Linear(104), mesh.Linear(142)}, Roughness: 0.1})
		water := mesh.Part{Name: "water", Material: 1}
		level := float32(a.Water) * high
		water.Quad([4]mesh.Vec{{-wide / 2, level, deep / 2}, {wide / 2, level, deep / 2}, {wide / 2, level, -deep / 2}, {-wide / 2, level, -deep / 2}}, [4][2]float32{{0, 1}, {1, 1}, {1, 0}, {0, 0}})
		scene.Parts = append(scene.Parts, water)
	}
	return scene.GLB()
}
