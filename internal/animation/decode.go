package animation

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/gif"

	"atelier/internal/picture"
)

// Decode returns the frames of a file as Encode writes them, each a whole picture. A
// file that does not move has one.
func Decode(file []byte) ([]image.Image, error) {
	f, err := picture.Open(file)
	if err != nil {
		return nil, err
	}
	var stills [][]byte
	switch f.Format {
	case picture.GIF:
		all, err := gif.DecodeAll(bytes.NewReader(file))
		if err != nil {
			return nil, err
		}
		frames := make([]image.Image, len(all.Image))
		for i, m := range all.Image {
			frames[i] = m
		}
		return frames, nil
	case picture.PNG:
		stills, err = stillPNGs(file)
	case picture.WebP:
		stills = stillWebPs(file)
	}
	if err != nil {
		return nil, err
	}
	if len(stills) == 0 {
		stills = [][]byte{file}
	}
	var frames []image.Image
	for _, still := range stills {
		f, err := picture.Open(still)
		if err != nil {
			return nil, err
		}
		m, err := f.Decode()
		if err != nil {
			return nil, err
		}
		frames = append(frames, m)
	}
	return frames, nil
}

// stillWebPs takes an animated WebP apart into one WebP a frame, none if it does not
// move. The file was opened before: its chunks are whole.
func stillWebPs(file []byte) (stills [][]byte) {
	const riff, head, frame = 12, 8, 16 // bytes before the first chunk, of a chunk, and of a frame before its picture
	for rest := file[riff:]; len(rest) >= head; {
		size := int(binary.LittleEndian.Uint32(rest[4:]))
		if data := rest[head:min(head+size, len(rest))]; string(rest[:4]) == "ANMF" && len(data) >= frame {
			still := []byte("RIFF\x00\x00\x00\x00WEBP")
			still = append(still, data[frame:]...)
			binary.LittleEndian.PutUint32(still[4:], uint32(len(still)-8))
			stills = append(stills, still)
		}
		rest = rest[min(head+size+size%2, len(rest)):]
	}
	return stills
}
