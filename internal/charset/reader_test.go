package charset

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"pgregory.net/rapid"
)

// A reader gives UTF-8 as it is, however it is read.
func TestReaderKeepsUTF8(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("ab,\n\"é窯\U0001f600"))).Draw(t, "text")
		r := NewReader(iotest.OneByteReader(strings.NewReader(text)), func(name string) { t.Error("taken for", name) })
		got, err := io.ReadAll(iotest.OneByteReader(r))
		if err != nil || string(got) != text {
			t.Fatalf("%q %v", got, err)
		}
	})
}

// A reader finds the encoding at the first byte that is not ASCII, wherever that is.
func TestReaderFindsEncodings(t *testing.T) {
	for _, before := range []int{0, 1, seenBefore, 3*seenBefore + 1, 2 * seenAhead} {
		text := strings.Repeat("plain\n", before/6) + strings.Repeat("窯に火を入れるのは三十年ぶりのことである。\n", 20_000)
		b, err := japanese.ShiftJIS.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		name := ""
		got, err := io.ReadAll(NewReader(strings.NewReader(b), func(n string) { name += n }))
		if err != nil || string(got) != text || name != "shift_jis" {
			t.Errorf("after %d bytes: %q %v, %d bytes of %d", before, name, err, len(got), len(text))
		}
	}
	// What is in no encoding for certain stays as it is, and so does UTF-8 with a wrong byte.
	broken := strings.Repeat("größer, schöner ", 20) + "\xff\n"
	doubtful, _ := charmap.CodePage437.NewEncoder().String("ß")
	for _, b := range []string{broken, doubtful, "\x80\x81\x82"} {
		got, err := io.ReadAll(NewReader(strings.NewReader(b), func(n string) { t.Error("taken for", n) }))
		if err != nil || !bytes.Equal(got, []byte(b)) {
			t.Errorf("%q %v", got, err)
		}
	}
}
