package sound

import (
	"encoding/binary"
	"errors"
	"io"
	"math/bits"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
)

const (
	flacBlock  = 4096 // samples per frame
	partOrder  = 4    // a frame is divided into 2^partOrder partitions of equal length, each with its own parameter
	mostOrder  = 4    // of a fixed predictor
	mostRice   = 14   // parameter in 4 bits
	mostRice2  = 30   // in 5 bits
	flacVendor = "atelier"
	blockSizes = 8 // offset in the file of the smallest and the largest block size
)

// FLAC writes the recording as a FLAC file of 16 or 24 bits, with an optional title.
func (r *Recording) FLAC(depth int, title string) ([]byte, error) {
	var blocks []*meta.Block
	if title != "" { // the library mishandles comments without a tag
		blocks = append(blocks, &meta.Block{Header: meta.Header{Type: meta.TypeVorbisComment}, Body: &meta.VorbisComment{Vendor: flacVendor, Tags: [][2]string{{"TITLE", title}}}})
	}
	out := &memoryFile{}
	encoder, err := flac.NewEncoder(out, &meta.StreamInfo{
		BlockSizeMin: flacBlock, BlockSizeMax: flacBlock, SampleRate: uint32(r.Rate), NChannels: channels,
		BitsPerSample: uint8(depth), NSamples: uint64(len(r.Left)),
	}, blocks...)
	if err != nil {
		return nil, err
	}
	encoder.EnablePredictionAnalysis(false)
	for from := 0; from < len(r.Left); from += flacBlock {
		to := min(from+flacBlock, len(r.Left))
		if err := encoder.WriteFrame(r.frame(from, to, depth)); err != nil {
			return nil, err
		}
	}
	if err := encoder.Close(); err != nil {
		return nil, err
	}
	// The last block is shorter, which does not count (RFC 9639, 8.2).
	binary.BigEndian.PutUint16(out.bytes[blockSizes:], flacBlock)
	binary.BigEndian.PutUint16(out.bytes[blockSizes+2:], flacBlock)
	return out.bytes, nil
}

// frame encodes a part of the recording as left/right or mid/side, whichever is shorter.
func (r *Recording) frame(from, to, depth int) *frame.Frame {
	n := to - from
	left, right := make([]int32, n), make([]int32, n)
	mid, side := make([]int32, n), make([]int32, n)
	for i := range n {
		left[i], right[i] = whole(r.Left[from+i], depth), whole(r.Right[from+i], depth)
		mid[i], side[i] = (left[i]+right[i])>>1, left[i]-right[i]
	}
	f := &frame.Frame{Header: frame.Header{
		HasFixedBlockSize: true, BlockSize: uint16(n), SampleRate: uint32(r.Rate), Channels: frame.ChannelsLR, BitsPerSample: uint8(depth),
	}}
	l, leftSize := predicted(left, depth)
	rt, rightSize := predicted(right, depth)
	m, midSize := predicted(mid, depth)
	s, sideSize := predicted(side, depth)
	f.Subframes = []*frame.Subframe{l, rt}
	if midSize+sideSize < leftSize+rightSize {
		f.Channels = frame.ChannelsMidSide // which the encoder derives from left and right
		m.Samples, s.Samples = left, right
		f.Subframes = []*frame.Subframe{m, s}
	}
	return f
}

// predicted is a channel with the best fixed predictor, and its approximate size in bits.
func predicted(x []int32, depth int) (*frame.Subframe, int) {
	s := &frame.Subframe{SubHeader: frame.SubHeader{Pred: frame.PredFixed}, Samples: x, NSamples: len(x)}
	constant := true
	for _, v := range x {
		constant = constant && v == x[0]
	}
	if constant {
		s.Pred = frame.PredConstant
		return s, 0
	}
	least := -1
	rest := append([]int32(nil), x...)
	var best []int32
	for order := 0; order <= mostOrder && order < len(x); order++ {
		if order > 0 {
			for i := len(rest) - 1; i >= order; i-- {
				rest[i] -= rest[i-1]
			}
		}
		sum := 0
		for _, v := range rest[order:] {
			sum += int(max(v, -v))
		}
		if least < 0 || sum < least {
			least, s.Order = sum, order
			best = append(best[:0], rest...)
		}
	}
	most := uint(mostRice)
	s.ResidualCodingMethod = frame.ResidualCodingMethodRice1
	if depth > 16 {
		s.ResidualCodingMethod, most = frame.ResidualCodingMethodRice2, mostRice2
	}
	parts := partOrder
	if len(x) != flacBlock {
		parts = 0
	}
	s.RiceSubframe = &frame.RiceSubframe{PartOrder: parts}
	size := 0
	for p := range 1 << parts {
		from, to := p*len(x)>>parts, (p+1)*len(x)>>parts
		from = max(from, s.Order)
		k, n := rice(best[from:to], most)
		size += n
		s.RiceSubframe.Partitions = append(s.RiceSubframe.Partitions, frame.RicePartition{Param: k})
	}
	return s, size
}

// rice is the best Rice parameter for a residual, and its approximate size in bits.
func rice(rest []int32, most uint) (k uint, size int) {
	sum := uint64(0)
	for _, v := range rest {
		sum += uint64(uint32(v<<1 ^ v>>31))
	}
	if len(rest) > 0 {
		k = min(most, uint(max(0, bits.Len64(sum/uint64(len(rest)))-1)))
	}
	for _, v := range rest {
		size += int(uint32(v<<1^v>>31)>>k) + 1 + int(k)
	}
	return k, size
}

// A memoryFile is a file in memory; the encoder seeks back to its beginning.
type memoryFile struct {
	bytes []byte
	at    int
}

// Write implements [io.Writer].
func (f *memoryFile) Write(b []byte) (int, error) {
	n := copy(f.bytes[f.at:], b)
	f.bytes = append(f.bytes, b[n:]...)
	f.at += len(b)
	return len(b), nil
}

// Seek implements [io.Seeker] from the beginning.
func (f *memoryFile) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart || offset < 0 || offset > int64(len(f.bytes)) {
		return 0, errors.New("a place that is not in the file")
	}
	f.at = int(offset)
	return offset, nil
}
