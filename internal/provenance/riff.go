package provenance

import (
	"encoding/binary"
	"iter"

	"atelier/internal/badinput"
)

const (
	riffHead  = 12 // bytes before the first chunk
	chunkHead = 8  // bytes of a chunk before its data

	riffManifest = "C2PA" // chunk of a C2PA manifest
)

// isRIFF reports whether a file is a RIFF file of a kind.
func isRIFF(file []byte, kind string) bool {
	return len(file) >= riffHead && string(file[:4]) == "RIFF" && string(file[8:riffHead]) == kind
}

// A riffChunk is a chunk of a RIFF file.
type riffChunk struct {
	kind string
	data []byte
	raw  []byte // with kind, length and padding
}

// riffFile yields the chunks of a RIFF file in order, or an error. Data after the RIFF are ignored.
func riffFile(file []byte, name string) iter.Seq2[riffChunk, error] {
	rest := file[riffHead:]
	if size := uint64(binary.LittleEndian.Uint32(file[4:])) + chunkHead - riffHead; size < uint64(len(rest)) {
		rest = rest[:size]
	}
	return riffChunks(rest, name)
}

// riffChunks yields chunks in order, or an error. A chunk of odd length is padded.
func riffChunks(rest []byte, name string) iter.Seq2[riffChunk, error] {
	return func(yield func(riffChunk, error) bool) {
		for len(rest) > 0 {
			if len(rest) < chunkHead || uint64(binary.LittleEndian.Uint32(rest[4:])) > uint64(len(rest)-chunkHead) {
				yield(riffChunk{}, badinput.Errorf("the %s is cut short", name))
				return
			}
			end := chunkHead + int(binary.LittleEndian.Uint32(rest[4:]))
			whole := min(end+end%2, len(rest))
			if !yield(riffChunk{string(rest[:4]), rest[chunkHead:end:end], rest[:whole:whole]}, nil) {
				return
			}
			rest = rest[whole:]
		}
	}
}

// appendChunk appends a chunk, padded to an even length.
func appendChunk(to []byte, kind string, data []byte) []byte {
	to = binary.LittleEndian.AppendUint32(append(to, kind...), uint32(len(data)))
	if to = append(to, data...); len(data)%2 > 0 {
		to = append(to, 0)
	}
	return to
}
