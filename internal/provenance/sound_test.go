package provenance

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// soundFiles are recordings of four samples with a title, and without.
func soundFiles() map[string][]byte {
	riff := func(chunks ...[]byte) []byte {
		body := bytes.Join(append([][]byte{[]byte("WAVE")}, chunks...), nil)
		return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
	}
	format := appendChunk(nil, "fmt ", make([]byte, 16))
	samples := appendChunk(nil, "data", []byte{1, 2, 3, 4, 5, 6, 7, 8})
	title := appendChunk(nil, "LIST", appendChunk([]byte("INFO"), "INAM", []byte("title\x00")))
	block := func(head uint32, data []byte) []byte {
		return append(binary.BigEndian.AppendUint32(nil, head|uint32(len(data))), data...)
	}
	info := make([]byte, 34)
	comments := appendComments(nil, []byte("someone"), [][]byte{[]byte("TITLE=title")})
	frames := []byte("\xff\xf8frames")
	return map[string][]byte{
		"wav":              riff(format, samples),
		"wav with a title": riff(format, title, samples),
		"flac":             bytes.Join([][]byte{[]byte("fLaC"), block(flacLast<<24, info), frames}, nil),
		"flac with a title": bytes.Join([][]byte{[]byte("fLaC"), block(0, info), block(flacComments<<24, comments),
			block(1<<24|flacLast<<24, make([]byte, 9)), frames}, nil),
		"flac with empty comments": bytes.Join([][]byte{[]byte("fLaC"), block(0, info), block(flacComments<<24|flacLast<<24, nil), frames}, nil),
	}
}

// Recordings carry labels, keep their samples and titles, and a later label replaces the first.
func TestWriteReadSound(t *testing.T) {
	for name, plain := range soundFiles() {
		labelled := write(t, plain, example)
		if got, err := Read(labelled); err != nil || !cmp.Equal(got, example) {
			t.Errorf("%s: %+v, error %v", name, got, err)
		}
		other := Label{Run: "0003-other"}
		if !bytes.Equal(write(t, labelled, other), write(t, plain, other)) {
			t.Errorf("%s: the first label is still there after the second", name)
		}
		for _, part := range []string{"\x01\x02\x03\x04\x05\x06\x07\x08", "title", "\xff\xf8frames"} {
			if bytes.Contains(plain, []byte(part)) != bytes.Contains(labelled, []byte(part)) {
				t.Errorf("%s: %q is lost", name, part)
			}
		}
		if !bytes.Contains(labelled, []byte("digitalsourcetype/trainedAlgorithmicMedia")) {
			t.Errorf("%s: it does not state what it is", name)
		}
		for n := range labelled {
			flipped := bytes.Clone(labelled)
			flipped[n] ^= 0x81
			for _, file := range [][]byte{labelled[:n:n], flipped} {
				if l, err := Read(file); err == nil {
					Write(file, l)
				}
			}
		}
	}
}
