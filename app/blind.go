package app

import (
	"context"
	"image"

	"atelier/internal/badinput"
	"atelier/internal/charset"
	"atelier/internal/music"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/internal/sound"
)

// judgedLoudness is that of tunes that are judged by ear, in LUFS: the same for all.
const judgedLoudness = -16

// Blind is a work of some kind, a media type, as people judge it in a browser: a picture, a recording or a
// text, without anything that its file says of itself. Tunes are played by the embedded
// SoundFont, all equally loud. A picture is cropped and scaled to a size, unless that is zero: works
// that are collected are not told from generated ones by their size.
func Blind(ctx context.Context, f File, kind string, size image.Point) (work []byte, mediaType string, err error) {
	if picture.FormatOf(f.Bytes) != "" {
		work, err = blindPicture(f, size)
		return work, "image/png", err
	}
	if music.FormatOf(f.Bytes) != "" || isTune(f.Name) {
		work, err = playedEqually(ctx, f)
		return work, "audio/wav", err
	}
	if text, encoding := charset.Decode(f.Bytes, ""); encoding != "" {
		return []byte(shortened(text)), "text/plain; charset=utf-8", nil
	}
	if work, err = provenance.Anonymous(f.Bytes); err != nil {
		err = badinput.Errorf("a work cannot be shown: %w", err)
	}
	return work, kind, err
}

func blindPicture(f File, size image.Point) ([]byte, error) {
	whole, err := picture.OpenWhole(f.Bytes)
	if err != nil {
		return nil, badinput.Errorf("a picture cannot be read: %w", err)
	}
	img := whole.Pixels
	if size != (image.Point{}) && img.Rect.Size() != size {
		img = covering(img, size)
	}
	return encodePNG(img)
}

// playedEqually is a tune as a recording.
func playedEqually(ctx context.Context, f File) ([]byte, error) {
	piece, err := music.Read(f.Bytes)
	if err != nil {
		return nil, badinput.Errorf("a tune cannot be played: %w", err)
	}
	font, err := sound.Own()
	if err != nil {
		return nil, err
	}
	recording, _, err := sound.Play(ctx, piece.Score, font, judgedLoudness, nil)
	if err != nil {
		return nil, badinput.Errorf("a tune %w", err)
	}
	return recording.WAV(16, "")
}
