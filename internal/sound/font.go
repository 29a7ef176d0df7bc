// Package sound turns pieces of music into recordings: synthesis with a SoundFont, loudness, and
// WAV and FLAC files.
package sound

import (
	"bytes"
	_ "embed" // of the SoundFont
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/jfreymuth/oggvorbis"
	"github.com/sinshu/go-meltysynth/meltysynth"

	"atelier/internal/badinput"
)

//go:embed sf_GMbank.sf2
var ownFont []byte

// A Font is a SoundFont: recorded instruments.
type Font struct{ font *meltysynth.SoundFont }

// Own is the embedded font.
var Own = sync.OnceValues(func() (*Font, error) { return OpenFont(ownFont) })

const (
	compressed  = 0x10    // flag of the type of a sample compressed with Ogg Vorbis, as in SF3
	inMemory    = 0x8000  // flag of a sample in the ROM of a sound card
	mostDecoded = 1 << 28 // decoded samples of a font
)

// OpenFont reads a SoundFont, SF2 or SF3. The errors complete a sentence that begins with the name
// of the file.
func OpenFont(file []byte) (f *Font, err error) {
	parts, err := partsOf(file)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	defer func() { // the library does not check the indices in a file
		if broken := recover(); broken != nil {
			f, err = nil, badinput.Errorf("is a damaged SoundFont: its instruments or samples lie beyond its end")
		}
	}()
	font, err := meltysynth.NewSoundFont(parts.plain())
	if err != nil {
		return nil, badinput.Errorf("is not a SoundFont that can be read: %w", err)
	}
	if len(font.Presets) == 0 {
		return nil, badinput.Errorf("is a SoundFont without instruments")
	}
	if err := decode(font, parts.samples); err != nil {
		return nil, badinput.Mark(err)
	}
	if err := checkSamples(font); err != nil {
		return nil, badinput.Mark(err)
	}
	return &Font{font}, nil
}

// decode decompresses samples. For a compressed sample, start and end count bytes, and its loop is
// relative to its own samples.
func decode(font *meltysynth.SoundFont, file []byte) error {
	var wave []int16
	for _, h := range font.SampleHeaders {
		if h.SampleType&compressed == 0 {
			continue
		}
		if h.Start < 0 || h.End < h.Start || int(h.End) > len(file) {
			return fmt.Errorf("is a damaged SoundFont: the sample %q ends beyond the file", h.Name)
		}
		one, err := decodeOgg(file[h.Start:h.End], mostDecoded-len(wave))
		if err != nil {
			return fmt.Errorf("has the compressed sample %q, which cannot be decoded: %w", h.Name, err)
		}
		start := int32(len(wave))
		h.Start, h.End, h.StartLoop, h.EndLoop = start, start+int32(len(one)), start+h.StartLoop, start+h.EndLoop
		h.SampleType &^= compressed
		wave = append(append(wave, one...), make([]int16, 46)...) // required by the standard
	}
	if wave == nil {
		if bytes.HasPrefix(file, []byte("OggS")) {
			return errors.New("has compressed samples that are not marked as such, and would sound as noise: want SF2, or SF3 as MuseScore writes it")
		}
		return nil
	}
	for _, h := range font.SampleHeaders {
		if h.SampleType&compressed == 0 && h.End > int32(len(wave)) {
			return fmt.Errorf("has both compressed and uncompressed samples: want one kind")
		}
	}
	font.WaveData = wave
	return nil
}

// decodeOgg decodes the first channel of an Ogg Vorbis file, up to a number of samples.
func decodeOgg(file []byte, most int) ([]int16, error) {
	r, err := oggvorbis.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	var all []int16
	buffer := make([]float32, 4096*r.Channels())
	for {
		n, err := r.Read(buffer)
		for i := 0; i < n; i += r.Channels() {
			all = append(all, int16(max(-32768, min(32767, buffer[i]*32767))))
		}
		switch {
		case len(all) > most:
			return nil, fmt.Errorf("more than %d samples in a font", mostDecoded)
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
	}
}

// checkSamples clamps the loops of samples. Four samples of silence follow the last, since the
// synthesizer may read ahead.
func checkSamples(font *meltysynth.SoundFont) error {
	n := int32(len(font.WaveData))
	font.WaveData = append(font.WaveData, 0, 0, 0, 0)
	for _, h := range font.SampleHeaders {
		if h.SampleType&inMemory != 0 {
			h.Start, h.End, h.StartLoop, h.EndLoop = n, n, n, n+1
			continue
		}
		if h.Start < 0 || h.End < h.Start || h.End > n {
			return fmt.Errorf("is a damaged SoundFont: the sample %q lies beyond the others", h.Name)
		}
		if h.StartLoop < h.Start || h.EndLoop <= h.StartLoop || h.EndLoop > h.End {
			h.StartLoop, h.EndLoop = h.Start, max(h.Start+1, h.End)
		}
	}
	return nil
}
