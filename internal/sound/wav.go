package sound

import (
	"encoding/binary"
	"fmt"
	"math"
)

const channels = 2

// whole converts a sample to an integer with the given number of bits.
func whole(x float32, bits int) int32 {
	full := float64(int(1) << (bits - 1))
	return int32(max(-full, min(full-1, math.RoundToEven(float64(x)*full))))
}

// WAV writes the recording as a WAV file of 16 or 24 bits, with an optional title.
func (r *Recording) WAV(bits int, title string) ([]byte, error) {
	size := len(r.Left) * channels * bits / 8
	info := infoChunk(title)
	if int64(size)+int64(len(info))+44 > math.MaxUint32 {
		return nil, fmt.Errorf("a WAV file of %d bytes is too long: write a FLAC file", size)
	}
	out := make([]byte, 0, 44+size+len(info))
	out = append(out, "RIFF"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(36+size+len(info)))
	out = append(out, "WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(r.Rate))
	out = binary.LittleEndian.AppendUint32(out, uint32(r.Rate*channels*bits/8))
	out = binary.LittleEndian.AppendUint16(out, uint16(channels*bits/8))
	out = binary.LittleEndian.AppendUint16(out, uint16(bits))
	out = append(out, "data"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(size))
	for i := range r.Left {
		for _, x := range []float32{r.Left[i], r.Right[i]} {
			n := whole(x, bits)
			if bits == 24 {
				out = append(out, byte(n), byte(n>>8), byte(n>>16))
			} else {
				out = append(out, byte(n), byte(n>>8))
			}
		}
	}
	return append(out, info...), nil
}

// infoChunk is the chunk LIST with a title, or empty. All sizes are even: a text ends with one or
// two zeros.
func infoChunk(title string) []byte {
	if title == "" {
		return nil
	}
	text := append([]byte(title), 0)
	if len(text)%2 > 0 {
		text = append(text, 0)
	}
	out := binary.LittleEndian.AppendUint32([]byte("LIST"), uint32(12+len(text)))
	out = binary.LittleEndian.AppendUint32(append(out, "INFOINAM"...), uint32(len(text)))
	return append(out, text...)
}
