package ported

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"golang.org/x/image/draw"

	"atelier/engine"
	"atelier/internal/netfile"
)

var backend = sync.OnceValue(func() compute.Backend {
	b, err := engine.Open(engine.Options{})
	if err != nil {
		panic(err)
	}
	return b
})

// run is what a network computes of a picture.
func run(t *testing.T, n *netfile.Network, picture []float32, height, width int, names ...string) [][]float32 {
	t.Helper()
	exec, err := graph.NewExec(backend(), func(x *graph.Node) []*graph.Node { return Build(n, x, names...) })
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call(tensors.FromFlatDataAndDimensions(picture, 1, height, width, n.Shape[2]))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]float32
	for _, o := range out {
		all = append(all, tensors.MustCopyFlatData[float32](o))
	}
	return all
}

// A layers model with every operation, of which some weights are quantised, gives what TensorFlow.js gives:
// see testdata/reference.js.
func TestLayers(t *testing.T) {
	n, err := netfile.Open(filepath.Join("testdata", "small"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Picture, Rows, Output []float32 }
	text, err := os.ReadFile(filepath.Join("testdata", "small.json"))
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, n, want.Picture, 13, 11, "rows", n.Output)
	for i, w := range [][]float32{want.Rows, want.Output} {
		if len(got[i]) != len(w) {
			t.Fatalf("%d numbers, want %d", len(got[i]), len(w))
		}
		for k, v := range w {
			if math.Abs(float64(got[i][k]-v)) > 2e-6*max(1, math.Abs(float64(v))) {
				t.Fatalf("number %d is %v, want %v", k, got[i][k], v)
			}
		}
	}
}

// The networks of esrgan-slim enlarge six pictures as in TensorFlow.js, to less than one level. Their
// weights are read where ATELIER_ESRGAN names the folder models of the package.
func TestEnlargesAsTensorFlow(t *testing.T) {
	models := os.Getenv("ATELIER_ESRGAN")
	if models == "" {
		t.Skip("ATELIER_ESRGAN names no folder with the models of the npm package @upscalerjs/esrgan-slim 1.0.0")
	}
	pictures, err := os.ReadFile(filepath.Join("testdata", "pictures.rgb"))
	if err != nil {
		t.Fatal(err)
	}
	const width, height = 24, 20
	for _, scale := range []int{2, 3, 4, 8} {
		n, err := netfile.Open(filepath.Join(models, fmt.Sprint("x", scale)))
		if err != nil {
			t.Fatal(err)
		}
		want, worst := unpacked(t, fmt.Sprintf("enlarged-%dx.rgb.gz", scale)), 0.
		size := width * height * 3
		for i := range len(want) / (size * scale * scale) {
			var picture []float32
			for _, v := range pictures[i*size : (i+1)*size] {
				picture = append(picture, float32(v))
			}
			for k, v := range run(t, n, picture, height, width)[0] {
				level := math.Round(min(max(float64(v), 0), 255))
				worst = max(worst, math.Abs(level-float64(want[i*size*scale*scale+k])))
			}
		}
		if worst > 1 {
			t.Errorf("%d×: %g levels away", scale, worst)
		}
	}
}

// The networks of nsfwjs give the features that they give in TensorFlow.js, to a thousandth. Their weights
// are read where ATELIER_NSFWJS names the folder dist/models of the package.
func TestFeaturesAsTensorFlow(t *testing.T) {
	models := os.Getenv("ATELIER_NSFWJS")
	if models == "" {
		t.Skip("ATELIER_NSFWJS names no folder with the models of the npm package nsfwjs 4.3.0")
	}
	var want map[string]struct{ Rows, Classes []float32 }
	text, err := os.ReadFile(filepath.Join("testdata", "features.json"))
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, side := range map[string]int{"inception_v3": 299, "mobilenet_v2": 224} {
		n, err := netfile.Open(filepath.Join(models, name))
		if err != nil {
			t.Fatal(err)
		}
		picture := make([]float32, side*side*3)
		for i := range picture {
			picture[i] = float32(float64(i*7919%1009) / 1009 * float64(i/(3*side)%64) / 64)
		}
		got := run(t, n, picture, side, side, "flatten_1", n.Output)
		for k, w := range [][]float32{want[name].Rows, want[name].Classes} {
			if d := apart(got[k], w); !(d < 1e-3) {
				t.Errorf("%s: %d numbers, %d wanted, %g apart, relative to their size", name, len(got[k]), len(w), d)
			} else {
				t.Logf("%s: %g apart", name, d)
			}
		}
	}
}

// portrait is a photo of a person of 256×256 pixels, in three bytes a pixel.
func portrait(t *testing.T) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "bench", "photos", "astronaut.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := jpeg.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	small := image.NewNRGBA(image.Rect(0, 0, 256, 256))
	draw.CatmullRom.Scale(small, small.Rect, img, img.Bounds(), draw.Src, nil)
	var out []byte
	for i := 0; i < len(small.Pix); i += 4 {
		out = append(out, small.Pix[i:i+3]...)
	}
	if path := os.Getenv("ATELIER_PORTRAIT"); path != "" {
		if err := os.WriteFile(path, out, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// The networks of MediaPipe find the mask that they find in TFLite, to two levels: see testdata/selfie.html.
// Their weights are read where ATELIER_SELFIE names the folder of the package.
func TestMasksAsTFLite(t *testing.T) {
	picture := portrait(t)
	folder := os.Getenv("ATELIER_SELFIE")
	if folder == "" {
		t.Skip("ATELIER_SELFIE names no folder with the npm package @mediapipe/selfie_segmentation 0.1.1675465747")
	}
	for name, height := range map[string]int{"selfie_segmentation": 256, "selfie_segmentation_landscape": 144} {
		n, err := netfile.Open(filepath.Join(folder, name+".tflite"))
		if err != nil {
			t.Fatal(err)
		}
		var x []float32
		for _, v := range picture[:height*256*3] {
			x = append(x, float32(v)/255)
		}
		got, want, worst := run(t, n, x, height, 256)[0], unpacked(t, name+".gz"), 0.
		if len(got) != len(want) {
			t.Fatalf("%s: %d pixels, want %d", name, len(got), len(want))
		}
		for i, v := range got {
			worst = max(worst, math.Abs(float64(v)*255-float64(want[i])))
		}
		if worst > 2 {
			t.Errorf("%s: %g levels away", name, worst)
		}
		t.Logf("%s: at most %g levels away, half of one by rounding", name, worst)
	}
}

// apart is the length of the difference of two rows, of that of the second.
func apart(a, b []float32) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	difference, size := 0., 0.
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		difference, size = difference+d*d, size+float64(b[i])*float64(b[i])
	}
	return math.Sqrt(difference / size)
}

func unpacked(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
