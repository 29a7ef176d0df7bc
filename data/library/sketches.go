package library

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"atelier/data"
)

const (
	mostBands        = 1024
	largestSignature = 4 << 10 // bytes
)

// sketchHead is the number of bytes before bands and signature.
const sketchHead = 20

// A sketchFile holds the sketches of one comparing cleaner in the order of the spool: the Item's
// offset there, its rank, the lengths of bands and signature, and both.
type sketchFile struct{ *spool }

// add appends the sketch of the Item at an offset of the spool.
func (f sketchFile) add(item int64, s *data.Sketch) error {
	if len(s.Bands) > mostBands || len(s.Signature) > largestSignature {
		return fmt.Errorf("a sketch of %d bands and a signature of %d bytes; at most %d and %d can be kept", len(s.Bands), len(s.Signature), mostBands, largestSignature)
	}
	head := binary.LittleEndian.AppendUint64(make([]byte, 0, sketchHead+8*len(s.Bands)), uint64(item))
	head = binary.LittleEndian.AppendUint64(head, uint64(s.Rank))
	head = binary.LittleEndian.AppendUint16(head, uint16(len(s.Bands)))
	head = binary.LittleEndian.AppendUint16(head, uint16(len(s.Signature)))
	for _, b := range s.Bands {
		head = binary.LittleEndian.AppendUint64(head, b)
	}
	_, err := f.append(head, s.Signature)
	return err
}

// A sketched locates the sketch of an Item.
type sketched struct {
	item      int64 // offset of the Item in the spool
	rank      data.Rank
	bands     []uint64
	signature int64 // offset in the file of sketches
	size      int   // bytes of the signature
	brief     data.Brief
}

// each calls yield for every sketch; its arguments are reused.
func (f sketchFile) each(yield func(sketched) error) error {
	if err := f.out.Flush(); err != nil {
		return err
	}
	return eachSketch(bufio.NewReaderSize(io.NewSectionReader(f.file, 0, f.size), 1<<20), yield)
}

// eachSketch is [sketchFile.each] for a reader.
func eachSketch(r *bufio.Reader, yield func(sketched) error) error {
	var s sketched
	var at int64
	for {
		var head [sketchHead]byte
		_, err := io.ReadFull(r, head[:])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		n := int(binary.LittleEndian.Uint16(head[16:]))
		s.item, s.rank = int64(binary.LittleEndian.Uint64(head[:])), data.Rank(binary.LittleEndian.Uint64(head[8:]))
		s.size = int(binary.LittleEndian.Uint16(head[18:]))
		s.bands = s.bands[:0]
		for range n {
			var band [8]byte
			if _, err := io.ReadFull(r, band[:]); err != nil {
				return err
			}
			s.bands = append(s.bands, binary.LittleEndian.Uint64(band[:]))
		}
		s.signature = at + int64(len(head)+8*n)
		at = s.signature + int64(s.size)
		begin := min(s.size, len(s.brief))
		clear(s.brief[begin:])
		if _, err := io.ReadFull(r, s.brief[:begin]); err != nil {
			return err
		}
		if _, err := r.Discard(s.size - begin); err != nil {
			return err
		}
		if err := yield(s); err != nil {
			return err
		}
	}
}
