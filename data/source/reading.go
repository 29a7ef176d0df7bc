package source

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/charset"
	"atelier/internal/durable"
)

const (
	// maxFile is the size limit of a file that is read as one work, in bytes.
	maxFile = 128 << 20
	// maxWholeText is the limit for texts: cleaners hold several copies.
	maxWholeText = 32 << 20
)

// mostOf is the size limit for a file by its name.
func mostOf(name string) int64 {
	if kindOf(typeOfFile(name)) == texts {
		return maxWholeText
	}
	return maxFile
}

// Compressed data may expand to maxRatio times its size, plus maxSlack bytes: more is treated as a
// decompression bomb. This is the most that deflate reaches on honest files, such as masks and
// drawings in one colour; no file may exceed maxFile in any case.
const (
	maxRatio = 1032
	maxSlack = 1 << 20
)

// readAtMost reads a file of at most limit bytes.
func readAtMost(root *os.Root, file string, limit int64) ([]byte, error) {
	f, err := durable.OpenIn(root, file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("is not a regular file")
	}
	return drain(f, limit)
}

// readIn reads a file by its path below a root folder, which the path must not leave.
func readIn(root *os.Root, dir, file string) ([]byte, error) {
	file = filepath.FromSlash(path.Join(dir, strings.ReplaceAll(file, `\`, "/")))
	if !filepath.IsLocal(file) {
		return nil, errors.New("its path leads out of the folder of the table")
	}
	return readAtMost(root, file, mostOf(file))
}

// readBelow does so from a folder on disk.
func readBelow(dir, file string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return readIn(root, ".", file)
}

// drain reads at most limit bytes.
func drain(r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = errTooLarge{limit}
	}
	return b, err
}

type errTooLarge struct{ limit int64 }

func (e errTooLarge) Error() string {
	if e.limit == maxWholeText {
		return fmt.Sprintf("is larger than %d MiB, the limit for one of many texts; add it by itself, which reads it in pieces", maxWholeText>>20)
	}
	return fmt.Sprintf("is larger than %d MiB, the limit for one file", e.limit>>20)
}

// plainly shortens the error for a path that does not exist.
func plainly(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) && errors.Is(err, fs.ErrNotExist) {
		return badinput.Errorf("there is no file or folder %s", path.Path)
	}
	return err
}

// unreadable is the drop of a file that cannot be read.
func unreadable(err error) error {
	var large errTooLarge
	var path *fs.PathError
	switch {
	case errors.As(err, &large):
		return data.Dropf(tooLarge, "%v", err)
	case errors.Is(err, fs.ErrNotExist):
		return data.Dropf("missing", "there is no such file")
	case errors.As(err, &path):
		return data.Dropf("unreadable", "%v", path.Err) // the file is named elsewhere
	}
	return data.Dropf("unreadable", "%v", err)
}

// found puts the bytes of a file into an Item. The bytes decide the media type, except for texts,
// where the name does. Compressed texts are decompressed.
func found(it *data.Item, name string, b []byte) error {
	promised := typeOfFile(name)
	it.MediaType = promised
	if kindOf(promised) != texts {
		it.MediaType = cmp.Or(typeOfBytes(b), promised)
	}
	switch {
	case len(b) == 0:
		return data.Dropf("empty", "the file has no bytes")
	case it.MediaType == "":
		return data.Dropf(unknownKind, "want one of %s", fileKinds)
	case kindOf(promised) == pictures && typeOfBytes(b) == "":
		return data.Dropf(unknownKind, "it is not a supported picture, although its name ends in %s", path.Ext(name))
	}
	switch kindOf(it.MediaType) {
	case texts:
		if strings.HasSuffix(strings.ToLower(name), ".gz") {
			var err error
			if b, err = unzipped(b); err != nil {
				return unreadable(err)
			}
		}
		if charset.IsBlank(b) {
			return data.Dropf("empty", "the text is blank")
		}
		it.MediaType = typeOfText(b)
	case pictures:
		credit(&it.Origin, b)
	}
	it.Bytes = b
	return nil
}

func unzipped(b []byte) ([]byte, error) {
	r, err := newGunzip(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("not a gzip file (%w)", err)
	}
	return drain(r, min(maxWholeText, int64(len(b))*maxRatio+maxSlack))
}
