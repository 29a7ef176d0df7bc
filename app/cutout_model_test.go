package app

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// tinySelfie writes a network that takes what is red for a person, with the names of tensors by which the one of
// MediaPipe is known.
func tinySelfie(t *testing.T, bias float32) string {
	t.Helper()
	dir := t.TempDir()
	const text = `{"modelTopology":{"class_name":"Sequential","config":{"layers":[
{"class_name":"Conv2D","config":{"name":"c","batch_input_shape":[null,16,16,3],"kernel_size":[1,1],"strides":[1,1],"padding":"same","activation":"sigmoid"}}]}},
"weightsManifest":[{"paths":["a.bin"],"weights":[{"name":"c/kernel","shape":[1,1,3,1],"dtype":"float32"},{"name":"c/bias","shape":[1],"dtype":"float32"},
{"name":"1 conv2d/Kernel","shape":[1],"dtype":"float32"},{"name":"137 conv2d_25/Bias","shape":[1],"dtype":"float32"}]}]}`
	var numbers []byte
	for _, v := range []float32{40, 0, -20, bias, 0, 0} {
		numbers = binary.LittleEndian.AppendUint32(numbers, math.Float32bits(v))
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "model.json"), []byte(text), 0o666), os.WriteFile(filepath.Join(dir, "a.bin"), numbers, 0o666)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A network shows where the subject is, and the picture itself where its edge is.
func TestCutoutByNetwork(t *testing.T) {
	env, last, _ := withBackend(t, Out{})
	a := New[*Cutout]()
	a.Picture, a.Model = fileOf(t, "ball.png", picture.PNG, ball(64, 48)), tinySelfie(t, -10)
	if err := Run(t.Context(), a, env); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		x, y  int
		alpha uint8
	}{{32, 24, 255}, {32, 15, 255}, {2, 2, 0}, {60, 24, 0}, {32, 44, 0}} {
		if got := last().NRGBAAt(c.x, c.y).A; got != c.alpha {
			t.Errorf("%d,%d: alpha %d, want %d", c.x, c.y, got, c.alpha)
		}
	}
	for _, c := range []struct {
		change func(*Cutout)
		want   string
	}{
		{func(a *Cutout) { a.Box = []string{"1", "2", "3", "4"} }, "want it without box"},
		{func(a *Cutout) { a.Model = tinySelfie(t, -1000) }, "the network finds nobody"},
		{func(a *Cutout) { a.Model = tinyEnlarger(t) }, "is a network to enlarge: want one to cut out"},
		{func(a *Cutout) { a.Model = "selfie" }, "add them with: atelier weights add selfie"},
	} {
		env, _, _ := withBackend(t, Out{})
		b := *a
		c.change(&b)
		if err := Run(t.Context(), &b, env); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
