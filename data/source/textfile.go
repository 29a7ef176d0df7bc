package source

import (
	"bytes"
	"errors"
	"fmt"
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
	"atelier/internal/home"
)

// maxText is the size of the largest text that is read, in bytes.
const maxText = 64 << 30

// tooLong refuses a text of more bytes than are read.
func tooLong(bytes int64) error {
	if bytes > maxText {
		return badinput.Errorf("is longer than %d GiB, the limit", maxText>>30)
	}
	return nil
}

// dropped is a file that is not part of the text, and why.
type dropped struct {
	file string
	why  *data.Drop
}

// files returns the sorted paths of the text's files, their folder, and what is skipped there.
func (s *Text) files() (place string, files []string, drops []dropped, err error) {
	if place, err = s.place(); err != nil {
		return "", nil, nil, err
	}
	info, err := os.Stat(place)
	switch {
	case err != nil:
		return "", nil, nil, fmt.Errorf("text: %w; data.path must name a text file or a folder of them", plainly(err))
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
			drops = append(drops, dropped{file, notText(d)})
		}
		return nil
	})
	switch {
	case err == nil && len(files)+len(drops) == 0:
		err = fmt.Errorf("text: the folder %s is empty; want texts in it: Atelier reads "+textKinds, place)
	case err == nil && len(files) == 0:
		err = fmt.Errorf("text: the folder %s has no texts; Atelier reads "+textKinds, place)
	}
	slices.Sort(files)
	return place, files, drops, err
}

const textKinds = ".txt .text .md, and each with .gz"

// notText is the reason why a file in a folder is not part of its text.
func notText(d fs.DirEntry) *data.Drop {
	switch {
	case d.Type()&fs.ModeSymlink != 0:
		return data.Dropf(symbolicLink, "it is not followed; put the file itself there")
	case !d.Type().IsRegular():
		return data.Dropf(unknownKind, "it is not a regular file")
	}
	return data.Dropf(unknownKind, "want one of %s", textKinds)
}

// place is the path of the file, in the mirror if it has none of its own.
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

// readable converts a text to UTF-8 with line ends \n, and returns its original encoding.
func readable(raw []byte) (text []byte, encoding string, err error) {
	encoding = charset.UTF8
	if charset.IsBlank(raw) {
		return nil, encoding, nil
	}
	if !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0 || charset.IsShifted(raw) {
		text, name := charset.Decode(raw, "")
		switch {
		case name == charset.Broken:
			return nil, "", invalidAt(raw)
		case name == "" && utf8.Valid(raw) && bytes.IndexByte(raw, 0) >= 0:
			return nil, "", hasNUL(raw)
		case name == "", strings.ContainsRune(text, utf8.RuneError):
			return nil, "", badinput.Errorf("is not UTF-8 text, and no other encoding is certain; convert it to UTF-8 first, as with iconv -f ENCODING -t UTF-8")
		case name != charset.UTF8:
			raw, encoding = norm.NFC.Bytes([]byte(text)), name
		}
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	return endLines(raw, new(bool)), encoding, nil
}

// hasNUL locates the first NUL character of a text in UTF-8.
func hasNUL(raw []byte) error {
	first := bytes.IndexByte(raw, 0)
	return badinput.Errorf("line %d: has a NUL character (byte 0x00), byte %d of the file, which texts do not have; remove it, as with tr -d '\\000'", 1+bytes.Count(raw[:first], []byte("\n")), first+1)
}

// invalidAt counts the invalid bytes of a text in UTF-8 and locates the first.
func invalidAt(raw []byte) error {
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
