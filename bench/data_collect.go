package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"atelier/data"
	"atelier/data/library"
	"atelier/data/store"
	"atelier/internal/registry"
)

func init() {
	addData("idx", collectIDX)
	addData("jpeg", collectJPEG)
	addData("photos", collectPhotos)
}

// collectIDX stores 60,000 pictures of clothes from IDX files: the 10,000 embedded ones in six
// orientations.
func collectIDX(ctx context.Context, on *Machine, part share, emit func(Row)) error {
	return inFolder(func(dir string) error {
		n, err := writeIDX(ctx, filepath.Join(dir, "idx"), part.of(10_000))
		if err != nil {
			return err
		}
		took, err := added(ctx, dir, library.DefaultPipeline, filepath.Join(dir, "idx"))
		if err != nil {
			return err
		}
		emit(atLeast("pictures from IDX to a version", float64(n)/took, 20_000, "pictures/s", n))
		return nil
	})
}

// collectJPEG stores 10,000 small JPEGs from a folder.
func collectJPEG(ctx context.Context, on *Machine, part share, emit func(Row)) error {
	n := part.of(10_000)
	return inFolder(func(dir string) error {
		folder := filepath.Join(dir, "pictures")
		err := writeJPEGs(folder, n, func(i int) image.Image { return scene(uint64(i), 32+i%33, 32+i/33%33) })
		if err != nil {
			return err
		}
		took, err := added(ctx, dir, everyCleaner, folder)
		if err != nil {
			return err
		}
		emit(atLeast("JPEGs of 32 to 64 pixels from a folder to a version", float64(n)/took, 5_000, "pictures/s", n))
		return nil
	})
}

// collectPhotos stores JPEGs of a megapixel and compares with only decoding them.
func collectPhotos(ctx context.Context, on *Machine, part share, emit func(Row)) error {
	n := part.of(600)
	return inFolder(func(dir string) error {
		folder := filepath.Join(dir, "photos")
		err := writeJPEGs(folder, n, func(i int) image.Image { return scene(uint64(i), 1152, 896) })
		if err != nil {
			return err
		}
		decoding, err := decodeAll(folder)
		if err != nil {
			return err
		}
		took, err := added(ctx, dir, everyCleaner, folder)
		if err != nil {
			return err
		}
		row := atLeast("JPEGs of 1 megapixel from a folder to a version, over image/jpeg alone", decoding/took, 0.7, "of its rate", n)
		peer := float64(n) / decoding
		row.Peer = &peer
		emit(row)
		return nil
	})
}

// inFolder runs work in a temporary folder.
func inFolder(work func(dir string) error) error {
	dir, err := os.MkdirTemp("", "atelier-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return work(dir)
}

// everyCleaner is the pipeline with all cleaners of pictures.
const everyCleaner = "web"

// added is the time in seconds to make a version from a folder, with the cleaners of a pipeline.
func added(ctx context.Context, home, recipe, folder string) (float64, error) {
	s, err := data.Resolve(folder)
	if err != nil {
		return 0, err
	}
	st, err := store.Open(filepath.Join(home, "home"))
	if err != nil {
		return 0, err
	}
	text, err := library.ReadPipeline(recipe)
	if err != nil {
		return 0, err
	}
	p, err := library.ParsePipeline(recipe, text)
	if err != nil {
		return 0, err
	}
	l := &library.Library{Store: st, Home: filepath.Join(home, "home")}
	began := time.Now()
	_, err = l.Add(ctx, "measured", []registry.Choice[data.Source]{s}, p, "")
	return time.Since(began).Seconds(), err
}

// atLeast is the row of a value with a lower limit.
func atLeast(name string, value, bar float64, unit string, n int) Row {
	return Row{Name: name, Value: value, Unit: unit, Bar: fmt.Sprintf(">= %g", bar), Holds: value >= bar, N: n}
}

// writeIDX writes the first pictures of the starter set fashion in six orientations as a training
// part without labels, and returns their number.
func writeIDX(ctx context.Context, dir string, most int) (int, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return 0, err
	}
	const side = 28
	var pixels []byte
	for it, err := range starterItems(ctx, "fashion") {
		if err != nil {
			return 0, err
		}
		if len(pixels) >= 6*most*side*side {
			break
		}
		picture := it.Bytes[len(it.Bytes)-side*side:]
		for way := range 6 {
			for y := range side {
				for x := range side {
					pixels = append(pixels, picture[turned(way, x, y, side)])
				}
			}
		}
	}
	n := len(pixels) / (side * side)
	head := binary.BigEndian.AppendUint32(nil, 0x803)
	for _, d := range []int{n, side, side} {
		head = binary.BigEndian.AppendUint32(head, uint32(d))
	}
	return n, os.WriteFile(filepath.Join(dir, "train-images-idx3-ubyte"), append(head, pixels...), 0o666)
}

// turned maps a pixel of a square picture to its position before an orientation was applied.
func turned(way, x, y, side int) int {
	if way&1 != 0 {
		x = side - 1 - x
	}
	if way&2 != 0 {
		y = side - 1 - y
	}
	if way&4 != 0 {
		x, y = y, x
	}
	return y*side + x
}

// scene draws a synthetic picture with shapes and texture.
func scene(seed uint64, width, height int) image.Image {
	rng := rand.New(rand.NewPCG(seed, 1))
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	type disc struct{ x, y, r, red, green, blue int }
	discs := make([]disc, 12)
	for i := range discs {
		discs[i] = disc{rng.IntN(width), rng.IntN(height), 1 + rng.IntN(1+width/3), rng.IntN(256), rng.IntN(256), rng.IntN(256)}
	}
	back := color.NRGBA{uint8(rng.IntN(256)), uint8(rng.IntN(256)), uint8(rng.IntN(256)), 255}
	noise := rng.Uint32()
	for y := range height {
		for x := range width {
			c := back
			for _, d := range discs {
				if (x-d.x)*(x-d.x)+(y-d.y)*(y-d.y) < d.r*d.r {
					c = color.NRGBA{uint8(d.red), uint8(d.green), uint8(d.blue), 255}
				}
			}
			noise = noise*1664525 + 1013904223
			grain := uint8(noise >> 28)
			img.SetNRGBA(x, y, color.NRGBA{c.R ^ grain, c.G ^ grain, c.B ^ grain, 255})
		}
	}
	return img
}

// writeJPEGs writes n pictures into a folder, on all cores.
func writeJPEGs(folder string, n int, draw func(i int) image.Image) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	return onAllCores(n, func(i int) error {
		f, err := os.Create(filepath.Join(folder, fmt.Sprintf("%05d.jpg", i)))
		if err != nil {
			return err
		}
		defer f.Close()
		return jpeg.Encode(f, draw(i), &jpeg.Options{Quality: 85})
	})
}

// decodeAll is the time in seconds to only decode the pictures of a folder on all cores.
func decodeAll(folder string) (float64, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.jpg"))
	if err != nil {
		return 0, err
	}
	began := time.Now()
	err = onAllCores(len(files), func(i int) error {
		f, err := os.Open(files[i])
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = jpeg.Decode(f)
		return err
	})
	return time.Since(began).Seconds(), err
}

// onAllCores calls f for 0 to n-1 and returns the first error.
func onAllCores(n int, f func(i int) error) error {
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	cores := runtime.GOMAXPROCS(0)
	for c := range cores {
		wg.Go(func() {
			for i := c; i < n; i += cores {
				if err := f(i); err != nil {
					once.Do(func() { first = err })
				}
			}
		})
	}
	wg.Wait()
	return first
}
