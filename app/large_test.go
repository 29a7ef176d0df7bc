package app

import (
	"context"
	"errors"
	"runtime/debug"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// What exceeds the memory is refused with what would fit.
func TestOnePictureMemory(t *testing.T) {
	f := fileOf(t, "a.png", picture.PNG, scene(40, 40))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(programRoom + perPixel*1e6))
	for _, a := range []App{
		&Extend{Picture: f, N: 1, Finish: "natural", Left: 8000, Top: 500},
		&Retarget{Picture: f, Size: "2000x1000"},
		&Inpaint{Picture: fileOf(t, "b.png", picture.PNG, scene(2200, 2200)), N: 1, Finish: "natural", Box: []string{"0", "0", "2000", "2000"}},
	} {
		env, items, _ := onePicture(Out{})
		err := Run(t.Context(), a, env)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "up to about 1.0 megapixels fit") || len(*items) > 0 {
			t.Errorf("%T: %v", a, err)
		}
	}
}

// What takes minutes is said to before it begins.
func TestOnePictureSlow(t *testing.T) {
	f := fileOf(t, "a.png", picture.PNG, scene(40, 40))
	large := fileOf(t, "b.png", picture.PNG, scene(2100, 2000))
	for _, c := range []struct {
		app  App
		want string
	}{
		{&Retarget{Picture: f, Size: "3000x2000"}, "6 megapixels are synthesized, which takes about 1 min"},
		{&Variations{From: byPatches, Picture: large, N: 2, Candidates: 1}, "8 megapixels are synthesized, which takes about 5 min"},
		{&Extend{Picture: f, N: 1, Finish: "natural", Left: 3000, Top: 2000}, "6 megapixels are synthesized"},
		{&Extend{Picture: f, N: 1, Finish: "natural", Left: 8}, ""},
	} {
		env, _, _ := onePicture(Out{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		said := ""
		env.Notice = func(line string) { said = line; cancel() }
		err := Run(ctx, c.app, env)
		if c.want == "" && (err != nil || said != "") || !strings.Contains(said, c.want) {
			t.Errorf("%T: said %q, want %q; %v", c.app, said, c.want, err)
		}
	}
}
