package mesh

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/badinput"
)

// open are the sides of triangles that have no other triangle on them, or one that is turned the
// wrong way, by where their ends are.
func open(parts ...Part) (n int) {
	sides := map[[2]Vec]int{}
	for _, p := range parts {
		for _, t := range p.Triangles {
			for i := range t {
				a, b := p.Points[t[i]], p.Points[t[(i+1)%3]]
				sides[[2]Vec{a, b}]++
				sides[[2]Vec{b, a}]--
			}
		}
	}
	for _, left := range sides {
		if left != 0 {
			n++
		}
	}
	return n
}

// volume is that within closed parts, by the divergence theorem; negative if they are inside out.
func volume(parts ...Part) (sum float64) {
	for _, p := range parts {
		for _, t := range p.Triangles {
			a, b, c := p.Points[t[0]], p.Points[t[1]], p.Points[t[2]]
			n := Cross(b, c)
			sum += float64(a[0]*n[0]+a[1]*n[1]+a[2]*n[2]) / 6
		}
	}
	return sum
}

// A relief is closed, turned outwards, and holds as much as its heights say.
func TestReliefIsClosed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(2, 9).Draw(t, "w"), rapid.IntRange(2, 9).Draw(t, "h")
		f := Field{w, h, rapid.SliceOfN(rapid.Float32Range(0, 1), w*h, w*h).Draw(t, "heights")}
		front, body := f.Relief(0.3, 0.2, 0.01, 0.05)
		if n := open(front, body); n > 0 {
			t.Errorf("%d sides are open", n)
		}
		least, most := 0.3*0.2*0.01, 0.3*0.2*0.06
		if v := volume(front, body); v < least*0.999 || v > most*1.001 {
			t.Errorf("it holds %g, want %g to %g", v, least, most)
		}
	})
}

// A flat field has the volume of a board, and its front looks ahead.
func TestReliefOfNothing(t *testing.T) {
	f := Field{3, 4, make([]float32, 12)}
	front, body := f.Relief(0.3, 0.2, 0.01, 0.05)
	if v := volume(front, body); math.Abs(v-0.3*0.2*0.01) > 1e-8 {
		t.Errorf("volume %g", v)
	}
	for _, n := range front.Normals {
		if n != (Vec{0, 0, 1}) {
			t.Errorf("normal %v", n)
		}
	}
}

// A slope faces away from where it rises.
func TestReliefNormals(t *testing.T) {
	f := Field{3, 3, []float32{0, 0.5, 1, 0, 0.5, 1, 0, 0.5, 1}}
	front, _ := f.Relief(2, 2, 1, 2)
	want := Vec{-1, 0, 1}.Unit()
	if got := front.Normals[4]; math.Abs(float64(got[0]-want[0]))+math.Abs(float64(got[2]-want[2])) > 1e-6 || got[1] != 0 {
		t.Errorf("normal %v, want %v", got, want)
	}
}

func TestBlurredKeepsTheMean(t *testing.T) {
	f := Field{21, 21, make([]float32, 441)}
	f.Heights[220] = 1
	sum := float32(0)
	for _, v := range f.Blurred(1.5).Heights {
		sum += v
	}
	if math.Abs(float64(sum)-1) > 1e-4 {
		t.Errorf("the sum is %g", sum)
	}
}

// ring is a picture of a ring.
func ring(side int, outer, inner float64) Field {
	f := Field{side, side, make([]float32, side*side)}
	for i := range f.Heights {
		r := math.Hypot(float64(i%side)-float64(side-1)/2, float64(i/side)-float64(side-1)/2)
		f.Heights[i] = float32(min(max(outer-r+0.5, 0), 1) * min(max(r-inner+0.5, 0), 1))
	}
	return f
}

// The outline of a ring is two circles of the right areas, and what is cut from it is closed.
func TestOutlines(t *testing.T) {
	loops := ring(64, 25, 10).Outlines()
	regions := Regions(loops, 10)
	if len(regions) != 1 || len(regions[0].Holes) != 1 {
		t.Fatalf("%d loops, %d regions", len(loops), len(regions))
	}
	outer, inner := regions[0].Outer.Area(), -regions[0].Holes[0].Area()
	if math.Abs(outer/(math.Pi*25*25)-1) > 0.01 || math.Abs(inner/(math.Pi*10*10)-1) > 0.02 {
		t.Errorf("areas %g and %g", outer, inner)
	}
	up := func(l Loop) (out Loop) {
		for i := range l {
			p := point{l[len(l)-1-i][0], -l[len(l)-1-i][1]}
			out = append(out, p)
		}
		return out
	}
	r := Region{up(regions[0].Outer.Simplified(0.3)), []Loop{up(regions[0].Holes[0].Simplified(0.3))}}
	faces, walls := Extruded([]Region{r}, 2, func([2]float64) [2]float32 { return [2]float32{} })
	if n := open(faces, walls); n > 0 {
		t.Errorf("%d sides are open", n)
	}
	if v, want := volume(faces, walls), 2*math.Pi*(25*25-10*10); math.Abs(v/want-1) > 0.02 {
		t.Errorf("volume %g, want %g", v, want)
	}
}

type point = [2]float64

func (l Loop) at(i int) point { return l[(i+len(l))%len(l)] }

// Whatever is in a picture, its outlines turn around what is inside: their areas sum up to about as
// many pixels as there are.
func TestOutlinesOfNoise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 12).Draw(t, "w"), rapid.IntRange(1, 12).Draw(t, "h")
		f := Field{w, h, rapid.SliceOfN(rapid.SampledFrom([]float32{0, 1}), w*h, w*h).Draw(t, "f")}
		sum, inside, edges := 0.0, 0.0, 0
		for _, l := range f.Outlines() {
			sum += l.Area()
			edges += len(l)
		}
		for _, v := range f.Heights {
			inside += float64(v)
		}
		if math.Abs(sum-inside) > float64(edges)/4 {
			t.Errorf("area %g of %g pixels, %d edges", sum, inside, edges)
		}
		regions := Regions(f.Outlines(), 0)
		kept := 0.0
		for _, r := range regions {
			kept += r.Outer.Area()
			for _, h := range r.Holes {
				kept += h.Area()
			}
		}
		if math.Abs(kept-sum) > 1e-9 {
			t.Errorf("the regions have the area %g, the loops %g", kept, sum)
		}
	})
}

// star is a polygon around a point that does not cross itself.
func star(t *rapid.T, name string, centre point, least, most float64) (l Loop) {
	n := rapid.IntRange(3, 24).Draw(t, name)
	for i := range n {
		r := rapid.Float64Range(least, most).Draw(t, "r")
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		l = append(l, point{centre[0] + r*cos, centre[1] + r*sin})
	}
	return l
}

// The triangles of a region have its area, all are counterclockwise, and they are as many as Euler
// says.
func TestTriangles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Region{Outer: star(t, "outer", point{}, 10, 30)}
		want := r.Outer.Area()
		for i := range rapid.IntRange(0, 3).Draw(t, "holes") {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 3)
			const inscribed = 2.2 // no side of the outer loop comes nearer than 5 to the middle
			hole := star(t, "hole", point{inscribed * cos, inscribed * sin}, 0.3, 1.6)
			want -= hole.Area()
			var turned Loop
			for k := range hole {
				turned = append(turned, hole.at(-1-k))
			}
			r.Holes = append(r.Holes, turned)
		}
		points, sum := r.Points(), 0.0
		triangles := r.Triangles()
		for _, tr := range triangles {
			area := Loop{points[tr[0]], points[tr[1]], points[tr[2]]}.Area()
			if area <= 0 {
				t.Errorf("a triangle has the area %g", area)
			}
			sum += area
		}
		if math.Abs(sum-want) > 1e-6*want {
			t.Errorf("the triangles have the area %g, the region %g", sum, want)
		}
		if most := len(points) - 2 + 2*len(r.Holes); len(triangles) > most {
			t.Errorf("%d triangles of %d points with %d holes; at most %d fit", len(triangles), len(points), len(r.Holes), most)
		}
	})
}

func TestSimplified(t *testing.T) {
	l := Loop{{0, 0}, {1, 0.01}, {2, 0}, {2, 2}, {1, 2.4}, {0, 2}}
	if got := l.Simplified(0.1); len(got) != 5 || got[1] != (point{2, 0}) {
		t.Errorf("%v", got)
	}
}

// board is a scene of two materials.
func board() *Scene {
	front, body := Field{2, 2, make([]float32, 4)}.Relief(0.2, 0.1, 0.01, 0.01)
	body.Material = 1
	jpeg := []byte("\xff\xd8\xff\xe0 not looked into")
	return &Scene{Name: `A "board"`, Parts: []Part{front, body}, Materials: []Material{{Name: "picture", Texture: jpeg, Colour: Vec{1, 1, 1}}, {Name: "body"}}}
}

// A GLB is cut into the chunks it was made of, at multiples of four.
func TestGLB(t *testing.T) {
	file, err := board().GLB()
	if err != nil {
		t.Fatal(err)
	}
	text, data, err := Chunks(file)
	if err != nil || len(file)%4 != 0 || len(data)%4 != 0 {
		t.Fatalf("%d bytes, error %v", len(file), err)
	}
	var g struct {
		Accessors []struct{ Count, BufferView int }
		Buffers   []struct{ ByteLength int }
	}
	if err := json.Unmarshal(text, &g); err != nil || g.Buffers[0].ByteLength > len(data) || g.Accessors[0].Count != 4 {
		t.Errorf("%+v, error %v", g, err)
	}
	if !bytes.Equal(JoinChunks(text, data), file) {
		t.Error("the chunks are joined to another file")
	}
	again, _ := board().GLB()
	if !bytes.Equal(again, file) {
		t.Error("the second file differs")
	}
}

// The files of a USDZ are stored at multiples of 64 bytes, the scene first.
func TestUSDZ(t *testing.T) {
	file, err := board().USDZ()
	if err != nil {
		t.Fatal(err)
	}
	all, err := UnpackUSDZ(file)
	if err != nil || len(all) != 2 || all[0].Name != usdzScene || !IsUSDZ(file) {
		t.Fatalf("%d files, error %v", len(all), err)
	}
	for _, f := range all {
		if at := bytes.Index(file, f.Body); at%usdzAlign != 0 {
			t.Errorf("%s begins at %d", f.Name, at)
		}
	}
	if again, err := PackUSDZ(all); err != nil || !bytes.Equal(again, file) {
		t.Errorf("packed again, it differs; error %v", err)
	}
	for _, want := range []string{`string name = "A \"board\""`, "defaultPrim = \"Root\"", "@textures/0.jpg@", "uniform token subdivisionScheme = \"none\""} {
		if !bytes.Contains(all[0].Body, []byte(want)) {
			t.Errorf("the scene lacks %s", want)
		}
	}
}

// A scene that no file can hold is an error.
func TestBadScenes(t *testing.T) {
	for name, change := range map[string]func(*Scene){
		"empty":       func(s *Scene) { s.Parts[0].Triangles = nil },
		"normals":     func(s *Scene) { s.Parts[0].Normals = nil },
		"material":    func(s *Scene) { s.Parts[0].Material = 7 },
		"no places":   func(s *Scene) { s.Parts[0].Places = nil },
		"few colours": func(s *Scene) { s.Parts[0].Colours = []Vec{{}} },
	} {
		s := board()
		change(s)
		if _, err := s.GLB(); err == nil {
			t.Errorf("%s: no error of GLB", name)
		}
		if _, err := s.USDZ(); err == nil {
			t.Errorf("%s: no error of USDZ", name)
		}
	}
}

func FuzzChunks(f *testing.F) {
	file, _ := board().GLB()
	f.Add(file)
	f.Add(file[:20])
	f.Fuzz(func(t *testing.T, file []byte) {
		text, data, err := Chunks(file)
		if err != nil {
			if !errors.Is(err, badinput.Err) {
				t.Errorf("%v", err)
			}
			return
		}
		if len(text)+len(data) > len(file) {
			t.Error("the chunks are longer than the file")
		}
	})
}

func FuzzUnpackUSDZ(f *testing.F) {
	file, _ := board().USDZ()
	f.Add(file)
	bad := bytes.Clone(file)
	binary.LittleEndian.PutUint32(bad[18:], 1<<31)
	f.Add(bad)
	f.Fuzz(func(t *testing.T, file []byte) {
		all, err := UnpackUSDZ(file)
		if err != nil && !errors.Is(err, badinput.Err) {
			t.Errorf("%v", err)
		}
		if err == nil && len(all) == 0 {
			t.Error("no files and no error")
		}
		IsUSDZ(file)
	})
}

func ExampleLoop_Area() {
	fmt.Println(Loop{{0, 0}, {2, 0}, {2, 3}, {0, 3}}.Area())
	// Output: 6
}
