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
	"atelier/internal/charset"
	"atelier/internal/durable"
)

// maxFile is the size of the largest file that is read as one work, in bytes.
const maxFile = 128 << 20

// What is unpacked may be maxRatio times as large as it was packed, and maxSlack
// bytes besides: more is a bomb. It is the most that deflate makes of honest files, such as
// masks and drawings of one colour; no file is larger than maxFile in any case.
const (
	maxRatio = 1032
	maxSlack = 1 << 20
)

// readAtMost reads a file that must not be larger than limit bytes.
func readAtMost(root *os.Root, file string, limit int64) ([]byte, error) {
	f, err := durable.OpenIn(root, file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file")
	}
	return drain(f, limit)
}

// readIn reads a file by its path from a folder below a root, of which it must not
// lead out.
func readIn(root *os.Root, dir, file string) ([]byte, error) {
	file = filepath.FromSlash(path.Join(dir, strings.ReplaceAll(file, `\`, "/")))
	if !filepath.IsLocal(file) {
		return nil, errors.New("its path leads out of the folder of the table")
	}
	return readAtMost(root, file, maxFile)
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

// drain reads what must not be longer than limit bytes.
func drain(r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = errTooLarge{limit}
	}
	return b, err
}

type errTooLarge struct{ limit int64 }

func (e errTooLarge) Error() string {
	return fmt.Sprintf("is larger than %d MiB, the most that is read of one file", e.limit>>20)
}

// unreadable is the drop of a file that cannot be read.
func unreadable(err error) error {
	var large errTooLarge
	var path *fs.PathError
	switch {
	case errors.As(err, &large):
		return data.Dropf("too large", "%v", err)
	case errors.Is(err, fs.ErrNotExist):
		return data.Dropf("missing", "there is no such file")
	case errors.As(err, &path):
		return data.Dropf("unreadable", "%v", path.Err) // its place is known without it
	}
	return data.Dropf("unreadable", "%v", err)
}

// found puts the bytes of a file into an Item. They tell what they are, but for texts,
// which the name tells. Texts are unpacked.
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
		return data.Dropf(unknownKind, "its bytes are none of a picture that is read, though its name ends in %s", path.Ext(name))
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
	return drain(r, min(maxFile, int64(len(b))*maxRatio+maxSlack))
}
