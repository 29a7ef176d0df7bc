package film

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/at-wat/ebml-go"
	"github.com/at-wat/ebml-go/webm"

	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// A WebM is a Matroska file (RFC 9559) of few kinds of streams. Its frames are key frames of VP8,
// each the picture of a lossy WebP, which is one (RFC 6386), so that any frame can be gone to.
const (
	webmQuality   = 80
	webmTrack     = 1
	vp8Codec      = "V_VP8"
	videoTrack    = 1 // TrackType
	millisecond   = 1_000_000
	clusterLength = 30_000 // milliseconds, less than a block's 16 bits hold
	vp8Chunk      = "VP8 "
	webmProgram   = "atelier"
)

// webmFile is a file as it is written. Tags, which hold the label, come last.
type webmFile struct {
	Header  webm.EBMLHeader `ebml:"EBML"`
	Segment struct {
		Info    webm.Info      `ebml:"Info"`
		Tracks  webm.Tracks    `ebml:"Tracks"`
		Cluster []webm.Cluster `ebml:"Cluster"`
	} `ebml:"Segment"`
}

func encodeWebM(of *Film) ([]byte, error) {
	e, err := newEncoder(context.Background())
	if err != nil {
		return nil, err
	}
	defer e.close()
	size := of.Frames[0].Bounds().Size()
	var file webmFile
	file.Header = *webm.DefaultEBMLHeader
	s := &file.Segment
	s.Info = webm.Info{TimecodeScale: millisecond, MuxingApp: webmProgram, WritingApp: webmProgram, Duration: float64(len(of.Frames)*1000) / float64(of.Rate)}
	s.Tracks.TrackEntry = []webm.TrackEntry{{
		TrackNumber: webmTrack, TrackUID: webmTrack, TrackType: videoTrack, CodecID: vp8Codec, DefaultDuration: uint64(1_000_000_000 / of.Rate),
		Video: &webm.Video{PixelWidth: uint64(size.X), PixelHeight: uint64(size.Y)},
	}}
	for i, m := range of.Frames {
		still, err := e.encode(picture.NRGBA(m), webmQuality)
		if err != nil {
			return nil, err
		}
		frame, err := keyFrame(still)
		if err != nil {
			return nil, err
		}
		at := uint64(i*1000) / uint64(of.Rate)
		if n := len(s.Cluster); n == 0 || at-s.Cluster[n-1].Timecode >= clusterLength {
			s.Cluster = append(s.Cluster, webm.Cluster{Timecode: at})
		}
		c := &s.Cluster[len(s.Cluster)-1]
		c.SimpleBlock = append(c.SimpleBlock, ebml.Block{TrackNumber: webmTrack, Timecode: int16(at - c.Timecode), Keyframe: true, Data: [][]byte{frame}})
	}
	var out bytes.Buffer
	if err := ebml.Marshal(&file, &out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
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
