package app

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/noise"
	"atelier/internal/picture"
)

// tinyEnlarger writes the weights of a network of four channels that doubles the sides of pictures, as
// TensorFlow.js keeps it.
func tinyEnlarger(t *testing.T) string {
	t.Helper()
	dir, layers, weights, before := t.TempDir(), []string{}, []string{}, "LR"
	var numbers []byte
	layers = append(layers, `{"class_name":"InputLayer","name":"LR","config":{"batch_input_shape":[null,null,null,3]}}`)
	for k, l := range []struct {
		name          string
		size, in, out int
	}{{"F_m1", 3, 3, 4}, {"LFF_1", 1, 4, 4}, {"GFF_1", 1, 4, 4}, {"UPN1", 5, 4, 4}, {"UPsample", 0, 0, 0}, {"SR", 3, 4, 3}} {
		class, config := "Conv2D", fmt.Sprintf(`"kernel_size":[%d,%[1]d],"strides":[1,1],"padding":"same"`, l.size)
		if l.size == 0 {
			class, config = "UpSampling2D", `"size":[2,2]`
		}
		layers = append(layers, fmt.Sprintf(`{"class_name":%q,"name":%q,"config":{%s},"inbound_nodes":[[[%q,0,0,{}]]]}`, class, l.name, config, before))
		if before = l.name; l.size == 0 {
			continue
		}
		weights = append(weights, fmt.Sprintf(`{"name":"%s/kernel","shape":[%d,%d,%d,%d],"dtype":"float32"},{"name":"%[1]s/bias","shape":[%[5]d],"dtype":"float32"}`, l.name, l.size, l.size, l.in, l.out))
		values := make([]float32, l.size*l.size*l.in*l.out+l.out)
		noise.Normals(values, 5, uint64(k))
		for _, v := range values {
			numbers = binary.LittleEndian.AppendUint32(numbers, math.Float32bits(v/float32(l.size)/2))
		}
	}
	text := fmt.Sprintf(`{"modelTopology":{"class_name":"Functional","config":{"layers":[%s],"input_layers":[["LR",0,0]],"output_layers":[["SR",0,0]]}},
"weightsManifest":[{"paths":["group1-shard1of1.bin"],"weights":[%s]}]}`, strings.Join(layers, ","), strings.Join(weights, ","))
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "model.json"), []byte(text), 0o666), os.WriteFile(filepath.Join(dir, "group1-shard1of1.bin"), numbers, 0o666)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A picture is enlarged by a network or by Lanczos, and is made again; transparency stays.
func TestEnlarge(t *testing.T) {
	tiny := tinyEnlarger(t)
	clear := ball(40, 30)
	clear.Pix[3] = 0
	for _, c := range []struct {
		model string
		times int
		want  int
	}{{tiny, 0, 2}, {tiny, 2, 2}, {lanczosModel, 0, 4}, {lanczosModel, 3, 3}, {"", 8, 8}} {
		env, last, _ := withBackend(t, Out{})
		var made []byte
		said, inner := "", env.Emit
		env.Emit, env.Say = func(it data.Item) error { made = it.Bytes; return inner(it) }, func(line string) { said = line }
		f := fileOf(t, "a.png", picture.PNG, clear)
		if err := Run(t.Context(), &Enlarge{Picture: f, Model: c.model, Times: c.times}, env); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		img := last()
		if img.Rect.Size() != image.Pt(40*c.want, 30*c.want) || img.Pix[3] != 0 || img.Pix[len(img.Pix)-1] != 255 {
			t.Errorf("%+v: %v", c, img.Rect.Size())
		}
		if (c.model == "") != strings.Contains(said, "enlarged by Lanczos, without a network, as the weights esrgan-slim-8x are not here") {
			t.Errorf("%+v: said %q", c, said)
		}
		env.Emit = inner
		r, err := Reproduce(t.Context(), env, File{Name: "x.png", Bytes: made}, nil, givenBy(&Enlarge{Picture: f}))
		if err != nil || !r.Same {
			t.Errorf("%+v: not the same: %v", c, err)
		}
	}
}

// What is enlarged in tiles is what is enlarged as a whole, to one level.
func TestEnlargesWithoutSeams(t *testing.T) {
	env, _, _ := withBackend(t, Out{})
	r, err := env.network(tinyEnlarger(t), "enlarge")
	if err != nil {
		t.Fatal(err)
	}
	img := scene(430, 350)
	for name, l := range map[string]larger{
		"network": {2, 96, r.Margin, func(img *image.NRGBA) (*image.NRGBA, error) { return byNetwork(r, img) }},
		"Lanczos": {3, 100, lanczosLobes, func(img *image.NRGBA) (*image.NRGBA, error) { return lanczos(img, 3), nil }},
	} {
		whole, err := l.draw(img)
		if err != nil {
			t.Fatal(err)
		}
		tiled, err := l.all(t.Context(), img, func(int, int) {})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range whole.Pix {
			if d := int(v) - int(tiled.Pix[i]); d < -1 || d > 1 {
				t.Fatalf("%s: byte %d is %d in tiles and %d as a whole", name, i, tiled.Pix[i], v)
			}
		}
	}
}

func TestEnlargeMistakes(t *testing.T) {
	tiny, denoiser := tinyEnlarger(t), filepath.Join("..", "model", "pixelnet", "testdata", "tiny.pth")
	for _, c := range []struct {
		app  Enlarge
		want string
	}{
		{Enlarge{Times: 5}, "want 2, 3, 4 or 8"},
		{Enlarge{Times: 4, Model: tiny}, "enlarges 2 times, got 4"},
		{Enlarge{Model: denoiser}, "is a network to denoise"},
		{Enlarge{Model: "esrgan-slim-4x"}, "add them with: atelier weights add esrgan-slim-4x"},
		{Enlarge{Model: "esrgan-slim"}, "did you mean"},
	} {
		env, _, f := withBackend(t, Out{})
		c.app.Picture = f
		err := Run(t.Context(), &c.app, env)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	env, _, _ := withBackend(t, Out{})
	f := fileOf(t, "a.png", picture.PNG, image.NewNRGBA(image.Rect(0, 0, 9000, 10)))
	if err := Run(t.Context(), &Enlarge{Picture: f, Times: 8, Format: "webp"}, env); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "too many for webp") {
		t.Error(err)
	}
}
