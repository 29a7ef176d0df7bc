package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/home"
)

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// textOf returns a part of the text.
func textOf(t *testing.T, s *Text, split data.Split) string {
	t.Helper()
	var all []byte
	for it, err := range s.Items(t.Context(), split) {
		if err != nil && !isDrop(err) {
			t.Fatal(err)
		}
		all = append(all, it.Bytes...)
	}
	return string(all)
}

// A text is read in the order of the paths, without what is no text, and its last
// characters, not bytes, are held out.
func TestText(t *testing.T) {
	dir := write(t, map[string][]byte{
		"b/2.txt.gz": zipped(t, "öüö\r\n"), "a/1.md": []byte("\ufeff0123\n"), "c.png": {0xff}, ".hidden.txt": []byte("no"), ".git/x.txt": []byte("no"),
	})
	s := &Text{Path: dir, TestShare: 0.25}
	if train, test := textOf(t, s, data.Train), textOf(t, s, data.Test); train != "0123\nö" || test != "üö\n" {
		t.Errorf("train %q, test %q", train, test)
	}
	if s = (&Text{Path: dir}); textOf(t, s, data.Train) != "0123\nöüö\n" || textOf(t, s, data.Test) != "" {
		t.Error("a share of 0 holds something out")
	}
	if s.SetName() != filepath.Base(dir) || (&Text{Mirror: "shakespeare.txt.gz"}).SetName() != "shakespeare" {
		t.Error(s.SetName())
	}
}

func TestMirror(t *testing.T) {
	file := zipped(t, "To be")
	sum := sha256.Sum256(file)
	s := &Text{Mirror: "play.txt.gz", Hash: hex.EncodeToString(sum[:])}
	t.Setenv(home.MirrorVariable, "")
	if _, err := collect(s, data.Train); err == nil || !strings.Contains(err.Error(), "data.path=FILE") || !strings.Contains(err.Error(), home.MirrorVariable) {
		t.Errorf("without a mirror: %v", err)
	}
	t.Setenv(home.MirrorVariable, write(t, map[string][]byte{"play.txt.gz": file}))
	if got := textOf(t, s, data.Train); got != "To be" {
		t.Errorf("got %q", got)
	}
	s.Hash = strings.Repeat("0", 64)
	if _, err := collect(s, data.Train); err == nil || !strings.Contains(err.Error(), "is not the file that") {
		t.Errorf("another file: %v", err)
	}
	s.Path = filepath.Join(home.Mirror(), "play.txt.gz")
	if got := textOf(t, s, data.Train); got != "To be" {
		t.Errorf("a path of the user's own: %q", got)
	}
}

// Files are joined at line ends, whatever their encoding and their line ends.
func TestTextsOfOthers(t *testing.T) {
	dir := write(t, map[string][]byte{
		"1.txt": []byte("one\rtwo"), "2.txt": []byte("\xff\xfet\x00h\x00r\x00"), "3.txt": []byte("\ufeff"), "4.txt": []byte(" \r\n"),
		"5.txt": []byte("Rzeka p\xb3ynie przez \x9crodek miasta i dzieli je na dwie cz\xea\x9cci. Wiosn\xb9 topnieje \x9cnieg.\r\n"),
		"6.txt": []byte("end"),
	})
	want := "one\ntwo\nthr\nRzeka płynie przez środek miasta i dzieli je na dwie części. Wiosną topnieje śnieg.\nend"
	if got := textOf(t, &Text{Path: dir}, data.Train); got != want {
		t.Errorf("got %q", got)
	}
	for b, want := range map[string]string{
		"\x92\xa6 \xae\xe0\xa8\xa0\xa6 \x99\xa8\xe5\xa9\xa1\x9c\xab\xa0":      "iconv",
		"one\n" + strings.Repeat("é", 20) + "\xc3":                            "line 2: is UTF-8 but for 1 byte 0xc3, byte 41 of the line; replace or remove it",
		strings.Repeat("é", 20) + "\xc3\n" + strings.Repeat("é", 20) + "\xff": "line 1: is UTF-8 but for 2 bytes, the first of them 0xc3, byte 41 of the line; replace or remove them",
	} {
		if _, _, err := readable([]byte(b)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", b, err)
		}
	}
}

// What is no part of a text is dropped, once, and what was converted is remarked.
func TestTextTellsWhatItDoes(t *testing.T) {
	dir := write(t, map[string][]byte{
		"1.txt": []byte("one\n"), "2.rst": []byte("two"), "3.docx": []byte("PK"), "4.txt": nil, "5.txt": []byte("\ufeff"), "6.md": []byte(" \r\n"), ".7.rst": []byte("hidden"),
		"8.txt": []byte("Don\x92t cry for me, I\x92ll be back when the night is over.\n"), "9.txt": []byte("I didn\x92t know that you\x92re here.\n"),
	})
	if err := os.Symlink("1.txt", filepath.Join(dir, "a.txt")); err != nil {
		t.Fatal(err)
	}
	s := &Text{Path: dir}
	reasons := map[string]int{}
	for _, split := range []data.Split{data.Train, data.Test} {
		for it, err := range s.Items(t.Context(), split) {
			var drop *data.Drop
			if errors.As(err, &drop) && strings.HasPrefix(it.Origin.Place, dir) {
				reasons[drop.Reason]++
			} else if err != nil {
				t.Error(err)
			}
		}
	}
	if reasons[unknownKind] != 2 || reasons["empty"] != 3 || reasons[symbolicLink] != 1 || len(reasons) != 3 {
		t.Error(reasons)
	}
	want := []string{"converted 2 files such as " + filepath.Join(dir, "8.txt") + " to UTF-8 from windows-1252"}
	if got := s.Remarks(); !slices.Equal(got, want) {
		t.Errorf("remarks %q, want %q", got, want)
	}
}

// Captions beside pictures are read as texts are, and what is unknown is told.
func TestCaptionsOfOthers(t *testing.T) {
	dir := write(t, map[string][]byte{
		"a.pgm": []byte("P5 1 1 255\n0"), "a.txt": []byte("\xc8ern\xfd pes b\xec\x9e\xed p\xf8es louku k \xf8ece"),
		"b.pgm": []byte("P5 1 1 255\n1"), "b.txt": []byte("\x81\x05\xfe\x90\x8d\x9c\x13\xff\x07\x8f\xf1"),
		"c.pgm": []byte("P5 1 1 255\n2"), "c.txt": []byte("\ufeff\r\n"),
	})
	captions, drops := map[string]string{}, 0
	for it, err := range (&Folder{Path: dir, Kind: all}).Items(context.Background(), data.Train) {
		captions[it.Name] = it.Caption
		if isDrop(err) && strings.Contains(err.Error(), "unknown encoding: the caption b.txt") {
			drops++
		} else if err != nil {
			t.Error(err)
		}
	}
	if captions["a.pgm"] != "Černý pes běží přes louku k řece" || captions["b.pgm"] != "" || captions["c.pgm"] != "" || drops != 1 {
		t.Errorf("%q, %d drops", captions, drops)
	}
}

// A text that is too long is refused by its size, before it is read.
func TestTooLongIsTold(t *testing.T) {
	if err := tooLong(maxText); err != nil {
		t.Error(err)
	}
	if err := tooLong(maxText + 1); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "is longer than 64 GiB") {
		t.Error(err)
	}
	if runtime.GOOS != "linux" {
		t.Skip("a file with a hole may take its whole size here")
	}
	path := filepath.Join(write(t, map[string][]byte{"a.txt": nil}), "a.txt")
	if err := os.Truncate(path, maxText+1); err != nil {
		t.Skip(err)
	}
	before := allocated()
	if _, err := scanText(t.Context(), path, ""); !errors.Is(err, badinput.Err) {
		t.Error(err)
	}
	if used := allocated() - before; used > 10<<20 {
		t.Errorf("%d MiB were allocated", used>>20)
	}
}

// A long text comes in pieces of whole lines that are together what a short one is as a
// whole, and stopping is heeded.
func TestLongTextsComeInPieces(t *testing.T) {
	line := "Ein Satz mit Umlauten: äöü €.\r\n"
	long := []byte("\ufeff" + strings.Repeat(line, 2*mostPiece/len(line)))
	short := []byte(strings.Repeat(line, 3) + "end")
	dir := write(t, map[string][]byte{"a.txt": long, "b.txt": short, "c.txt": short})
	s := &Text{Path: dir, TestShare: 0.2}
	want := []rune(strings.ReplaceAll(strings.TrimPrefix(string(long), "\ufeff")+string(short)+"\n"+string(short), "\r\n", "\n"))
	kept := int(float64(len(want)) * (1 - s.TestShare))
	for split, want := range map[data.Split]string{data.Train: string(want[:kept]), data.Test: string(want[kept:])} {
		var all []byte
		names := map[string]bool{}
		for it, err := range s.Items(t.Context(), split) {
			if err != nil {
				t.Fatal(err)
			}
			if names[it.Name] || len(it.Bytes) > mostPiece+textChunk {
				t.Errorf("%s: a piece of %d bytes", it.Name, len(it.Bytes))
			}
			if len(all) > 0 && all[len(all)-1] != '\n' {
				t.Errorf("%s does not begin with a line", it.Name)
			}
			names[it.Name] = true
			all = append(all, it.Bytes...)
		}
		if string(all) != want || split == data.Train && len(names) < 2 {
			t.Errorf("%s: %d bytes in %d pieces, want %d bytes", split, len(all), len(names), len(want))
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	n := 0
	for _, err := range s.Items(ctx, data.Train) {
		if stop(); n > 0 && !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
		n++
	}
	if n != 2 {
		t.Errorf("%d pieces once it was stopped", n)
	}
}

// What is too long to be held in memory is read in chunks, and must be in UTF-8.
func TestVeryLongTexts(t *testing.T) {
	line := "Zeile äöü €.\r\n"
	long := "\ufeff" + strings.Repeat(line, 2*textChunk/len(line)+9)
	var all []byte
	eachChunk(strings.NewReader(long), func(chunk []byte, err error) bool {
		if err != nil || !utf8.Valid(chunk) {
			t.Fatal(len(chunk), err)
		}
		all = append(all, chunk...)
		return true
	})
	if want := strings.ReplaceAll(strings.TrimPrefix(long, "\ufeff"), "\r\n", "\n"); string(all) != want {
		t.Errorf("%d bytes, want %d", len(all), len(want))
	}
	var last error
	eachChunk(strings.NewReader(long+"\xe4h"), func(_ []byte, err error) bool { last = err; return true })
	if want := fmt.Sprintf("line %d: has the byte 0xe4", 1+strings.Count(long, "\n")); last == nil || !strings.Contains(last.Error(), want) {
		t.Errorf("%v, want %s", last, want)
	}
	dir := write(t, map[string][]byte{"a.txt": []byte("one\n")})
	if err := os.Truncate(filepath.Join(dir, "a.txt"), wholeText+1); err != nil {
		t.Fatal(err)
	}
	if _, err := collect(&Text{Path: dir}, data.Train); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "a.txt: line 2: has the byte 0x00") {
		t.Error(err)
	}
}

// TestNULInText: a text that is UTF-8 but for NUL characters says where the first is.
func TestNULInText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte("One line.\nTwo\x00\x00\x00 lin\x00es\x00\x00\x00, and\x00\x00\x00\x00\x00 more.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := collect(&Text{Path: path}, data.Train)
	if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "line 2: has a NUL character (byte 0x00), byte 14 of the file") {
		t.Error(err)
	}
}

// TestLabelsBesideTexts: labels that the program wrote are skipped without a word, other
// files of JSON are not.
func TestLabelsBesideTexts(t *testing.T) {
	const label = `{"format":1,"run":"tales","checkpoint":"00"}`
	for other, dropped := range map[string]string{label: "", `{"mine":1}`: "unknown kind"} {
		dir := write(t, map[string][]byte{"a.txt": []byte("One day."), "a.txt.json": []byte(other)})
		var drops []string
		for _, err := range (&Folder{Path: dir}).Items(t.Context(), data.Train) {
			if drop := (*data.Drop)(nil); errors.As(err, &drop) {
				drops = append(drops, drop.Reason)
			}
		}
		if got := strings.Join(drops, " "); got != dropped {
			t.Errorf("%s: %q was skipped, want %q", other, got, dropped)
		}
	}
}
