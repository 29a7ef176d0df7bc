package codec

import (
	"bytes"
	"errors"
	"fmt"

	"atelier/data"
	"atelier/internal/picture"
	"atelier/internal/registry"
)

func init() {
	data.Codecs.Add("image", "square pictures as pixels in [-1, 1], centre-cropped and resized (Catmull, Rom 1974)",
		func() data.Codec { return &Image{Size: 28, Channels: 1} })
}

// Image turns PNG, JPEG, GIF (the first frame), WebP, BMP, TIFF (the first page) and PGM pictures
// into pixels of shape [size, size, channels] in [-1, 1] and back into PNG. A picture of another
// size is made upright by its EXIF orientation, resized to cover the square, and cropped to the
// centre.
type Image struct {
	Size     int `help:"height and width in pixels, 4 to 1024"`
	Channels int `help:"1 is grey, 3 is RGB, 4 is RGBA; with 1 and 3, transparent pictures are blended with white"`
	Captions
}

// NewImage returns the codec of pictures with a side in pixels and a number of channels.
func NewImage(size, channels int) (*Image, error) {
	c := &Image{Size: size, Channels: channels}
	return c, registry.Check(c)
}

// Check rejects settings outside their range.
func (c *Image) Check() error {
	if c.Size < 4 || c.Size > 1024 {
		return registry.Unfit("size", fmt.Sprintf("want 4 to 1024 pixels, got %d", c.Size))
	}
	if c.Channels != 1 && c.Channels != 3 && c.Channels != 4 {
		return registry.Unfit("channels", fmt.Sprintf("want 1 (grey), 3 (colour) or 4 (colour with transparency), got %d", c.Channels))
	}
	return c.checkCaptions()
}

// Spec describes the encoding of pictures.
func (c *Image) Spec(classes []string) (data.Spec, error) {
	if err := c.Check(); err != nil {
		return data.Spec{}, fmt.Errorf("image %w", err)
	}
	spec := labelled(data.Field{
		Name: data.Target, Kind: data.Pixels, Shape: []int{c.Size, c.Size, c.Channels}, Low: -1, High: 1,
	}, classes)
	caption, kept, err := c.field()
	if kept {
		spec.Fields = append(spec.Fields, caption)
	}
	return spec, err
}

// Encode writes the picture and its label.
func (c *Image) Encode(ex data.Example, b *data.Batch, at int) error {
	target := b.Column(data.Target)
	if target == nil {
		return errors.New("the batch has no target")
	}
	defer picture.Reserve(ex[data.Target].Bytes)()
	src, err := decodePicture(ex[data.Target].Bytes)
	if err != nil {
		return err
	}
	toPixels(fit(src, c.Size), c.Channels, target.Row(at))
	if err := c.encode(ex, b, at); err != nil {
		return err
	}
	return encodeLabel(ex, b, at)
}

// Decode returns the picture as a PNG. Values outside [-1, 1] are clipped.
func (c *Image) Decode(b *data.Batch, at int) (data.Item, error) {
	target := b.Column(data.Target)
	if target == nil {
		return data.Item{}, errors.New("the batch has no target")
	}
	label, err := decodeLabel(b, at)
	if err != nil {
		return data.Item{}, err
	}
	img, err := toPicture(target.Row(at), target.Field)
	if err != nil {
		return data.Item{}, err
	}
	var out bytes.Buffer
	if err := picture.WritePNG(&out, img); err != nil {
		return data.Item{}, err
	}
	return data.Item{MediaType: c.MediaType(), Bytes: out.Bytes(), Label: label}, nil
}

// Companion implements [data.CompanionCodec]: a mask is grey, a source like the target.
func (c *Image) Companion(field string) (data.Codec, error) {
	if field == data.CaptionField {
		return nil, errors.New("the codec keeps captions as words of the target, not as an Item beside it")
	}
	other := Image{Size: c.Size, Channels: c.Channels}
	if field == data.MaskField {
		other.Channels = 1
	}
	return &other, nil
}

// At is the codec of the same pictures at another size.
func (c *Image) At(size int) (data.Codec, error) { return NewImage(size, c.Channels) }

// MediaType implements [data.Codec].
func (*Image) MediaType() string { return "image/png" }
