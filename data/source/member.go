package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/filename"
)

// Limits of an archive.
const (
	maxMembers = 5_000_000
	maxName    = 1024     // bytes
	maxDepth   = 64       // nesting depth of folders
	archived   = 64 << 20 // bytes that an archive of any size may decompress to
)

type membersKey struct{}

// WithMostMembers is a context of work in which no archive may have more than so many members, for
// archives of others.
func WithMostMembers(ctx context.Context, most int) context.Context {
	return context.WithValue(ctx, membersKey{}, most)
}

// mostMembers is how many members an archive may have.
func mostMembers(ctx context.Context) int {
	most, _ := ctx.Value(membersKey{}).(int)
	return cmp.Or(most, maxMembers)
}

// Limits of the rows of a compressed table.
const (
	maxRowRatio = 256
	repeated    = 16 << 20 // bytes allowed for a table of any size
	leastRow    = 16       // bytes counted per row besides its values
)

var errRepeated = badinput.Errorf("its rows unpack to more than %d times the size of the file: it is a decompression bomb, or repeats the same rows", maxRowRatio)

var errBomb = fmt.Errorf("unpacks to more than %d times its size: it is a decompression bomb, not an archive of works", maxRatio)

// names reads the file names of a tree, makes them unique and rejects unusable ones.
type names struct {
	read  filename.Names
	known map[string]string // from displayed path to the path in the tree
}

// leaf returns a member under a clean, unique path. It is a drop if no file in a folder could have
// this name; drop is another reason.
func (n *names) leaf(raw string, drop *data.Drop) leaf { return n.leafOf(raw, n.read.Read(raw), drop) }

// leafOf is leaf with a displayed name that differs from the one in the tree.
func (n *names) leafOf(raw, name string, drop *data.Drop) leaf {
	clean, why := cleanName(name)
	if why != nil {
		clean, drop = "bad name "+strconv.QuoteToASCII(name[:min(len(name), 200)]), why
	}
	raw = path.Clean(strings.ReplaceAll(raw, `\`, "/"))
	if before, twice := n.known[clean]; twice && before == raw && drop == nil {
		drop = data.Dropf("twice", "there are two files of that name")
	}
	return leaf{path: n.unique(clean, raw), drop: drop}
}

// unique appends a number to the name if another file has it.
func (n *names) unique(name, raw string) string {
	if n.known == nil {
		n.known = map[string]string{}
	}
	free, ext := name, path.Ext(name)
	for i := 2; ; i++ {
		if _, taken := n.known[free]; !taken {
			n.known[free] = raw
			return free
		}
		free = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), i, ext)
	}
}

// cleanName is the path of a member relative to the root of its archive.
func cleanName(name string) (string, *data.Drop) {
	slashed := strings.ReplaceAll(name, `\`, "/")
	clean := path.Clean(slashed)
	switch {
	case len(name) > maxName:
		return "", data.Dropf("odd name", "the name has %d bytes, and at most %d are read", len(name), maxName)
	case strings.HasPrefix(slashed, "/") || clean == ".." || strings.HasPrefix(clean, "../") || len(clean) > 1 && clean[1] == ':' && clean[0] != '/':
		return "", data.Dropf("leads outside", "the name leads out of the archive")
	case strings.Count(clean, "/") > maxDepth:
		return "", data.Dropf("too deep", "it is nested more than %d folders deep", maxDepth)
	}
	return clean, nil
}

// isHiddenPath reports whether a file, or a folder around it, is hidden.
func isHiddenPath(file string) bool {
	for part := range strings.SplitSeq(strings.ReplaceAll(file, `\`, "/"), "/") {
		if part != ".." && part != "." && isHidden(part) {
			return true
		}
	}
	return false
}

// A meter limits the total number of bytes read.
type meter struct {
	left int64
	err  error // the error once the limit is exceeded
}

// newMeter is the meter for an archive of the given size in bytes.
func newMeter(size int64) *meter { return &meter{archived + maxRatio*size, errBomb} }

// newRowMeter is the meter for a compressed table of the given size in bytes. It allows a higher
// ratio than for files: rows are often repeated hundreds of times.
func newRowMeter(size int64) *meter { return &meter{repeated + maxRowRatio*size, errRepeated} }

// take counts bytes and fails once the limit is exceeded.
func (m *meter) take(n int) error {
	if m.left -= int64(n); m.left < 0 {
		return m.err
	}
	return nil
}

// of returns a metered reader.
func (m *meter) of(r io.Reader) io.Reader { return metered{r, m} }

type metered struct {
	r io.Reader
	m *meter
}

func (r metered) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if bomb := r.m.take(n); bomb != nil {
		return 0, bomb
	}
	return n, err
}

// damaged converts an error in the format of an archive or a table to a mistake of the user, unless
// it comes from a server.
func damaged(err error) error {
	if errors.Is(err, errBomb) {
		return badinput.Mark(err)
	}
	if isLost(err) {
		return err
	}
	return badinput.Errorf("cut short or damaged (%w)", err)
}
