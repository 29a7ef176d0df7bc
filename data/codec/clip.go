package codec

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"atelier/data"
	"atelier/internal/animation"
	"atelier/internal/film"
	"atelier/internal/registry"
)

func init() {
	data.Codecs.Add("clip", "clips as frames × height × width × channels in [-1, 1]: GIF, APNG, WebP, AVI of JPEG frames, y4m",
		func() data.Codec { return &Clip{Frames: 16, Every: 1, Size: 64, Channels: 1} })
}

// mostClip is the largest number of frames of a clip.
const mostClip = 256

// clipFrame is how long a frame of a decoded clip is shown.
const clipFrame = 80 * time.Millisecond

// Clip turns the beginning of a clip into pixels of shape [frames, size, size, channels] in [-1, 1]
// and back into an animated PNG. Frames are cropped to the centre and resized like the pictures of
// [Image]; transparent ones are blended with white.
type Clip struct {
	Frames   int `help:"number of frames, 2 to 256; a clip with fewer is refused"`
	Every    int `help:"take every n-th frame, 1 to 100"`
	Size     int `help:"height and width in pixels, 4 to 512"`
	Channels int `help:"1 is grey, 3 is RGB"`
}

// Check rejects settings outside their range.
func (c *Clip) Check() error {
	switch {
	case c.Frames < 2 || c.Frames > mostClip:
		return registry.Unfit("frames", fmt.Sprintf("want 2 to %d, got %d", mostClip, c.Frames))
	case c.Every < 1 || c.Every > 100:
		return registry.Unfit("every", fmt.Sprintf("want 1 to 100, got %d", c.Every))
	case c.Size < 4 || c.Size > 512:
		return registry.Unfit("size", fmt.Sprintf("want 4 to 512 pixels, got %d", c.Size))
	case c.Channels != 1 && c.Channels != 3:
		return registry.Unfit("channels", fmt.Sprintf("want 1 (grey) or 3 (colour), got %d", c.Channels))
	}
	return nil
}

// Spec describes the encoding of clips.
func (c *Clip) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("clip %w", err)
	}
	return labelled(data.Field{
		Name: data.Target, Kind: data.Frames, Shape: []int{c.Frames, c.Size, c.Size, c.Channels}, Low: -1, High: 1,
	}, classes), nil
}

// frame is the number of values of a frame.
func (c *Clip) frame() int { return c.Size * c.Size * c.Channels }

// Encode writes the clip and its label.
func (c *Clip) Encode(ex data.Example, b *data.Batch, at int) error {
	target := b.Column(data.Target)
	if target == nil {
		return errors.New("the batch has no target")
	}
	row := target.Row(at)
	got, err := c.Take(context.Background(), ex[data.Target].Bytes, len(row)/c.frame(), row)
	if err != nil {
		return err
	}
	if want := len(row) / c.frame(); got < want {
		return &data.Fault{Reason: "short", Err: fmt.Errorf("has %d frames to take, want %d: set codec.frames or codec.every lower", got, want)}
	}
	return encodeLabel(ex, b, at)
}

// Take writes up to n frames of a file into row, [n, size, size, channels], and says how many there
// were. Errors of the file are [data.Fault]; it stops between frames when ctx is cancelled.
func (c *Clip) Take(ctx context.Context, file []byte, n int, row []float32) (got int, err error) {
	reel, err := film.Open(file)
	if err != nil {
		return 0, unreadable(err)
	}
	i := 0
	for m, err := range reel.Frames {
		if err != nil {
			return got, unreadable(err)
		}
		if err := ctx.Err(); err != nil {
			return got, err
		}
		if i%c.Every == 0 {
			c.put(m, row[got*c.frame():][:c.frame()])
			if got++; got == n {
				break
			}
		}
		i++
	}
	return got, nil
}

// put writes a frame.
func (c *Clip) put(m image.Image, to []float32) {
	if grey, ok := m.(*image.Gray); ok && c.Channels == 1 && grey.Rect.Dx() == c.Size && grey.Rect.Dy() == c.Size {
		for i := range to {
			to[i] = value(grey.Pix[i/c.Size*grey.Stride+i%c.Size])
		}
		return
	}
	toPixels(fit(oriented{m, 1}, c.Size), c.Channels, to)
}

// Decode returns the clip as an animated PNG. Values outside [-1, 1] are clipped.
func (c *Clip) Decode(b *data.Batch, at int) (data.Item, error) {
	target := b.Column(data.Target)
	if target == nil {
		return data.Item{}, errors.New("the batch has no target")
	}
	label, err := decodeLabel(b, at)
	if err != nil {
		return data.Item{}, err
	}
	frames, err := Pictures(&data.Column{Field: target.Field, Floats: target.Row(at)}, 1)
	if err != nil {
		return data.Item{}, err
	}
	file, err := animation.APNG.Encode(frames, clipFrame)
	return data.Item{MediaType: c.MediaType(), Bytes: file, Label: label}, err
}

// MediaType implements [data.Codec].
func (*Clip) MediaType() string { return animation.APNG.MediaType() }

// singly is a column of clips as one of their frames, other columns as they are.
func singly(c *data.Column) *data.Column {
	if c == nil || c.Field.Kind != data.Frames {
		return c
	}
	return &data.Column{Field: c.Field.Frame(), Floats: slices.Clip(c.Floats)}
}
