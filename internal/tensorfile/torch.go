package tensorfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"path"
	"strings"

	"atelier/internal/badinput"
)

// The beginnings of the files that torch.save writes: a zip archive, or, before PyTorch 1.6, pickles one after
// the other of which the first is this number.
var (
	zipMagic    = []byte("PK\x03\x04")
	legacyMagic = []byte{0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19}
)

// A storage is a list of numbers that tensors are views of.
type storage struct {
	key   string
	width int // bytes of a number
	kind  string
	n     int
}

// A view is a tensor that was named in a pickle, not yet read.
type view struct {
	of     storage
	offset int
	shape  []int
	stride []int
}

// ReadTorch reads a state dict that torch.save wrote, of either format. Nested dicts have names
// with dots. What is no tensor is left out.
func ReadTorch(b []byte) (Set, error) {
	switch {
	case bytes.HasPrefix(b, zipMagic):
		return readTorchZip(b)
	case bytes.HasPrefix(b, legacyMagic):
		return readTorchLegacy(b)
	}
	return nil, badinput.Errorf("no state dict of PyTorch: it begins neither as a zip archive nor as its legacy pickle")
}

func readTorchZip(b []byte) (Set, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, badinput.Errorf("a damaged archive: %w", err)
	}
	entries, pickled := map[string]*zip.File{}, ""
	for _, f := range z.File {
		entries[f.Name] = f
		if path.Base(f.Name) == "data.pkl" && pickled == "" {
			pickled = f.Name
		}
	}
	read := func(name string, most int) ([]byte, error) {
		f := entries[name]
		if f == nil {
			return nil, badinput.Errorf("the archive has no %s", name)
		}
		if f.Method != zip.Store { // as torch.save writes them
			return nil, badinput.Errorf("%s is compressed, which torch.save does not do", name)
		}
		r, err := f.Open()
		if err != nil {
			return nil, badinput.Errorf("%s: %w", name, err)
		}
		defer r.Close()
		content, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
		if err == nil && len(content) > most {
			err = badinput.Errorf("it is larger than what it holds")
		}
		if err != nil {
			return nil, badinput.Errorf("%s: %w", name, err)
		}
		return content, nil
	}
	if pickled == "" {
		return nil, badinput.Errorf("a zip archive, but no state dict of PyTorch: it has no data.pkl")
	}
	text, err := read(pickled, len(b))
	if err != nil {
		return nil, err
	}
	value, _, err := unpickle(text)
	if err != nil {
		return nil, err
	}
	folder := strings.TrimSuffix(pickled, "data.pkl")
	return resolve(value, len(b), func(s storage) ([]byte, error) { return read(folder+"data/"+s.key, s.n*s.width) })
}

func readTorchLegacy(b []byte) (Set, error) {
	var values [5]any // the number, the protocol, the system, the state dict, the keys of storages
	rest := b
	for i := range values {
		var err error
		if values[i], rest, err = unpickle(rest); err != nil {
			return nil, err
		}
	}
	keys, ok := values[4].(*list)
	if !ok {
		return nil, badinput.Errorf("a damaged state dict: it has no list of storages")
	}
	widths := map[string]int{}
	for _, v := range views(values[3]) {
		widths[v.of.key] = v.of.width
	}
	found := map[string][]byte{}
	for _, k := range keys.items {
		key, ok := k.(string)
		width := widths[key]
		if !ok || width == 0 || len(rest) < 8 {
			return nil, badinput.Errorf("a damaged state dict: the storage %.40q is of no tensor, or is missing", key)
		}
		n := binary.LittleEndian.Uint64(rest)
		if rest = rest[8:]; n > uint64(len(rest)/width) {
			return nil, badinput.Errorf("a damaged state dict: the storage %.40q says that it has %d numbers, and %d bytes are left", key, n, len(rest))
		}
		found[key], rest = rest[:int(n)*width], rest[int(n)*width:]
	}
	return resolve(values[3], len(b), func(s storage) ([]byte, error) { return found[s.key], nil })
}

// How deep dicts may be nested, and how many keys they have, those of one that is nested twice
// counted twice.
const (
	mostDepth = 4
	mostKeys  = 100_000
)

// walk calls a function with every tensor of a dict by its name. It returns how many more keys may be
// seen.
func walk(value any, prefix string, depth, left int, each func(name string, v view)) int {
	d, ok := value.(*dict)
	if !ok || depth > mostDepth {
		return left
	}
	for i, key := range d.keys {
		if left--; left < 0 {
			return left
		}
		name, ok := key.(string)
		if !ok {
			continue
		}
		switch v := d.values[i].(type) {
		case view:
			each(prefix+name, v)
		case *dict:
			left = walk(v, prefix+name+".", depth+1, left, each)
		}
	}
	return left
}

func views(value any) (all []view) {
	walk(value, "", 0, mostKeys, func(_ string, v view) { all = append(all, v) })
	return all
}

// resolve reads the tensors of a dict from their storages. All together are at most as large as
// the file.
func resolve(value any, size int, read func(storage) ([]byte, error)) (Set, error) {
	set, kept, left := Set{}, map[string][]byte{}, size
	var failed error
	walk(value, "", 0, mostKeys, func(name string, v view) {
		if failed != nil || v.of.kind == "" {
			return
		}
		content, ok := kept[v.of.key]
		if !ok {
			if content, failed = read(v.of); failed != nil {
				return
			}
			kept[v.of.key] = content
		}
		var t Tensor
		if t, failed = v.read(content, left); failed != nil {
			failed = badinput.Errorf("%s: %w", name, failed)
			return
		}
		left -= 2 * len(t.Values) // numbers of two bytes are the smallest
		set[name] = t
	})
	if failed == nil && len(set) == 0 {
		failed = badinput.Errorf("it holds no tensors of floating-point numbers")
	}
	return set, failed
}

// read copies the numbers of a view.
func (v view) read(content []byte, left int) (Tensor, error) {
	width := v.of.width
	n, err := Elements(v.shape, min(len(content)/width, max(left, 0)/2))
	if err != nil {
		return Tensor{}, err
	}
	t := Tensor{v.shape, make([]float32, n)}
	index := make([]int, len(v.shape))
	for i := range t.Values {
		at := v.offset
		for a, k := range index {
			at += k * v.stride[a]
		}
		if at < 0 || at >= len(content)/width {
			return Tensor{}, badinput.Errorf("it lies outside of its storage")
		}
		t.Values[i] = number(v.of.kind, content[at*width:])
		for a := len(index) - 1; a >= 0; a-- {
			if index[a]++; index[a] < v.shape[a] {
				break
			}
			index[a] = 0
		}
	}
	return t, nil
}

// number reads a number of a kind of storage.
func number(kind string, b []byte) float32 {
	switch kind {
	case "DoubleStorage":
		return float32(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	case "HalfStorage":
		return Half(binary.LittleEndian.Uint16(b))
	case "BFloat16Storage":
		return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16)
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(b))
}

// Half is a number of IEEE's 16 bits.
func Half(bits uint16) float32 {
	sign, exponent, fraction := 1.0, int(bits>>10&31), float64(bits&1023)
	if bits>>15 == 1 {
		sign = -1
	}
	switch exponent {
	case 0:
		return float32(sign * math.Ldexp(fraction, -24))
	case 31:
		if fraction > 0 {
			return float32(math.NaN())
		}
		return float32(math.Inf(int(sign)))
	}
	return float32(sign * math.Ldexp(1024+fraction, exponent-25))
}
