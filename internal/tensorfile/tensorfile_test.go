package tensorfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atelier/internal/badinput"
)

// A pickler writes pickles as torch.save does.
type pickler struct{ bytes.Buffer }

func (p *pickler) text(s string) {
	p.WriteByte('X')
	binary.Write(p, binary.LittleEndian, uint32(len(s)))
	p.WriteString(s)
}
func (p *pickler) whole(n int) { p.WriteByte('J'); binary.Write(p, binary.LittleEndian, int32(n)) }
func (p *pickler) wholes(all ...int) {
	p.WriteByte('(')
	for _, n := range all {
		p.whole(n)
	}
	p.WriteByte('t')
}

// tensor writes a tensor of a storage.
func (p *pickler) tensor(class, key string, n, offset int, shape, stride []int) {
	p.WriteString("ctorch._utils\n_rebuild_tensor_v2\n((")
	p.text("storage")
	p.WriteString("ctorch\n" + class + "\n")
	p.text(key)
	p.text("cpu")
	p.whole(n)
	p.WriteString("tQ")
	p.whole(offset)
	p.wholes(shape...)
	p.wholes(stride...)
	p.WriteString("\x89ccollections\nOrderedDict\n)RtR")
}

// dictOf writes a state dict of two tensors: a is 2×3, b its transpose from the same storage, and a
// third, of whole numbers, which is left out.
func dictOf(class string) []byte {
	p := &pickler{}
	p.WriteString("\x80\x02ccollections\nOrderedDict\n)R(")
	p.text("a")
	p.tensor(class, "7", 7, 1, []int{2, 3}, []int{3, 1})
	p.text("in.b")
	p.tensor(class, "7", 7, 1, []int{3, 2}, []int{1, 3})
	p.text("steps")
	p.tensor("LongStorage", "8", 1, 0, nil, nil)
	p.WriteString("u.")
	return p.Bytes()
}

var wantSet = Set{"a": {[]int{2, 3}, []float32{1, 2, 3, 4, 5, 6}}, "in.b": {[]int{3, 2}, []float32{1, 4, 2, 5, 3, 6}}}

// numbers are 0 to 6 in a kind of storage.
func numbers(class string) []byte {
	var out bytes.Buffer
	for i := range 7 {
		switch class {
		case "DoubleStorage":
			binary.Write(&out, binary.LittleEndian, float64(i))
		case "HalfStorage":
			binary.Write(&out, binary.LittleEndian, []uint16{0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600}[i])
		case "BFloat16Storage":
			binary.Write(&out, binary.LittleEndian, uint16(math.Float32bits(float32(i))>>16))
		default:
			binary.Write(&out, binary.LittleEndian, float32(i))
		}
	}
	return out.Bytes()
}

func legacy(class string) []byte {
	b := append([]byte(nil), legacyMagic...)
	b = append(b, "\xa8\x50\x19."[3:]...)
	b = append(b, "\x80\x02M\xe9\x03.\x80\x02}."...)
	b = append(b, dictOf(class)...)
	p := &pickler{}
	p.WriteString("\x80\x02](")
	p.text("7")
	p.text("8")
	p.WriteString("e.")
	b = append(b, p.Bytes()...)
	b = binary.LittleEndian.AppendUint64(b, 7)
	b = append(b, numbers(class)...)
	b = binary.LittleEndian.AppendUint64(b, 1)
	return append(b, make([]byte, 8)...)
}

func zipped(t testing.TB, class string, method uint16) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, content := range map[string][]byte{"net/data.pkl": dictOf(class), "net/data/7": numbers(class), "net/data/8": make([]byte, 8)} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		w.Write(content)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTorch(t *testing.T) {
	for _, class := range []string{"FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage"} {
		for format, b := range map[string][]byte{"legacy": legacy(class), "zip": zipped(t, class, zip.Store)} {
			got, err := ReadTorch(b)
			if d := cmp.Diff(wantSet, got); err != nil || d != "" {
				t.Errorf("%s %s: %v %s", format, class, err, d)
			}
		}
	}
}

// Hostile pickles are refused in a line, and run nothing.
func TestTorchHostile(t *testing.T) {
	lying := bytes.Clone(legacy("FloatStorage"))
	i := bytes.Index(lying, binary.LittleEndian.AppendUint64(nil, 7))
	binary.LittleEndian.PutUint64(lying[i:], 1<<60)
	outside, wide := &pickler{}, &pickler{}
	for p, shape := range map[*pickler][]int{outside: {2, 3}, wide: {1 << 20, 1 << 20}} {
		p.WriteString("\x80\x02}(")
		p.text("a")
		p.tensor("FloatStorage", "7", 7, 5, shape, []int{0, 1})
		p.WriteString("u.")
	}
	archive := func(pickle []byte) []byte {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for name, content := range map[string][]byte{"n/data.pkl": pickle, "n/data/7": numbers("")} {
			w, _ := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
			w.Write(content)
		}
		z.Close()
		return out.Bytes()
	}
	bomb := archive([]byte("\x80\x02}."))
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"system":     {archive([]byte("\x80\x02cos\nsystem\n(X\x02\x00\x00\x00lstR.")), `names "os.system", which no tensor needs; nothing was run`},
		"new":        {archive([]byte("\x80\x02}\x81.")), "opcode 0x81"},
		"lying":      {lying, "says that it has 1152921504606846976 numbers"},
		"outside":    {archive(outside.Bytes()), "outside of its storage"},
		"wide":       {archive(wide.Bytes()), "larger than what is there"},
		"empty":      {bomb, "holds no tensors"},
		"compressed": {zipped(t, "FloatStorage", zip.Deflate), "is compressed"},
		"words":      {[]byte("words"), "no state dict of PyTorch"},
		"cut":        {legacy("FloatStorage")[:200], "damaged"},
		"cycle":      {archive([]byte("\x80\x02}q\x00(X\x01\x00\x00\x00ah\x00u.")), "holds no tensors"},
	} {
		_, err := ReadTorch(c.b)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(Manifest, []byte(`{"a": {"filename": "a.bin", "shape": [2, 3]}, "s": {"filename": "s", "shape": []}}`))
	write("a.bin", numbers("")[4:])
	write("s", numbers("")[:4])
	got, files, err := Open(dir)
	want := Set{"a": wantSet["a"], "s": {[]int{}, []float32{0}}}
	if d := cmp.Diff(want, got) + cmp.Diff([]string{Manifest, "a.bin", "s"}, files); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	write("net.pth", legacy("FloatStorage"))
	if got, _, err := Open(filepath.Join(dir, "net.pth")); err != nil || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
	nan := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))
	for manifest, want := range map[string]string{
		`{"a": {"filename": "a.bin", "shape": [2, 4]}}`:             "its shape [2 4] wants 32",
		`{"a": {"filename": "../a.bin", "shape": [2, 3]}}`:          "want the name of a file beside it",
		`{"a": {"filename": "b.bin", "shape": [2, 3]}}`:             "b.bin",
		`{"a": {"filename": "a.bin", "shape": [1048576, 1048576]}}`: "larger than what is there",
		`{"a": {"filename": "a.bin", "shape": [-1]}}`:               "larger than what is there",
		`{}`: "names no tensors", `[`: "manifest.json",
		`{"n": {"filename": "n", "shape": [1]}}`: "not finite",
	} {
		write(Manifest, []byte(manifest))
		write("n", nan)
		if _, _, err := Open(dir); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", manifest, err, want)
		}
	}
}

func FuzzTorch(f *testing.F) {
	f.Add(legacy("FloatStorage"))
	f.Add(zipped(f, "HalfStorage", zip.Store))
	f.Fuzz(func(t *testing.T, b []byte) {
		set, err := ReadTorch(b)
		size := 0
		for _, tensor := range set {
			size += len(tensor.Values)
		}
		if err == nil && 2*size > len(b) {
			t.Errorf("%d numbers of %d bytes", size, len(b))
		}
	})
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"a": {"filename": "a.bin", "shape": [2, 3]}}`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		ReadManifest(b, func(name string, size int) ([]byte, error) {
			if size > 1<<20 {
				return nil, fmt.Errorf("%s: too large", name)
			}
			return make([]byte, size), nil
		})
	})
}
