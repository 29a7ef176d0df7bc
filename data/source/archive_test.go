package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"

	"atelier/data"
	"atelier/internal/home"
)

// A member is a file to be put into an archive.
type member struct {
	name    string
	content []byte
	link    string // a symbolic link to there
	hard    string // a hard link to there
}

// archiveOf makes an archive of a kind.
func archiveOf(t testing.TB, kind string, files []member) []byte {
	t.Helper()
	var b bytes.Buffer
	var out io.WriteCloser
	var err error
	switch kind {
	case "zip":
		writeZip(t, &b, files)
		return b.Bytes()
	case "tar.gz":
		out = gzip.NewWriter(&b)
	case "tar.zst":
		out, err = zstd.NewWriter(&b)
	default:
		writeTar(t, &b, files)
		return b.Bytes()
	}
	if err != nil {
		t.Fatal(err)
	}
	writeTar(t, out, files)
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeTar(t testing.TB, to io.Writer, files []member) {
	w := tar.NewWriter(to)
	for _, f := range files {
		h := &tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.content)), Typeflag: tar.TypeReg}
		if f.link != "" {
			h.Typeflag, h.Linkname = tar.TypeSymlink, f.link
		}
		if f.hard != "" {
			h.Typeflag, h.Linkname = tar.TypeLink, f.hard
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func writeZip(t testing.TB, to io.Writer, files []member) {
	w := zip.NewWriter(to)
	old := slices.ContainsFunc(files, func(f member) bool { return !utf8.ValidString(f.name) })
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, NonUTF8: old}
		content := f.content
		if f.link != "" {
			h.SetMode(fs.ModeSymlink | 0o777)
			content = []byte(f.link)
		}
		m, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// archiveIn returns the source of an archive of that name.
func archiveIn(t testing.TB, name string, b []byte) *Archive {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return &Archive{Path: file}
}

var archiveKinds = []string{"zip", "tar", "tar.gz", "tar.zst"}

// What is hostile in an archive is dropped, and what is not is read.
func TestArchive(t *testing.T) {
	files := []member{
		{name: "set/cat/1.png", content: pngOf(t, 1)}, {name: "set/cat/1.txt", content: []byte("a cat")}, {name: "set/dog/2.png", content: pngOf(t, 2)},
		{name: "set/labels.csv", content: []byte("file,caption\ndog/2.png,a dog\n")}, {name: "set/.hidden.png", content: []byte("x")},
		{name: "../out.png", content: []byte("x")}, {name: "/etc/out.png", content: []byte("x")}, {name: `..\..\out.png`, content: []byte("x")}, {name: "C:/out.png", content: []byte("x")},
		{name: "set/link.png", link: "/etc/passwd"}, {name: "set/cat/1.png", content: pngOf(t, 3)},
		{name: "set/odd\x01.png", content: []byte("x")}, {name: strings.Repeat("d/", 100) + "deep.png", content: []byte("x")},
		{name: strings.Repeat("n", 2000) + ".png", content: []byte("x")}, {name: "set/empty.png"},
	}
	for _, kind := range archiveKinds {
		s := archiveIn(t, "a."+kind, archiveOf(t, kind, files))
		items, _, drops := take(t, s)
		if got := slices.Sorted(maps.Keys(items)); fmt.Sprint(got) != "[set/cat/1.png set/dog/2.png]" {
			t.Error(kind, got)
		}
		it := items["set/cat/1.png"]
		if it.Label != "cat" || it.Caption != "a cat" || it.Origin.Place != s.Path+"/set/cat/1.png" || items["set/dog/2.png"].Caption != "a dog" {
			t.Errorf("%s: %+v", kind, it)
		}
		reasons := map[string]int{}
		for _, r := range drops {
			reasons[r]++
		}
		if got := fmt.Sprint(reasons); got != "map[empty:1 leads outside:4 odd name:1 symbolic link:1 too deep:1 twice:1 unknown kind:1]" {
			t.Error(kind, got)
		}
		if found, _ := os.ReadDir(filepath.Dir(s.Path)); len(found) != 1 {
			t.Error(kind, "was written to")
		}
	}
}

// A hard link of a tar is the file that it leads to, under another name.
func TestHardLinks(t *testing.T) {
	files := []member{
		{name: "set/.cache/1", content: pngOf(t, 1)}, {name: "set/cat/1.png", hard: "set/.cache/1"}, {name: "set/dog/2.png", content: pngOf(t, 2)},
		{name: "set/cat/2.png", hard: "./set/dog/2.png"}, {name: "set/cat/3.png", hard: "set/cat/2.png"}, {name: "set/cat/3.txt", content: []byte("a cat")},
		{name: "set/.x", hard: "set/dog/2.png"}, {name: "set/cat/4.png", hard: "set/.x"}, {name: "set/l.csv", hard: "set/table"},
		{name: "set/table", content: []byte("file,group\ncat/2.png,g\n")}, {name: "set/cat/lost.png", hard: "../elsewhere.png"},
		{name: "set/link.png", link: "/etc/passwd"}, {name: "set/cat/5.png", hard: "set/link.png"}, {name: "set/cat/6.png", hard: "set/cat/6.png"},
		{name: "set/dog/2.png", hard: "set/.cache/1"},
	}
	for _, kind := range []string{"tar", "tar.gz", "tar.zst"} {
		s := archiveIn(t, "a."+kind, archiveOf(t, kind, files))
		items, _, drops := take(t, s)
		want := map[string][]byte{"set/cat/1.png": pngOf(t, 1), "set/cat/2.png": pngOf(t, 2), "set/cat/3.png": pngOf(t, 2), "set/cat/4.png": pngOf(t, 2), "set/dog/2.png": pngOf(t, 2)}
		for name, b := range want {
			if it := items[name]; !bytes.Equal(it.Bytes, b) || it.Label != strings.Split(name, "/")[1] {
				t.Error(kind, name, it.Label, len(it.Bytes))
			}
		}
		if len(items) != len(want) || items["set/cat/3.png"].Caption != "a cat" || items["set/cat/2.png"].Group != "g" {
			t.Error(kind, slices.Sorted(maps.Keys(items)))
		}
		if got := joinedMap(drops); got != "set/cat/5.png:symbolic link set/cat/6.png:missing set/cat/lost.png:missing set/dog/2 (2).png:twice set/link.png:symbolic link set/table:unknown kind" {
			t.Error(kind, got)
		}
	}
}

// Links to one file count as often as they are.
func TestBombsOfLinks(t *testing.T) {
	many := []member{{name: "1.png", content: append(pngOf(t, 1), make([]byte, 1<<20)...)}}
	for i := range 4000 {
		many = append(many, member{name: fmt.Sprintf("l%d.png", i), hard: "1.png"})
	}
	if _, err := collect(archiveIn(t, "a.tar.gz", archiveOf(t, "tar.gz", many)), data.Train); err == nil || !strings.Contains(err.Error(), "bomb") {
		t.Error("links to a file of the size of a bomb:", err)
	}
}

// A bomb is dropped or refused, without the memory that it asks for.
func TestBombs(t *testing.T) {
	zeros := make([]byte, 48<<20)
	for _, c := range []struct {
		kind  string
		files []member
		want  string
	}{
		{"zip", []member{{name: "a.png", content: make([]byte, maxFile+1)}, {name: "b.png", content: pngOf(t, 1)}}, "too large"},
		{"tar.zst", slices.Repeat([]member{{name: "a.png", content: zeros}}, 2), "unpacks to more than 1032 times its size"},
	} {
		s := archiveIn(t, "a."+c.kind, archiveOf(t, c.kind, c.files))
		said := ""
		before := allocated()
		for _, err := range s.Items(context.Background(), data.Train) {
			said += fmt.Sprint(err)
		}
		if !strings.Contains(said, c.want) {
			t.Errorf("%s: got %s, want %s", c.kind, said, c.want)
		}
		if used := allocated() - before; used > 100<<20 {
			t.Errorf("%s: %d MiB were allocated", c.kind, used>>20)
		}
	}
}

// A zip whose directory names one member many times is refused before anything is unpacked.
func TestOverlappingMembers(t *testing.T) {
	text := make([]byte, 4096)
	for i := range text {
		text[i] = byte(i * i >> 3)
	}
	whole := archiveOf(t, "zip", []member{{name: "a.txt", content: text}})
	at, end := bytes.Index(whole, []byte("PK\x01\x02")), bytes.LastIndex(whole, []byte("PK\x05\x06"))
	directory, tail := bytes.Repeat(whole[at:end], 100), bytes.Clone(whole[end:])
	binary.LittleEndian.PutUint16(tail[8:], 100)
	binary.LittleEndian.PutUint16(tail[10:], 100)
	binary.LittleEndian.PutUint32(tail[12:], uint32(len(directory)))
	var said []string
	for _, err := range archiveIn(t, "a.zip", slices.Concat(whole[:at], directory, tail)).Items(context.Background(), data.Train) {
		said = append(said, fmt.Sprint(err))
	}
	if len(said) != 1 || !strings.Contains(said[0], "overlapping members") {
		t.Errorf("%q", said)
	}
}

// A mask of one colour is read, however small it is in an archive.
func TestPlainMembersAreRead(t *testing.T) {
	mask := append([]byte("P5 2000 2000 255\n"), make([]byte, 4_000_000)...)
	files := []member{{name: "cat/1.pgm", content: mask}, {name: "cat/2.pgm", content: mask}, {name: "cat/3.txt.gz", content: zipped(t, strings.Repeat("a", 2<<20))}}
	for _, kind := range archiveKinds {
		items, _, drops := take(t, archiveIn(t, "a."+kind, archiveOf(t, kind, files)))
		if len(items) != 3 || len(drops) > 0 {
			t.Error(kind, len(items), drops)
		}
	}
}

// allocated is how many bytes were ever allocated.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// Of an archive that is cut short there is an error or a drop.
func TestTruncatedArchives(t *testing.T) {
	files := []member{{name: "a/1.png", content: pngOf(t, 9)}, {name: "a/2.png", content: pngOf(t, 8)}, {name: "labels.csv", content: []byte("file,label\na/1.png,x\n")}}
	for _, kind := range archiveKinds {
		whole := archiveOf(t, kind, files)
		s := archiveIn(t, "a."+kind, whole)
		for n := 0; n < len(whole); n += 64 {
			if err := os.Truncate(s.Path, int64(n)); err != nil {
				t.Fatal(err)
			}
			failed := false
			for it, err := range s.Items(context.Background(), data.Train) {
				failed = failed || err != nil
				if err == nil && !slices.ContainsFunc(files, func(f member) bool { return f.name == it.Name && bytes.Equal(f.content, it.Bytes) }) {
					t.Errorf("%s cut to %d bytes: %s is not whole", kind, n, it.Name)
				}
			}
			if !failed && kind != "tar" { // a tar may do without an end
				t.Errorf("%s of %d bytes cut to %d is whole", kind, len(whole), n)
			}
			if err := os.WriteFile(s.Path, whole, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestArchiveErrors(t *testing.T) {
	for _, c := range []struct {
		source *Archive
		want   string
	}{
		{&Archive{}, "archive: path is not set"},
		{&Archive{Path: "x.rar"}, "archive x.rar: want a file .zip"},
		{&Archive{Path: "none.zip"}, "path must name a file .zip"},
		{archiveIn(t, "a.zip", []byte("no zip")), "a.zip: cut short or damaged"},
		{archiveIn(t, "a.tar.gz", []byte("no gz")), "a.tar.gz: not a gzip file"},
		{archiveIn(t, "a.tar.zst", []byte("no zst")), "a.tar.zst: cut short or damaged"},
		{archiveIn(t, "a.zip", archiveOf(t, "zip", []member{{name: "x.go", content: []byte("x")}})), "has no pictures, texts or music"},
	} {
		if _, err := collect(c.source, data.Train); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// inMemory is an archive that is no file.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

func FuzzArchive(f *testing.F) {
	for _, kind := range archiveKinds {
		f.Add(archiveOf(f, kind, []member{{name: "a/1.png", content: []byte("x")}, {name: "l.csv", content: []byte("file,label\na/1.png,x\n")}}), kind)
	}
	f.Fuzz(func(t *testing.T, b []byte, kind string) {
		if !slices.Contains(archiveKinds, kind) {
			return
		}
		open := func(ctx context.Context) (tree, *survey, works, error) {
			w := works{at: func(file string) string { return file }, converted: &conversions{}}
			in, err := newArchiveTree(inMemory{bytes.NewReader(b)}, int64(len(b)), kind)
			if err != nil {
				return nil, nil, w, err
			}
			found, err := takeSurvey(ctx, in, w)
			return in, found, w, err
		}
		for it, err := range opener(open).items(t.Context(), data.Train, noneKnown) {
			if err == nil && len(it.Bytes) == 0 {
				t.Fatal(it.Name, "has no bytes")
			}
		}
	})
}

// TestPulledArchives reads the real files, which are not part of the program.
func TestPulledArchives(t *testing.T) {
	mirror := home.Mirror()
	if mirror == "" {
		t.Skip("needs the archives below ATELIER_MIRROR")
	}
	s := &Archive{Path: filepath.Join(mirror, "groove-drums.zip"), Kind: music, Label: "primary_style"}
	items, _, drops := take(t, s)
	if len(items) != 897 || len(drops) > 0 || len(s.ClassNames()) != 18 {
		t.Error(len(items), drops, s.ClassNames())
	}
}
