package provenance

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"atelier/internal/badinput"
	"atelier/internal/c2pa"
	"atelier/internal/pngchunk"
)

// A signable is a container with a place for a C2PA manifest store.
type signable interface {
	container
	// place puts a store into a file that has none, and returns the range that it takes, with all
	// that goes with it.
	place(file, store []byte) ([]byte, c2pa.Range, error)
	// manifest returns the store and its range; nil if there is none.
	manifest(file []byte) ([]byte, c2pa.Range, error)
}

// Signable reports whether a file has a format that can hold a signature.
func Signable(file []byte) bool {
	c, err := containerOf(file)
	_, ok := c.(signable)
	return err == nil && ok
}

// Sign returns a labelled file with a C2PA manifest that signs all of it, in place of an older one.
// The same file, label and signer give the same bytes.
func Sign(file []byte, by *c2pa.Signer) ([]byte, error) {
	c, err := containerOf(file)
	if err != nil {
		return nil, err
	}
	in, ok := c.(signable)
	if !ok {
		return nil, badinput.Errorf("files of this format cannot be signed; PNG, JPEG, WebP, GIF and WAV can")
	}
	l, err := Read(file)
	if err != nil {
		return nil, err
	}
	if file, err = withoutManifest(in, file); err != nil {
		return nil, err
	}
	work := c2pa.Work{Source: l.Source.address(), Program: "Atelier", Version: l.Version}
	store, err := by.Manifest(work)
	if err != nil {
		return nil, err
	}
	for range 8 { // the length of a manifest depends on its own, as a number
		out, at, err := in.place(file, store)
		if err != nil {
			return nil, err
		}
		h := sha256.New()
		h.Write(out[:at.Start])
		h.Write(out[at.Start+at.Length:])
		work.Manifest, work.Hash = at, [sha256.Size]byte(h.Sum(nil))
		next, err := by.Manifest(work)
		if err != nil {
			return nil, err
		}
		if bytes.Equal(next, store) {
			return out, nil
		}
		store = next
	}
	return nil, badinput.Errorf("the file cannot be signed: the length of its manifest never settles")
}

// withoutManifest is a file without its manifest, byte for byte if there is none.
func withoutManifest(in signable, file []byte) ([]byte, error) {
	store, at, err := in.manifest(file)
	if err != nil || store == nil {
		return file, err
	}
	out := append(bytes.Clone(file[:at.Start]), file[at.Start+at.Length:]...)
	if in == (webpFile{}) || in == (wavFile{}) {
		binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-chunkHead))
	}
	return out, nil
}

// signatureOf reads and checks the manifest of a file; nil if there is none.
func signatureOf(c container, file []byte) (*c2pa.Manifest, error) {
	in, ok := c.(signable)
	if !ok {
		return nil, nil
	}
	store, at, err := in.manifest(file)
	if err != nil || store == nil {
		return nil, err
	}
	return c2pa.Read(store, file, at)
}

// place puts the store into a chunk near the beginning.
func (pngFile) place(file, store []byte) (out []byte, at c2pa.Range, err error) {
	chunk := pngchunk.Append(nil, pngManifest, store)
	out, start, err := pngchunk.Insert(file, chunk, false, func(pngchunk.Chunk) bool { return false })
	return out, c2pa.Range{Start: start, Length: len(chunk)}, err
}

func (pngFile) manifest(file []byte) ([]byte, c2pa.Range, error) {
	at := len(pngchunk.Signature)
	for c, err := range pngchunk.All(file) {
		if err != nil {
			return nil, c2pa.Range{}, err
		}
		if c.Kind == pngManifest {
			return c.Data, c2pa.Range{Start: at, Length: len(c.Raw)}, nil
		}
		at += len(c.Raw)
	}
	return nil, c2pa.Range{}, nil
}

// place puts the store into segments after JFIF's.
func (jpegFile) place(file, store []byte) (out []byte, at c2pa.Range, err error) {
	out = append(out, startOfImage...)
	placed := false
	for s, err := range segments(file) {
		if err != nil {
			return nil, at, err
		}
		if !placed && s.mark != markApp0 {
			at.Start, placed = len(out), true
			out = jumbfSegments(out, store)
			at.Length = len(out) - at.Start
		}
		out = append(out, s.raw...)
	}
	return out, at, nil
}

// boxHead is how much of a box is repeated in each of its segments: length and type.
const boxHead = 8

// jumbfSegments appends a box in as many segments as it takes (ISO 19566-5, annex D).
func jumbfSegments(to, store []byte) []byte {
	head := store[:boxHead]
	for number, rest := uint32(1), store[boxHead:]; len(rest) > 0; number++ {
		n := min(len(rest), longest-jumbfHead-boxHead)
		data := binary.BigEndian.AppendUint32([]byte("JP\x00\x01"), number)
		to = segment(to, markApp11, append(append(data, head...), rest[:n]...))
		rest = rest[n:]
	}
	return to
}

func (jpegFile) manifest(file []byte) (store []byte, at c2pa.Range, err error) {
	pos := len(startOfImage)
	for s, err := range segments(file) {
		if err != nil {
			return nil, at, err
		}
		if follows := store == nil || pos == at.Start+at.Length; follows && s.isManifest() && len(s.data) > jumbfHead+boxHead {
			if store == nil {
				at.Start, store = pos, bytes.Clone(s.data[jumbfHead:jumbfHead+boxHead])
			}
			store = append(store, s.data[jumbfHead+boxHead:]...)
			at.Length += len(s.raw)
		}
		pos += len(s.raw)
	}
	return store, at, nil
}

func (webpFile) place(file, store []byte) ([]byte, c2pa.Range, error) { return placeRIFF(file, store) }
func (wavFile) place(file, store []byte) ([]byte, c2pa.Range, error)  { return placeRIFF(file, store) }

// placeRIFF puts the store into a chunk at the end.
func placeRIFF(file, store []byte) ([]byte, c2pa.Range, error) {
	at := c2pa.Range{Start: len(file)}
	out := appendChunk(bytes.Clone(file), riffManifest, store)
	at.Length = len(out) - at.Start
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-chunkHead))
	return out, at, nil
}

func (webpFile) manifest(file []byte) ([]byte, c2pa.Range, error) {
	return manifestRIFF(file, "WebP")
}
func (wavFile) manifest(file []byte) ([]byte, c2pa.Range, error) { return manifestRIFF(file, wavName) }

func manifestRIFF(file []byte, name string) ([]byte, c2pa.Range, error) {
	at := riffHead
	for c, err := range riffFile(file, name) {
		if err != nil {
			return nil, c2pa.Range{}, err
		}
		if c.kind == riffManifest {
			return c.data, c2pa.Range{Start: at, Length: len(c.raw)}, nil
		}
		at += len(c.raw)
	}
	return nil, c2pa.Range{}, nil
}

const (
	gifManifest = "\x0bC2PA_GIF\x01\x00\x00"
	gifPart     = 255 // bytes of a part of a block
)

// place puts the store into an application block before all others.
func (gifFile) place(file, store []byte) ([]byte, c2pa.Range, error) {
	if _, _, err := gifBlocks(file); err != nil {
		return nil, c2pa.Range{}, err
	}
	at := c2pa.Range{Start: gifHead + gifPalette(file)}
	out := append(bytes.Clone(file[:at.Start]), gifExtension, gifProgram)
	out = append(out, gifManifest...)
	for rest := store; len(rest) > 0; {
		n := min(len(rest), gifPart)
		out = append(append(out, byte(n)), rest[:n]...)
		rest = rest[n:]
	}
	out = append(out, 0)
	at.Length = len(out) - at.Start
	return append(out, file[at.Start:]...), at, nil
}

func (gifFile) manifest(file []byte) (store []byte, at c2pa.Range, err error) {
	blocks, _, err := gifBlocks(file)
	if err != nil {
		return nil, at, err
	}
	pos := gifHead + gifPalette(file)
	for _, b := range blocks {
		if rest, ok := bytes.CutPrefix(b[1:], []byte{gifProgram}); ok && bytes.HasPrefix(rest, []byte(gifManifest)) {
			for rest = rest[len(gifManifest):]; rest[0] > 0; rest = rest[1+int(rest[0]):] {
				store = append(store, rest[1:1+int(rest[0])]...)
			}
			return store, c2pa.Range{Start: pos, Length: len(b)}, nil
		}
		pos += len(b)
	}
	return nil, at, nil
}
