package film

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"

	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// A WebM is a Matroska file (RFC 9559) of few kinds of streams, made of EBML elements (RFC 8794). Its
// frames are key frames of VP8, each the picture of a lossy WebP, which is one (RFC 6386), so that any
// frame can be gone to.
const (
	webmQuality   = 80
	clusterLength = 30_000 // milliseconds, less than a block's 16 bits hold
	vp8Chunk      = "VP8 "
	webmProgram   = "atelier"
)

// element is an EBML element of an ID; its length takes eight bytes.
func element(id uint32, data ...[]byte) []byte {
	whole := bytes.Join(data, nil)
	out := bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, id), "\x00")
	out = binary.BigEndian.AppendUint64(out, uint64(len(whole))|1<<56)
	return append(out, whole...)
}

// number is an element that is a whole number.
func number(id uint32, v uint64) []byte { return element(id, binary.BigEndian.AppendUint64(nil, v)) }

// text is an element that is a text.
func text(id uint32, s string) []byte { return element(id, []byte(s)) }

// webmHead is what is before the segment, and webmAbout what is before its frames.
func webmHead() []byte {
	return element(0x1a45dfa3, // EBML
		number(0x4286, 1), number(0x42f7, 1), number(0x42f2, 4), number(0x42f3, 8), // version, read version, longest ID and length
		text(0x4282, "webm"), number(0x4287, 4), number(0x4285, 2)) // type, version, read version
}

func (f *Film) webmAbout() []byte {
	size := f.Frames[0].Bounds().Size()
	duration := binary.BigEndian.AppendUint64(nil, math.Float64bits(float64(len(f.Frames)*1000)/float64(f.Rate)))
	info := element(0x1549a966, number(0x2ad7b1, 1_000_000), element(0x4489, duration), text(0x4d80, webmProgram), text(0x5741, webmProgram)) // times in milliseconds
	const video = 1
	track := element(0xae, number(0xd7, 1), number(0x73c5, 1), number(0x83, video), text(0x86, "V_VP8"),
		number(0x23e383, uint64(1_000_000_000/f.Rate)), element(0xe0, number(0xb0, uint64(size.X)), number(0xba, uint64(size.Y))))
	return append(info, element(0x1654ae6b, track)...)
}

func encodeWebM(of *Film) ([]byte, error) {
	e, err := newEncoder(context.Background())
	if err != nil {
		return nil, err
	}
	defer e.close()
	segment := of.webmAbout()
	var cluster []byte
	begin := 0
	for i, m := range of.Frames {
		still, err := e.encode(picture.NRGBA(m), webmQuality)
		if err != nil {
			return nil, err
		}
		frame, err := keyFrame(still)
		if err != nil {
			return nil, err
		}
		at := i * 1000 / of.Rate
		if i == 0 || at-begin >= clusterLength {
			if i > 0 {
				segment = append(segment, element(0x1f43b675, cluster)...)
			}
			begin, cluster = at, number(0xe7, uint64(at))
		}
		const track, key = 0x81, 0x80
		block := append(binary.BigEndian.AppendUint16([]byte{track}, uint16(at-begin)), key)
		cluster = append(cluster, element(0xa3, block, frame)...)
	}
	segment = append(segment, element(0x1f43b675, cluster)...)
	return append(webmHead(), element(0x18538067, segment)...), nil
}

// keyFrame is the VP8 frame in a lossy WebP without transparency.
func keyFrame(still []byte) (frame []byte, err error) {
	if len(still) < riffHead {
		return nil, badinput.Errorf("the encoder wrote no picture")
	}
	aviChunks(still[riffHead:min(len(still), int(binary.LittleEndian.Uint32(still[4:]))+chunkHead)], func(kind string, data []byte) bool {
		if kind == vp8Chunk {
			frame = data
		}
		return frame == nil
	})
	if frame == nil {
		return nil, badinput.Errorf("the encoder wrote no VP8 frame")
	}
	return frame, nil
}
