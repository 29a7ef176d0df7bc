package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bep/imagemeta"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/mesh"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/internal/rooms"
	"atelier/model/patch"
)

// pierced is a transparent picture with a ring on it, and a speck beside it.
func pierced(side int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			dx, dy := x-side/2, y-side/2
			if r := dx*dx + dy*dy; r < side*side/6 && r > side*side/40 {
				img.SetNRGBA(x, y, color.NRGBA{uint8(180 + x%60), 60, uint8(y % 200), 255})
			}
		}
	}
	img.SetNRGBA(1, 1, color.NRGBA{255, 255, 255, 255})
	return img
}

// worlds are requests of all apps that make solids, panoramas and rooms, small, in all formats.
func worlds(t *testing.T) map[string]App {
	t.Helper()
	photo, ringed := fileOf(t, "hills.jpg", picture.JPEG, scene(96, 64)), fileOf(t, "ring.png", picture.PNG, pierced(64))
	all := map[string]App{}
	for _, format := range solidFormats {
		relief := New[*Relief]()
		relief.Picture, relief.Grid, relief.Format = photo, 24, format
		standee := New[*Standee]()
		standee.Picture, standee.Format = ringed, format
		all["relief."+format], all["standee."+format] = relief, standee
	}
	byMap := New[*Relief]()
	byMap.Picture, byMap.Height, byMap.Invert, byMap.Format = photo, fileOf(t, "depth.png", picture.PNG, scene(48, 32)), true, formatGLB
	all["relief by a map.glb"] = byMap
	for _, format := range exhibitFormats {
		exhibit := New[*Exhibit]()
		exhibit.Pictures, exhibit.Title, exhibit.Caption, exhibit.Format = Files{photo, ringed}, "Two & more", Strings{"The hills"}, format
		drawn := New[*Exhibit]()
		drawn.From, drawn.N, drawn.Format = clothes, 3, format
		all["exhibit."+format], all["exhibit of a run."+format] = exhibit, drawn
	}
	return all
}

// made is what an app makes, alone in its environment.
func made(t *testing.T, a App, out Out) (items []data.Item, said []string, env *Env) {
	t.Helper()
	env, all, lines := onePicture(out)
	env.Studio.Runs, env.Studio.Backend, env.Studio.Kernels = shared(t).Runs, shared(t).Backend, shared(t).Kernels
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatalf("%s: %v", Name(a), err)
	}
	return *all, *lines, env
}

// Each makes one labelled work of its format, which is made again from its label.
func TestWorlds(t *testing.T) {
	for name, a := range worlds(t) {
		items, _, env := made(t, a, Out{})
		if len(items) != 1 || !strings.HasSuffix(items[0].Name, filepath.Ext(name)) {
			t.Fatalf("%s: %d works, the first %s", name, len(items), items[0].Name)
		}
		label, err := provenance.Read(items[0].Bytes)
		if err != nil || label.Settings[appSetting] != Name(a) {
			t.Fatalf("%s: label %+v, error %v", name, label, err)
		}
		if ofRun := strings.Contains(name, "run"); ofRun != (label.Run == clothes) || ofRun != (label.Source == provenance.Generated) {
			t.Errorf("%s: run %q, source %q", name, label.Run, label.Source)
		}
		again, err := Reproduce(t.Context(), env, File{Name: items[0].Name, Bytes: items[0].Bytes}, nil, givenBy(a))
		if err != nil || !again.Same {
			t.Errorf("%s: made again, it differs: %v, error %v", name, again, err)
		}
		if filepath.Ext(name) == ".glb" {
			if _, _, err := mesh.Chunks(items[0].Bytes); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestAgainstKhronos: the validator of Khronos finds neither errors nor warnings in any model, and
// three opens those for phones of Apple.
func TestAgainstKhronos(t *testing.T) {
	folder := os.Getenv("ATELIER_GLTF")
	node, err := exec.LookPath("node")
	if folder == "" || err != nil {
		t.Skip("ATELIER_GLTF names no folder with the npm packages gltf-validator and three in it")
	}
	script, err := os.ReadFile(filepath.Join("testdata", "solids.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(folder, "atelier-solids.mjs") // where its imports are found
	if err := os.WriteFile(copied, script, 0o666); err != nil {
		t.Fatal(err)
	}
	args, dir := []string{copied}, t.TempDir()
	for name, a := range worlds(t) {
		if filepath.Ext(name) == ".html" {
			continue
		}
		items, _, _ := made(t, a, Out{})
		path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		if err := os.WriteFile(path, items[0].Bytes, 0o666); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	out, err := exec.CommandContext(t.Context(), node, args...).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errorOutput(err))
	}
	read := 0
	for line := range bytes.Lines(out) {
		var r struct {
			File                                   string
			Errors, Warnings, Triangles, Materials int
			Messages                               []string
			Textured                               int
			High                                   float64
		}
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		read++
		if r.Errors+r.Warnings > 0 || r.Triangles < 10 || r.Textured < 1 {
			t.Errorf("%s", line)
		}
		if ext := filepath.Ext(r.File); ext == ".usdz" && (r.High < 0.19 || r.High > 0.21) {
			t.Errorf("%s is %g m high", r.File, r.High)
		}
	}
	if read != len(args)-1 {
		t.Errorf("%d of %d files were read", read, len(args)-1)
	}
}

func errorOutput(err error) []byte {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.Stderr
	}
	return nil
}

// What is said of a picture that is no cut-out, of parts that are not joined, and of one of which
// nothing can be cut out.
func TestStandees(t *testing.T) {
	a := New[*Standee]()
	a.Picture = fileOf(t, "field.png", picture.PNG, scene(40, 30))
	if _, said, _ := made(t, a, Out{}); !strings.Contains(strings.Join(said, "\n"), "rectangle") {
		t.Errorf("of an opaque picture: %q", said)
	}
	two := image.NewNRGBA(image.Rect(0, 0, 60, 30))
	for y := 5; y < 25; y++ {
		for x := range 15 {
			two.SetNRGBA(5+x, y, color.NRGBA{200, 0, 0, 255})
			two.SetNRGBA(40+x, y, color.NRGBA{0, 0, 200, 255})
		}
	}
	a.Picture = fileOf(t, "two.png", picture.PNG, two)
	if _, said, _ := made(t, a, Out{}); !strings.Contains(strings.Join(said, "\n"), "2 parts") {
		t.Errorf("of two parts: %q", said)
	}
	a.Picture = fileOf(t, "none.png", picture.PNG, image.NewNRGBA(image.Rect(0, 0, 20, 20)))
	env, _, _ := onePicture(Out{})
	if err := Run(t.Context(), a, env); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "none.png") {
		t.Errorf("of nothing: %v", err)
	}
}

// What is behind a transparent edge does not show: the colours of the subject continue there.
func TestBled(t *testing.T) {
	out := bled(pierced(64))
	if !out.Opaque() {
		t.Fatal("it is still transparent")
	}
	for _, at := range []image.Point{{32, 32}, {6, 32}, {40, 4}} {
		if c := out.NRGBAAt(at.X, at.Y); c.R < 150 || c.G > 120 {
			t.Errorf("%v is %v", at, c)
		}
	}
	opaque := scene(10, 10)
	if bled(opaque) != opaque {
		t.Error("an opaque picture is changed")
	}
}

// A relief by a map of other proportions is refused.
func TestReliefHeights(t *testing.T) {
	a := New[*Relief]()
	a.Picture, a.Height = fileOf(t, "a.png", picture.PNG, scene(40, 30)), fileOf(t, "h.png", picture.PNG, scene(30, 40))
	env, _, _ := onePicture(Out{})
	if err := Run(t.Context(), a, env); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "proportions") {
		t.Errorf("%v", err)
	}
}

// The cards say how a picture was made, and an exhibit of generated ones that it shows such.
func TestExhibitOfGenerated(t *testing.T) {
	drawn := &request{App: &Generate{From: clothes, N: 1, Seed: 5, As: files, Truncation: 1, Temperature: 1, TopP: 1}}
	if err := drawn.run(t.Context(), shared(t)); err != nil {
		t.Fatal(err)
	}
	a := New[*Exhibit]()
	a.Pictures = Files{{Name: "one.png", Bytes: drawn.made[0].Bytes}}
	if got := a.originOf(a.Pictures[0]); got != "generated: 0001-clothes, seed 5" {
		t.Errorf("the card says %q", got)
	}
	items, _, _ := made(t, a, Out{})
	if l, err := provenance.Read(items[0].Bytes); err != nil || l.Source != provenance.Composite {
		t.Errorf("source %q, error %v", l.Source, err)
	}
	a.From = clothes
	env, _, _ := onePicture(Out{})
	if err := Run(t.Context(), a, env); !errors.Is(err, badinput.Err) {
		t.Errorf("pictures and a run: %v", err)
	}
	if rooms.MostWide < a.Side {
		t.Error("the usual side does not fit the walls")
	}
}

// smallPanorama is a quick request.
func smallPanorama(t *testing.T) *Panorama {
	a := New[*Panorama]()
	a.Picture, a.Width = fileOf(t, "hills.jpg", picture.JPEG, scene(48, 32)), 256
	return a
}

// A panorama in each format is twice as wide as high, tells viewers that it is one, and is made
// again from its label.
func TestPanorama(t *testing.T) {
	for _, format := range panoramaFormats {
		a := smallPanorama(t)
		a.Format = format
		items, _, env := made(t, a, Out{})
		again, err := Reproduce(t.Context(), env, File{Name: items[0].Name, Bytes: items[0].Bytes}, nil, givenBy(a))
		if err != nil || !again.Same {
			t.Errorf("%s: made again, it differs: %v, error %v", format, again, err)
		}
		if format == formatHTML {
			continue
		}
		if size := pixelsOf(t, items[0].Bytes).Rect.Size(); size != image.Pt(256, 128) {
			t.Errorf("%s: %v", format, size)
		}
		if !bytes.Contains(items[0].Bytes, []byte("<GPano:ProjectionType>equirectangular</GPano:ProjectionType>")) {
			t.Errorf("%s: it does not say that it is a panorama", format)
		}
	}
	a := smallPanorama(t)
	items, _, _ := made(t, a, Out{})
	tags := map[string]any{}
	if _, err := imagemeta.Decode(imagemeta.Options{R: bytes.NewReader(items[0].Bytes), ImageFormat: imagemeta.JPEG, Sources: imagemeta.XMP,
		HandleTag: func(tag imagemeta.TagInfo) error { tags[tag.Tag] = tag.Value; return nil }}); err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string]any{"UsePanoramaViewer": "True", "FullPanoWidthPixels": "256", "CroppedAreaImageHeightPixels": "128"} {
		if tags[tag] != want {
			t.Errorf("%s is %v, want %v", tag, tags[tag], want)
		}
	}
	if across, inside := patch.Seam(pixelsOf(t, items[0].Bytes)); across > 2*inside {
		t.Errorf("the seam differs by %g, columns within by %g", across, inside)
	}
}

// A cube map is six files, each made again alone, or a cross; a run draws the picture itself.
func TestCubeMaps(t *testing.T) {
	a := smallPanorama(t)
	a.As, a.Format = asFaces, formatPNG
	items, _, env := made(t, a, Out{Apart: true})
	if len(items) != 6 || items[0].Name != "hills-px.png" {
		t.Fatalf("%d files, the first %s", len(items), items[0].Name)
	}
	again, err := Reproduce(t.Context(), env, File{Name: items[4].Name, Bytes: items[4].Bytes}, nil, givenBy(a))
	if err != nil || !again.Same {
		t.Errorf("made again, the front differs: %v, error %v", again, err)
	}
	a.As = asCross
	if items, _, _ = made(t, a, Out{}); pixelsOf(t, items[0].Bytes).Rect.Size() != image.Pt(256, 192) {
		t.Error("the cross has another size")
	}
	a.As = asFaces
	if err := Check(a, Out{File: "a.png"}); !errors.Is(err, badinput.Err) {
		t.Errorf("six faces in a file: %v", err)
	}
	ofRun := New[*Panorama]()
	ofRun.From, ofRun.Width, ofRun.Seed = clothes, 256, 3
	items, _, env = made(t, ofRun, Out{})
	label, err := provenance.Read(items[0].Bytes)
	if err != nil || label.Run != clothes || len(label.Seeds) != 1 || label.Seeds[0] != 3 {
		t.Errorf("label %+v, error %v", label, err)
	}
	if again, err := Reproduce(t.Context(), env, File{Name: items[0].Name, Bytes: items[0].Bytes}, nil, nil); err != nil || !again.Same {
		t.Errorf("made again, that of the run differs: %v, error %v", again, err)
	}
}

// A run stands for files where an app says so, and there only.
func TestEither(t *testing.T) {
	for _, a := range []App{New[*Panorama](), New[*Exhibit]()} {
		in := Inputs(a)[0]
		if instead := in.Instead(a); instead == nil || instead.Name != runInput {
			t.Errorf("%s: %v stands for files", Name(a), instead)
		}
		s, err := Schema(Name(a))
		if err != nil || len(s["required"].([]string)) != 0 {
			t.Errorf("%s requires %v", Name(a), s["required"])
		}
		if err := Check(a, Out{}); !errors.Is(err, badinput.Err) {
			t.Errorf("%s without anything: %v", Name(a), err)
		}
	}
	if in := Inputs(New[*Relief]())[0]; in.Instead(New[*Relief]()) != nil {
		t.Error("relief takes a run")
	}
}

// Work is stopped when it is asked to.
func TestWorldsStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	env, items, _ := onePicture(Out{})
	if err := Run(ctx, smallPanorama(t), env); !errors.Is(err, context.Canceled) || len(*items) > 0 {
		t.Errorf("%v, %d works", err, len(*items))
	}
}
