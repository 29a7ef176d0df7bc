package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"io"
	"path/filepath"
	"slices"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// exportIDX writes pictures and labels in the format of MNIST (LeCun, Cortes, Burges 1998); labels
// are class indices.
func exportIDX(ctx context.Context, v *Version, dir string) error {
	if n := len(v.manifest.Classes); n > 256 {
		return badinput.Errorf("IDX counts classes in a byte, but %s has %d; export it as dir, jsonl or parquet", v.Ref(), n)
	}
	e := idxExport{classes: v.manifest.Classes}
	for _, split := range []data.Split{data.Train, data.Test} {
		e.count, e.labels = v.manifest.Counts.Splits[split], nil
		if e.count == 0 {
			continue
		}
		prefix := filepath.Join(dir, map[data.Split]string{data.Train: "train", data.Test: "t10k"}[split])
		err := create(prefix+"-images-idx3-ubyte", func(w io.Writer) error {
			for r, err := range v.Rows(ctx, split) {
				if err == nil {
					err = e.add(w, &r)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil && len(e.classes) > 0 {
			err = create(prefix+"-labels-idx1-ubyte", func(w io.Writer) error {
				binary.Write(w, binary.BigEndian, []uint32{0x801, uint32(e.count)}) // the buffer keeps the error
				_, err := w.Write(e.labels)
				return err
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// An idxExport is a part being written to IDX files.
type idxExport struct {
	classes []string
	size    image.Point // of all pictures, zero before the first
	count   int         // number of pictures of the part
	labels  []byte      // of the pictures so far
}

// add writes the pixels of a picture, after the header if it is the first.
func (e *idxExport) add(w io.Writer, r *Row) error {
	grey, err := greyOf(r)
	if err != nil {
		return err
	}
	label := slices.Index(e.classes, r.Label)
	if label < 0 && len(e.classes) > 0 {
		return badinput.Errorf("IDX has no place for pictures without a class, such as %s; export as dir, jsonl or parquet", r.Name)
	}
	if e.size == (image.Point{}) {
		e.size = grey.Rect.Size()
	}
	if size := grey.Rect.Size(); size != e.size {
		return badinput.Errorf("IDX wants pictures of one size, but %s is %v and others are %v; export as dir, jsonl or parquet", r.Name, size, e.size)
	}
	if len(e.labels) == 0 {
		binary.Write(w, binary.BigEndian, []uint32{0x803, uint32(e.count), uint32(e.size.Y), uint32(e.size.X)})
	}
	e.labels = append(e.labels, byte(max(label, 0)))
	_, err = w.Write(grey.Pix)
	return err
}

// greyOf decodes a picture with only grey pixels.
func greyOf(r *Row) (*image.Gray, error) {
	f, err := picture.Open(r.Bytes)
	if err != nil {
		return nil, badinput.Errorf("IDX holds pictures, but %s: %w", r.Name, err)
	}
	img, err := f.Decode()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Name, err)
	}
	b := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := color.NRGBAModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA)
			if c.R != c.G || c.G != c.B || c.A != 255 {
				return nil, badinput.Errorf("IDX holds grey pictures, but %s has colours; export as dir, jsonl or parquet", r.Name)
			}
			out.Pix[y*out.Stride+x] = c.R
		}
	}
	return out, nil
}
