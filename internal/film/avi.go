package film

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"

	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// An AVI is a RIFF file (Microsoft, AVI RIFF File Reference): the list hdrl describes the streams,
// the list movi holds the frames as JPEG files, with the sound of each frame behind it, and idx1
// says where they are.
const (
	riffHead     = 12
	chunkHead    = 8
	jpegQuality  = 92
	aviKeyFrame  = 0x10 // flag of idx1
	aviHasIndex  = 0x10 // flag of avih
	aviIsMixed   = 0x100
	aviVideo     = "00dc"
	aviSound     = "01wb"
	mostOfAVI    = 1 << 30 // bytes
	mostSoundAVI = 8       // channels
)

// chunk appends a chunk, padded to an even length.
func chunk(to []byte, kind string, data []byte) []byte {
	to = binary.LittleEndian.AppendUint32(append(to, kind...), uint32(len(data)))
	if to = append(to, data...); len(data)%2 > 0 {
		to = append(to, 0)
	}
	return to
}

// list appends a list of chunks.
func list(to []byte, kind string, chunks []byte) []byte {
	return chunk(to, "LIST", append([]byte(kind), chunks...))
}

// words are 32-bit numbers.
func words(all ...uint32) (out []byte) {
	for _, v := range all {
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	return out
}

func encodeAVI(of *Film) ([]byte, error) {
	var movi, index []byte
	add := func(kind string, data []byte) {
		index = append(index, append([]byte(kind), words(aviKeyFrame, uint32(4+len(movi)), uint32(len(data)))...)...)
		movi = chunk(movi, kind, data)
	}
	longest := 0
	for i, m := range of.Frames {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: jpegQuality}); err != nil {
			return nil, err
		}
		longest = max(longest, b.Len())
		add(aviVideo, b.Bytes())
		if piece := of.soundOf(i); len(piece) > 0 {
			add(aviSound, piece)
		}
		if len(movi) > mostOfAVI {
			return nil, badinput.Errorf("the film takes more than %d MiB as AVI: want fewer or smaller frames", mostOfAVI>>20)
		}
	}
	body := list([]byte("AVI "), "hdrl", of.aviHeader(longest))
	body = chunk(list(body, "movi", movi), "idx1", index)
	return append(append([]byte("RIFF"), words(uint32(len(body)))...), body...), nil
}

// soundOf is the sound of a frame, as bytes; the last has all that is left.
func (f *Film) soundOf(frame int) (out []byte) {
	if f.Sound == nil {
		return nil
	}
	whole := len(f.Sound.Samples) / f.Sound.Channels
	at := func(frame int) int { return min(frame*f.Sound.Rate/f.Rate, whole) }
	from, to := at(frame), at(frame+1)
	if frame == len(f.Frames)-1 {
		to = whole
	}
	for _, v := range f.Sound.Samples[from*f.Sound.Channels : to*f.Sound.Channels] {
		out = binary.LittleEndian.AppendUint16(out, uint16(v))
	}
	return out
}

// aviHeader are the chunks of the list hdrl.
func (f *Film) aviHeader(longest int) []byte {
	size, n, rate := f.Frames[0].Bounds().Size(), uint32(len(f.Frames)), uint32(f.Rate)
	streams := uint32(1)
	if f.Sound != nil {
		streams = 2
	}
	w, h := uint32(size.X), uint32(size.Y)
	out := chunk(nil, "avih", words(1_000_000/rate, uint32(longest)*rate, 0, aviHasIndex|aviIsMixed, n, 0, streams, uint32(longest), w, h, 0, 0, 0, 0))
	strh := append([]byte("vidsMJPG"), words(0, 0, 0, 1, rate, 0, n, uint32(longest), 0xffffffff, 0, 0, w&0xffff|h<<16)...)
	strf := append(words(40, w, h, 1|24<<16), "MJPG"...)
	strf = append(strf, words(w*h*3, 0, 0, 0, 0)...)
	out = list(out, "strl", chunk(chunk(nil, "strh", strh), "strf", strf))
	if f.Sound == nil {
		return out
	}
	channels, sampling := uint32(f.Sound.Channels), uint32(f.Sound.Rate)
	block := 2 * channels
	strh = append([]byte("auds\x00\x00\x00\x00"), words(0, 0, 0, block, sampling*block, 0, uint32(len(f.Sound.Samples))/channels, sampling*block, 0xffffffff, block, 0, 0)...)
	strf = words(1|channels<<16, sampling, sampling*block, block|16<<16) // PCM of 16 bits
	return list(out, "strl", chunk(chunk(nil, "strh", strh), "strf", strf))
}

// aviChunks calls a function with the chunks of a RIFF file or a list, in order, as far as they are
// complete.
func aviChunks(b []byte, each func(kind string, data []byte) bool) {
	for len(b) >= chunkHead {
		size := uint64(binary.LittleEndian.Uint32(b[4:]))
		whole := size <= uint64(len(b)-chunkHead)
		data := b[chunkHead:]
		if whole {
			data = data[:size]
		}
		if !each(string(b[:4]), data) || !whole {
			return
		}
		b = b[min(chunkHead+size+size%2, uint64(len(b))):]
	}
}

// openAVI finds the frames of the first stream, which must be JPEG files. A file that is cut short
// has the frames that are complete.
func openAVI(file []byte) (*Reel, error) {
	var frames [][]byte
	reel := &Reel{}
	var look func(kind string, data []byte) bool
	look = func(kind string, data []byte) bool {
		switch {
		case kind == "LIST" && len(data) >= 4 && (string(data[:4]) == "hdrl" || string(data[:4]) == "movi" || string(data[:4]) == "rec "):
			aviChunks(data[4:], look)
		case kind == "avih" && len(data) >= 4:
			if each := binary.LittleEndian.Uint32(data); each > 0 && each <= 1_000_000 {
				reel.Rate = int((1_000_000 + each/2) / each)
			}
		case (kind == aviVideo || kind == "00db") && len(data) > 0:
			frames = append(frames, data)
		}
		return true
	}
	aviChunks(file[riffHead:], look)
	if len(frames) == 0 {
		return nil, badinput.Errorf("the AVI file has no frames")
	}
	first, err := picture.Open(frames[0])
	if err != nil || first.Format != picture.JPEG {
		return nil, badinput.Errorf("the AVI file is not one of JPEG frames (MJPEG), which is the only kind that is read")
	}
	reel.N, reel.Size = len(frames), image.Pt(first.Width, first.Height)
	reel.Frames = func(yield func(image.Image, error) bool) {
		for _, b := range frames {
			var m image.Image
			f, err := picture.Open(b)
			if err == nil {
				m, err = f.Decode()
			}
			if !yield(m, badinput.Mark(err)) || err != nil {
				return
			}
		}
	}
	return reel, nil
}
