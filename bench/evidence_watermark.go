package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"atelier/internal/home"
	"atelier/internal/watermark"
)

// The measure of the bars: pictures of 256 pixels, JPEG of quality 50, and crops that keep nine tenths
// of each side.
const (
	leastFound    = 0.95
	leastFidelity = 42
	roughQuality  = 50
	keptOfSide    = 0.9
)

// watermarks measures how often a watermark is found, by size and by what was done to the picture, how
// much it changes, and how often one is found that is not there.
func (s *Evidence) watermarks(ctx context.Context, on *Machine, emit func(Row)) error {
	sources, err := s.photos()
	if err != nil {
		return err
	}
	key, err := benchKey(0)
	if err != nil {
		return err
	}
	for _, side := range []int{64, 128, 192, watermark.Promised, 384} {
		all := parts(sources, side, s.Pictures)
		if len(all) == 0 {
			return fmt.Errorf("no photo has %d pixels on a side", side)
		}
		if err := found(ctx, key, fmt.Sprintf("watermark, photos of %d pixels", side), all, side == watermark.Promised, emit); err != nil {
			return err
		}
	}
	drawn, err := starterPictures(ctx, "emoji", s.Pictures)
	if err != nil {
		return err
	}
	for i, img := range drawn {
		drawn[i] = enlarged(img, watermark.Promised)
	}
	if err := found(ctx, key, fmt.Sprintf("watermark, emoji of %d pixels", watermark.Promised), drawn, false, emit); err != nil {
		return err
	}
	return s.falseAlarms(ctx, on, sources, emit)
}

// benchKey is a key that depends on a number alone.
func benchKey(n int) (*watermark.Key, error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "bench %d", n))
	return watermark.ParseKey(sum[:])
}

// photos are those that come with the program, and those of a folder.
func (s *Evidence) photos() (all []*image.NRGBA, err error) {
	folder := s.Photos
	if folder == "" && home.Mirror() != "" {
		folder = filepath.Join(home.Mirror(), "photos-train")
	}
	places := []fs.FS{photoFiles}
	if folder != "" {
		places = append(places, os.DirFS(folder))
	}
	for i, place := range places {
		pattern := []string{"photos/*.jpg", "*.jpg"}[i]
		names, err := fs.Glob(place, pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			b, err := fs.ReadFile(place, name)
			if err != nil {
				return nil, err
			}
			img, err := decoded(b)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			all = append(all, img)
		}
	}
	return all, nil
}

// parts are parts of pictures that do not overlap, the first of each picture first.
func parts(of []*image.NRGBA, side, most int) (all []*image.NRGBA) {
	for n := 0; len(all) < most; n++ {
		before := len(all)
		for _, img := range of {
			columns, rows := img.Rect.Dx()/side, img.Rect.Dy()/side
			if n >= columns*rows || len(all) == most {
				continue
			}
			at := image.Pt(n%columns*side, n/columns*side)
			all = append(all, part(img, image.Rectangle{at, at.Add(image.Pt(side, side))}))
		}
		if len(all) == before {
			break
		}
	}
	return all
}

// enlarged is a picture by whole pixels.
func enlarged(img *image.NRGBA, side int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, side, side))
	size := img.Rect.Size()
	for y := range side {
		for x := range side {
			out.SetNRGBA(x, y, img.NRGBAAt(img.Rect.Min.X+x*size.X/side, img.Rect.Min.Y+y*size.Y/side))
		}
	}
	return out
}

// found marks pictures and looks for the mark in what is done to them.
func found(ctx context.Context, key *watermark.Key, name string, all []*image.NRGBA, promised bool, emit func(Row)) error {
	changes := []struct {
		name   string
		change func(*image.NRGBA) (*image.NRGBA, error)
		bar    bool
	}{
		{"as it is", func(img *image.NRGBA) (*image.NRGBA, error) { return img, nil }, true},
		{"JPEG 50", rough, true},
		{"10 % cropped", func(img *image.NRGBA) (*image.NRGBA, error) { return ninetenths(img), nil }, true},
		{"cropped, then JPEG 50", func(img *image.NRGBA) (*image.NRGBA, error) { return rough(ninetenths(img)) }, false},
	}
	hits, least, seconds := make([]int, len(changes)), make([]float64, 0, len(all)), 0.
	for _, img := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		began := processorSeconds()
		marked, err := key.Embed(img)
		if err != nil {
			return err
		}
		seconds += processorSeconds() - began
		least = append(least, watermark.PSNR(img, marked))
		for i, c := range changes {
			changed, err := c.change(marked)
			if err != nil {
				return err
			}
			if key.Detect(changed).Found() {
				hits[i]++
			}
		}
	}
	for i, c := range changes {
		share, of := 100*float64(hits[i])/float64(len(all)), name+", "+c.name
		if promised && c.bar {
			emit(notBelow(of, share, "% found", 100*leastFound, len(all)))
		} else {
			emit(Row{Name: of, Value: share, Unit: "% found", Holds: true, N: len(all)})
		}
	}
	emit(notBelow(name+", least PSNR", slices.Min(least), "dB", leastFidelity, len(all)))
	emit(Row{Name: name + ", embedded in", Value: 1000 * seconds / float64(len(all)), Unit: "ms of processor", Holds: true, N: len(all)})
	return nil
}

// rough is a picture after JPEG of quality 50.
func rough(img *image.NRGBA) (*image.NRGBA, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: roughQuality}); err != nil {
		return nil, err
	}
	return decoded(b.Bytes())
}

// ninetenths is nine tenths of each side of a picture, from where no block of the mark begins.
func ninetenths(img *image.NRGBA) *image.NRGBA {
	size := img.Rect.Size()
	w, h := int(keptOfSide*float64(size.X)), int(keptOfSide*float64(size.Y))
	at := img.Rect.Min.Add(image.Pt((size.X-w)/2+1, (size.Y-h)/2))
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Rect, img, at, draw.Src)
	return out
}

// falseAlarms looks for watermarks where there are none, with another key for each picture.
func (s *Evidence) falseAlarms(ctx context.Context, _ *Machine, sources []*image.NRGBA, emit func(Row)) error {
	alarms, above := 0, 0
	highest := 0.
	const once = 3.09 // what z is above in one of a thousand
	n, seconds := 0, 0.
	for i := 0; n < s.Unmarked; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		img := sources[i%len(sources)]
		side := min(watermark.Promised, img.Rect.Dx(), img.Rect.Dy())
		x, y := i*37%(img.Rect.Dx()-side+1), i*53%(img.Rect.Dy()-side+1)
		key, err := benchKey(i + 1)
		if err != nil {
			return err
		}
		crop := part(img, image.Rect(x, y, x+side, y+side))
		began := processorSeconds()
		d := key.Detect(crop)
		seconds += processorSeconds() - began
		if d.Found() {
			alarms++
		}
		if d.Z > once {
			above++
		}
		highest = max(highest, d.Z)
		n++
	}
	emit(notAbove("watermark, false alarms in unmarked crops", float64(alarms), "", 0, n))
	emit(Row{Name: "watermark, unmarked crops above z 3.09, of which 1 in 1000 is expected", Value: 1000 * float64(above) / float64(n), Unit: "in 1000", Holds: true, N: n})
	emit(Row{Name: "watermark, largest z of unmarked crops", Value: highest, Holds: true, N: n})
	emit(Row{Name: "watermark, looked for in", Value: 1000 * seconds / float64(n), Unit: "ms of processor", Holds: true, N: n})
	return nil
}
