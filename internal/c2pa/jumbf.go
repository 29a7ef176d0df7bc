package c2pa

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"

	"atelier/internal/badinput"
)

// Limits on what is read: a store of a picture with a history of edits has some hundred boxes.
const (
	// MostStore is the size limit of a manifest store in bytes.
	MostStore   = 16 << 20
	deepestBox  = 8
	mostBoxes   = 20_000
	mostInStore = 200 // manifests
)

// A kind is the type of a superbox, the first four bytes of its UUID (ISO 19566-5, C2PA 2.2).
type kind string

// The kinds of superboxes that are written and read.
const (
	kindStore      kind = "c2pa"
	kindManifest   kind = "c2ma"
	kindAssertions kind = "c2as"
	kindClaim      kind = "c2cl"
	kindSignature  kind = "c2cs"
	kindCBOR       kind = "cbor"
)

const (
	superBox    = "jumb"
	description = "jumd"
	boxHead     = 8    // bytes of length and type
	kindTail    = 12   // bytes of a kind's UUID after the first four
	requestable = 0x03 // a box can be referred to, and has a label
)

// tail is the rest of the UUID of every kind.
var tail, _ = hex.DecodeString("00110010800000AA00389B71")

// A box is a superbox: boxes of its own, or contents.
type box struct {
	kind     kind
	label    string
	boxes    []box
	contents []byte // of a box of the type of its kind; CBOR
	body     []byte // when read: what hashes are of, all but length and type
}

// write appends the box. Its length has four bytes: stores are small.
func (b box) write(to []byte) []byte {
	to = append(to, 0, 0, 0, 0)
	from := len(to) - 4
	to = append(to, superBox...)
	about := bytes.Join([][]byte{[]byte(b.kind), tail, {requestable}, []byte(b.label), {0}}, nil)
	to = writeBox(to, description, about)
	for _, in := range b.boxes {
		to = in.write(to)
	}
	if b.contents != nil {
		to = writeBox(to, string(kindCBOR), b.contents)
	}
	binary.BigEndian.PutUint32(to[from:], uint32(len(to)-from))
	return to
}

// hashed is what the hash of a reference to the box is of.
func (b box) hashed() []byte { return b.write(nil)[boxHead:] }

func writeBox(to []byte, name string, data []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(boxHead+len(data)))
	return append(append(to, name...), data...)
}

// reader reads boxes within limits.
type reader struct{ boxes int }

var errStore = badinput.Errorf("the C2PA manifest is damaged or cut short")

// next splits the first box off.
func next(data []byte) (name string, body, rest []byte, err error) {
	if len(data) < boxHead {
		return "", nil, nil, errStore
	}
	size, head := uint64(binary.BigEndian.Uint32(data)), boxHead
	switch size {
	case 0: // up to the end
		size = uint64(len(data))
	case 1: // a length of eight bytes
		if head += 8; len(data) < head {
			return "", nil, nil, errStore
		}
		size = binary.BigEndian.Uint64(data[boxHead:])
	}
	if size < uint64(head) || size > uint64(len(data)) {
		return "", nil, nil, errStore
	}
	return string(data[4:boxHead]), data[head:size], data[size:], nil
}

// superbox reads the contents of a superbox.
func (r *reader) superbox(body []byte, depth int) (b box, err error) {
	if r.boxes++; r.boxes > mostBoxes || depth > deepestBox {
		return b, badinput.Errorf("the C2PA manifest has too many boxes")
	}
	b.body = body
	name, about, rest, err := next(body)
	if err != nil || name != description || len(about) < 4+kindTail+1 {
		return b, errStore
	}
	b.kind = kind(about[:4])
	if toggles, text := about[4+kindTail], about[4+kindTail+1:]; toggles&2 != 0 {
		label, _, ok := bytes.Cut(text, []byte{0})
		if !ok {
			return b, errStore
		}
		b.label = string(label)
	}
	for len(rest) > 0 {
		var in []byte
		if name, in, rest, err = next(rest); err != nil {
			return b, err
		}
		if name != superBox {
			if b.contents == nil {
				b.contents = in
			}
			continue
		}
		child, err := r.superbox(in, depth+1)
		if err != nil {
			return b, err
		}
		b.boxes = append(b.boxes, child)
	}
	return b, nil
}

// readStore reads a manifest store.
func readStore(store []byte) (box, error) {
	if len(store) > MostStore {
		return box{}, badinput.Errorf("the C2PA manifest has %d bytes; at most %d are allowed", len(store), MostStore)
	}
	name, body, _, err := next(store)
	if err != nil || name != superBox {
		return box{}, errStore
	}
	b, err := new(reader).superbox(body, 0)
	switch {
	case err != nil:
		return b, err
	case b.kind != kindStore || len(b.boxes) == 0 || len(b.boxes) > mostInStore:
		return b, errStore
	}
	return b, nil
}

// child is the first box of a kind, or with a label; nil if there is none.
func (b *box) child(is func(*box) bool) *box {
	for i := range b.boxes {
		if is(&b.boxes[i]) {
			return &b.boxes[i]
		}
	}
	return nil
}

func ofKind(k kind) func(*box) bool         { return func(b *box) bool { return b.kind == k } }
func labelled(label string) func(*box) bool { return func(b *box) bool { return b.label == label } }
