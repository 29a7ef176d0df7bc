package synth

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/jfreymuth/oggvorbis"
)

var ogg = []byte("OggS") // begins an Ogg Vorbis file

// decodeOgg decodes the first channel of an Ogg Vorbis file, up to a number of samples.
func decodeOgg(file []byte, most int) (all []int16, err error) {
	defer func() { // the library trusts the lengths in a file
		if broken := recover(); broken != nil {
			all, err = nil, errors.New("it is damaged")
		}
	}()
	r, err := oggvorbis.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
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
