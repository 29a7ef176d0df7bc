package bench

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"

	"atelier/internal/picture"
)

// Programs for comparison of filled holes.
const (
	gmicName  = "G'MIC's matchpatch"
	teleaName = "OpenCV's Telea"
)

// telea is a Python program that fills a hole with OpenCV's inpaint.
const telea = `import sys, cv2
i, m, o = sys.argv[1:]
cv2.imwrite(o, cv2.inpaint(cv2.imread(i), cv2.imread(m, 0), 5, cv2.INPAINT_TELEA))`

// peers are the installed programs; missing ones are reported.
func (s *Patch) peers(ctx context.Context, on *Machine) (all []filler) {
	if !s.Peers {
		return nil
	}
	if path, err := exec.LookPath("gmic"); err == nil {
		all = append(all, program(gmicName, path, func(in, mask, out string) []string {
			return []string{in, mask, "-inpaint_matchpatch[0]", "[1]", "-remove[1]", "-output", out}
		}))
	} else {
		on.Tell("gmic is not installed (Debian: gmic): no bars beside it")
	}
	if python := findPython(ctx, on, s.Python, "cv2", "python3-opencv"); python != "" {
		all = append(all, program(teleaName, python, func(in, mask, out string) []string { return []string{"-c", telea, in, mask, out} }))
	}
	return all
}

// program fills holes with a command that reads a picture and a mask and writes a picture.
func program(name, path string, args func(in, mask, out string) []string) filler {
	return filler{name, 1, func(ctx context.Context, img *image.NRGBA, hole []bool) (*image.NRGBA, error) {
		dir, err := os.MkdirTemp("", "hole")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		mask := image.NewGray(img.Rect)
		for i, in := range hole {
			if in {
				mask.Pix[i] = 255
			}
		}
		files := [3]string{}
		for i, p := range []image.Image{img, mask, nil} {
			files[i] = filepath.Join(dir, fmt.Sprintf("%d.png", i))
			if p == nil {
				continue
			}
			b, err := picture.PNG.Encode(p)
			if err != nil {
				return nil, err
			}
			if err := os.WriteFile(files[i], b, 0o666); err != nil {
				return nil, err
			}
		}
		cmd := exec.CommandContext(ctx, path, args(files[0], files[1], files[2])...)
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Run(); err != nil {
			return nil, &ChildError{Command: cmd.Args, How: err, Said: said.String()}
		}
		return readPicture(files[2])
	}}
}
