package ported

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

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
