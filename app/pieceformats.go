package app

import (
	"bytes"
	"context"
	"image/png"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/music"
	"atelier/internal/sound"
)

// pieceFormats are the formats that a piece is written, played and drawn in, the default first.
var pieceFormats = append(append([]string{}, scoreFormats...), formatWAV, formatFLAC, formatPNG)

const (
	usualLoudness = -16 // LUFS of what is played
	usualBits     = 16
)

// emitPiece emits a piece in one of the pieceFormats: as notes, played, or drawn as a piano roll.
func (e *Env) emitPiece(ctx context.Context, a App, by *Maker, s *music.Score, name, format string, seeds []uint64) error {
	item := data.Item{Name: name}
	var err error
	switch format {
	case formatWAV, formatFLAC:
		item.MediaType = "audio/" + format
		item.Bytes, err = played(ctx, s, format)
	case formatPNG:
		item.MediaType = "image/png"
		item.Bytes, err = drawnRoll(s)
	default:
		item, err = e.scored(s, music.Format(format), name)
	}
	if err != nil {
		return badinput.Errorf("%s %w", name, err)
	}
	return e.emit(a, by, item, seeds)
}

// played is a recording of a piece.
func played(ctx context.Context, s *music.Score, format string) ([]byte, error) {
	font, err := sound.Own()
	if err != nil {
		return nil, err
	}
	recording, _, err := sound.Play(ctx, s, font, usualLoudness, nil)
	if err != nil {
		return nil, err
	}
	if format == formatFLAC {
		return recording.FLAC(usualBits, s.Title)
	}
	return recording.WAV(usualBits, s.Title)
}

// drawnRoll is a piano roll as a PNG.
func drawnRoll(s *music.Score) ([]byte, error) {
	img, err := s.Roll()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return b.Bytes(), err
}
