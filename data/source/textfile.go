package source

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/charset"
	"atelier/internal/durable"
	"atelier/internal/home"
)

// maxText is the size of the largest text that is read, in bytes.
const maxText = 512 << 20

// dropped is a file that is no part of the text, and why.
type dropped struct {
	file string
	why  *data.Drop
}

// files returns the paths of the text's files, in order, and the place they are at; and
// what is passed over there.
func (s *Text) files() (place string, files []string, drops []dropped, err error) {
	if place, err = s.place(); err != nil {
		return "", nil, nil, err
	}
	info, err := os.Stat(place)
	switch {
	case err != nil:
		return "", nil, nil, fmt.Errorf("text: %w; data.path must name a text file or a folder of them", err)
	case !info.IsDir():
		return place, []string{place}, nil, nil
	}
	err = filepath.WalkDir(place, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file != place && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type().IsRegular() && isText(file):
			files = append(files, file)
		case file != place && !d.IsDir():
			drops = append(drops, dropped{file, whyNoText(d)})
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("text: the folder %s has no texts; Atelier reads "+textKinds, place)
	}
	slices.Sort(files)
	return place, files, drops, err
}

const textKinds = ".txt .text .md, and each with .gz"

// whyNoText is why a file in a folder is no part of its text.
func whyNoText(d fs.DirEntry) *data.Drop {
	switch {
	case d.Type()&fs.ModeSymlink != 0:
		return data.Dropf(symbolicLink, "it is not followed; put the file itself there")
	case !d.Type().IsRegular():
		return data.Dropf(unknownKind, "it is no regular file")
	}
	return data.Dropf(unknownKind, "want one of %s", textKinds)
}

// place is the path, or that of the file in the mirror.
func (s *Text) place() (string, error) {
	if s.Path != "" {
		return s.Path, nil
	}
	if s.Mirror == "" {
		return "", errors.New("text: path is not set; it names a text file or a folder of them")
	}
	folder := home.Mirror()
	if folder == "" {
		return "", fmt.Errorf("text: %s does not come with the program: name the file with data.path=FILE, or a folder that holds it with the environment variable %s", s.Mirror, home.MirrorVariable)
	}
	return filepath.Join(folder, filepath.Base(s.Mirror)), nil
}

func isText(file string) bool {
	switch strings.ToLower(filepath.Ext(strings.TrimSuffix(strings.ToLower(file), ".gz"))) {
	case ".txt", ".text", ".md":
		return true
	}
	return false
}

// readText reads a file, whose SHA-256 must be the hash if one is given, and tells the
// encoding that it was in; a blank one is empty.
func readText(file, hash string) (text []byte, encoding string, err error) {
	f, err := durable.Open(file)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	if err := promisesTooMuch(f, file); err != nil {
		return nil, "", err
	}
	raw, err := atMost(f)
	if err != nil {
		return nil, "", err
	}
	if sum := sha256.Sum256(raw); hash != "" && hash != hex.EncodeToString(sum[:]) {
		return nil, "", fmt.Errorf("is another file than the run file asks for: its SHA-256 is %x, and not %s; to take it all the same, name it with data.path", sum, hash)
	}
	if strings.HasSuffix(strings.ToLower(file), ".gz") {
		unzip, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, "", fmt.Errorf("not a gzip file (%w)", err)
		}
		if raw, err = atMost(unzip); err != nil {
			return nil, "", err
		}
	}
	return readable(raw)
}

// readable is a text in UTF-8 whose lines end in \n, and the encoding that it was in.
func readable(raw []byte) (text []byte, encoding string, err error) {
	encoding = charset.UTF8
	if charset.IsBlank(raw) {
		return nil, encoding, nil
	}
	if !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0 || charset.IsShifted(raw) {
		text, name := charset.Decode(raw, "")
		switch {
		case name == charset.Broken:
			return nil, "", brokenAt(raw)
		case name == "", strings.ContainsRune(text, utf8.RuneError):
			return nil, "", errors.New("is no text in UTF-8, and in no other encoding for certain; convert it to UTF-8 first, as with iconv -f ENCODING -t UTF-8")
		case name != charset.UTF8:
			raw, encoding = norm.NFC.Bytes([]byte(text)), name
		}
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(raw, []byte("\r"), []byte("\n")), encoding, nil
}

// brokenAt says how many bytes of a text in UTF-8 are wrong, and where the first is.
func brokenAt(raw []byte) error {
	n, first := 0, 0
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 {
			if n++; n == 1 {
				first = i
			}
		}
		i += size
	}
	line := 1 + bytes.Count(raw[:first], []byte("\n"))
	column := first - bytes.LastIndexByte(raw[:first], '\n')
	bytesAre, mend := "1 byte", "it"
	if n > 1 {
		bytesAre, mend = fmt.Sprintf("%d bytes, the first of them", n), "them"
	}
	return fmt.Errorf("line %d: is UTF-8 but for %s 0x%02x, byte %d of the line; replace or remove %s", line, bytesAre, raw[first], column, mend)
}

// promisesTooMuch refuses a file that is longer than the largest text by its size, or
// unpacks to more by what its end tells (RFC 1952, 2.3.1), before any of it is read.
func promisesTooMuch(f *os.File, name string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	if strings.HasSuffix(strings.ToLower(name), ".gz") && size >= 4 {
		var head, tail [4]byte
		_, err1 := f.ReadAt(head[:], 0)
		_, err2 := f.ReadAt(tail[:], size-4)
		if err := cmp.Or(err1, err2); err != nil {
			return err
		}
		if bytes.HasPrefix(head[:], []byte("\x1f\x8b")) {
			size = max(size, int64(binary.LittleEndian.Uint32(tail[:])))
		}
	}
	if size > maxText {
		return badinput.Errorf("is longer than %d MiB, the most that is read", maxText>>20)
	}
	return nil
}

// atMost reads what must not be longer than the largest text.
func atMost(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err == nil && len(b) > maxText {
		err = badinput.Errorf("is longer than %d MiB, the most that is read", maxText>>20)
	}
	return b, err
}
