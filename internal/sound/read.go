package sound

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/mewkiz/flac"

	"atelier/internal/badinput"
)

// Limits of recordings that are read.
const (
	mostChannels  = 8
	mostRate      = 384_000
	mostRecording = 30 * 60 * 48_000 // samples of a channel: half an hour
)

// Read reads a WAV file, PCM of 8 to 32 bits or float32, or a FLAC file. Of more than two channels
// the first two are kept; one is heard on both sides.
func Read(file []byte) (*Recording, error) {
	switch {
	case IsFLAC(file):
		return readFLAC(file)
	case len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WAVE":
		return readWAV(file)
	}
	return nil, badinput.Errorf("is no recording that can be read; there are WAV and FLAC")
}

// IsFLAC reports whether a file is a FLAC file.
func IsFLAC(file []byte) bool { return bytes.HasPrefix(file, []byte("fLaC")) }

// IsRecording reports whether a file is one that [Read] reads.
func IsRecording(file []byte) bool {
	return IsFLAC(file) || len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WAVE"
}

// The encodings of samples in a WAV file.
const (
	wavPCM        = 1
	wavFloat      = 3
	wavExtensible = 0xfffe
)

// wavOpenEnd is the least size that programs give to samples whose number they did not know, as when
// they write to a pipe: they end with the file.
const wavOpenEnd = 0x7fff0000

func readWAV(file []byte) (*Recording, error) {
	var format, samples []byte
	for rest := file[12:]; len(rest) >= 8; {
		kind, size := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		data := rest[8:]
		if kind == "data" && size > uint64(len(data)) && size < wavOpenEnd {
			return nil, badinput.Errorf("is a WAV file that is cut short: its samples should have %d bytes, %d are left", size, len(data))
		}
		data = data[:min(size, uint64(len(data)))]
		switch {
		case kind == "fmt " && format == nil:
			format = data
		case kind == "data" && samples == nil:
			samples = data
		}
		rest = rest[min(8+size+size%2, uint64(len(rest))):]
	}
	if len(format) < 16 || len(samples) == 0 {
		return nil, badinput.Errorf("is a damaged WAV file: it has no format or no samples")
	}
	kind, channels := binary.LittleEndian.Uint16(format), int(binary.LittleEndian.Uint16(format[2:]))
	rate, bits := int(binary.LittleEndian.Uint32(format[4:])), int(binary.LittleEndian.Uint16(format[14:]))
	if kind == wavExtensible && len(format) >= 26 {
		kind = binary.LittleEndian.Uint16(format[24:])
	}
	fits := kind == wavPCM && (bits == 8 || bits == 16 || bits == 24 || bits == 32) || kind == wavFloat && bits == 32
	switch {
	case !fits:
		return nil, badinput.Errorf("is a WAV file of the encoding %d with %d bits; want PCM of 8, 16, 24 or 32 bits, or 32-bit floats", kind, bits)
	case channels < 1 || channels > mostChannels || rate < 1 || rate > mostRate:
		return nil, badinput.Errorf("is a WAV file of %d channels and %d samples a second; want 1 to %d and at most %d", channels, rate, mostChannels, mostRate)
	}
	each := bits / 8
	n := len(samples) / (each * channels)
	if n == 0 || n > mostRecording {
		return nil, badinput.Errorf("is a recording of %d samples; want 1 to %d", n, mostRecording)
	}
	r := newRecording(rate, n)
	for i := range n {
		at := func(channel int) float32 { return wavSample(samples[(i*channels+channel)*each:][:each], kind) }
		r.Left[i] = at(0)
		r.Right[i] = at(min(1, channels-1))
	}
	return r, nil
}

func newRecording(rate, n int) *Recording {
	return &Recording{Rate: rate, Left: make([]float32, n), Right: make([]float32, n)}
}

// wavSample is a sample, full scale 1.
func wavSample(b []byte, kind uint16) float32 {
	switch {
	case kind == wavFloat:
		v := math.Float32frombits(binary.LittleEndian.Uint32(b))
		if !(v >= -1 && v <= 1) { // or not a number
			return max(-1, min(1, v))
		}
		return v
	case len(b) == 1:
		return (float32(b[0]) - 128) / 128
	case len(b) == 2:
		return float32(int16(binary.LittleEndian.Uint16(b))) / (1 << 15)
	case len(b) == 3:
		return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	}
	return float32(int32(binary.LittleEndian.Uint32(b))) / (1 << 31)
}

func readFLAC(file []byte) (*Recording, error) {
	stream, err := flac.New(bytes.NewReader(file))
	if err != nil {
		return nil, badinput.Errorf("is a damaged FLAC file: %w", err)
	}
	channels, bits, rate := int(stream.Info.NChannels), int(stream.Info.BitsPerSample), int(stream.Info.SampleRate)
	if channels < 1 || bits < 4 || bits > 32 || rate < 1 || rate > mostRate {
		return nil, badinput.Errorf("is a FLAC file of %d channels, %d bits and %d samples a second", channels, bits, rate)
	}
	r := &Recording{Rate: rate}
	scale := float32(math.Pow(2, float64(1-bits)))
	for {
		frame, err := stream.ParseNext()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, badinput.Errorf("is a damaged FLAC file: %w", err)
		}
		left, right := frame.Subframes[0].Samples, frame.Subframes[min(1, len(frame.Subframes)-1)].Samples
		if len(r.Left)+len(left) > mostRecording || len(left) != len(right) {
			return nil, badinput.Errorf("is a recording of more than %d samples", mostRecording)
		}
		for i := range left {
			r.Left, r.Right = append(r.Left, scale*float32(left[i])), append(r.Right, scale*float32(right[i]))
		}
	}
	if len(r.Left) == 0 {
		return nil, badinput.Errorf("is a FLAC file without samples")
	}
	return r, nil
}

// Samples are the samples with 16 bits, left and right in turn.
func (r *Recording) Samples() []int16 {
	out := make([]int16, 0, 2*len(r.Left))
	for i := range r.Left {
		out = append(out, int16(whole(r.Left[i], 16)), int16(whole(r.Right[i], 16)))
	}
	return out
}
