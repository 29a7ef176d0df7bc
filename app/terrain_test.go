package app

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/mesh"
	"atelier/internal/picture"
	"atelier/model/terrain"
)

func terrainOf(change func(*Terrain)) *Terrain {
	a := &Terrain{Size: "96x64", Seed: 1, Erosion: 0.3, Snow: 0.8, Steep: 0.7, Relief: 0.16, Grid: 48}
	change(a)
	return a
}

// A landscape has 16 bits, comes in parts that are each made again from their labels, and in a
// model without errors.
func TestTerrain(t *testing.T) {
	env, items, _ := onePicture(Out{Apart: true})
	if err := Run(t.Context(), terrainOf(func(a *Terrain) { a.Water = 0.3 }), env); err != nil {
		t.Fatal(err)
	}
	if len(*items) != 4 {
		t.Fatalf("%d files", len(*items))
	}
	for _, it := range *items {
		var remade []byte
		inner := *env
		inner.Emit = nil
		again, err := Reproduce(t.Context(), &inner, File{Name: it.Name, Bytes: it.Bytes}, nil, nil)
		if err == nil {
			remade = again.Item.Bytes
		}
		if !bytes.Equal(remade, it.Bytes) {
			t.Errorf("%s is not made again: %v", it.Name, err)
		}
	}
	heights := (*items)[3]
	img, err := png.Decode(bytes.NewReader(heights.Bytes))
	if grey, ok := img.(*image.Gray16); err != nil || !ok || grey.Rect.Size() != image.Pt(96, 64) {
		t.Errorf("%s is %T, %v", heights.Name, img, err)
	}
	if _, _, err := mesh.Chunks((*items)[2].Bytes); err != nil {
		t.Error(err)
	}
}

// Pieces are those of the picture of heights that is given.
func TestTerrainLike(t *testing.T) {
	f := terrain.New(64, 64)
	for i := range f.Heights {
		f.Heights[i] = float32(i%64) / 63 // a ramp: every piece of it is one
	}
	var b bytes.Buffer
	if err := png.Encode(&b, f.Picture()); err != nil {
		t.Fatal(err)
	}
	a := terrainOf(func(a *Terrain) { a.Like, a.Erosion, a.As = File{Name: "ramp.png", Bytes: b.Bytes()}, 0, asHeights })
	made, err := png.Decode(bytes.NewReader(filesOf(t, a, Out{File: "x.png"})["terrain-000001-heights.png"]))
	if err != nil {
		t.Fatal(err)
	}
	grey := made.(*image.Gray16)
	steps := map[bool]bool{}
	for x := 1; x < 40; x++ {
		steps[int(grey.Gray16At(x, 20).Y)-int(grey.Gray16At(x-1, 20).Y) > 0] = true
	}
	if len(steps) != 1 {
		t.Error("what was made of a ramp goes up and down")
	}
	for want, change := range map[string]func(*Terrain){
		"grey.png: it is of one brightness": func(a *Terrain) {
			a.Like = fileOf(t, "grey.png", picture.PNG, filledWith(color.NRGBA{90, 90, 90, 255}, image.Pt(50, 50)))
		},
		"small.png: it has 9×9 pixels": func(a *Terrain) { a.Like = fileOf(t, "small.png", picture.PNG, scene(9, 9)) },
		"size: want":                   func(a *Terrain) { a.Size = "1x1" },
		"as: glb was requested":        func(a *Terrain) { a.As = asGLB },
	} {
		env, items, _ := onePicture(Out{File: "x.png"})
		if err := Run(t.Context(), terrainOf(change), env); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) || len(*items) > 0 {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

// The validator of Khronos finds nothing wrong with the model.
func TestTerrainValid(t *testing.T) {
	folder := os.Getenv("ATELIER_GLTF")
	if _, err := exec.LookPath("node"); err != nil || folder == "" {
		t.Skip("needs node, and a folder with npm's gltf-validator in ATELIER_GLTF")
	}
	glb := filesOf(t, terrainOf(func(a *Terrain) { a.Water = 0.3 }), Out{File: "x.glb"})["terrain-000001-mesh.glb"]
	file := filepath.Join(t.TempDir(), "x.glb")
	if err := os.WriteFile(file, glb, 0o666); err != nil {
		t.Fatal(err)
	}
	const script = `require(process.argv[1]+"/node_modules/gltf-validator").validateBytes(new Uint8Array(require("fs").readFileSync(process.argv[2]))).then(r => console.log("errors "+r.issues.numErrors+" warnings "+r.issues.numWarnings))`
	said, err := exec.CommandContext(t.Context(), "node", "-e", script, folder, file).CombinedOutput()
	if err != nil || strings.TrimSpace(string(said)) != "errors 0 warnings 0" {
		t.Errorf("%v: %s", err, said)
	}
}
