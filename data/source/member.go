package source

import (
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

// The most that an archive may have or be.
const (
	maxMembers = 5_000_000
	maxName    = 1024     // bytes
	maxDepth   = 64       // folders within each other
	archived   = 64 << 20 // bytes that an archive of any size may unpack to
)

var errBomb = fmt.Errorf("unpacks to more than %d times its size: it is a bomb and no archive of works", maxRatio)

// names reads the names of the files of a tree, keeps the files apart and says which are
// not to be read.
type names struct {
	read  filename.Names
	known map[string]string // by the path that people see, that in the tree
}

// leaf returns the member under a path that is clean and new. It is a drop if its
// name is none that a file below a folder can have; drop is another reason.
func (n *names) leaf(raw string, drop *data.Drop) leaf { return n.leafOf(raw, n.read.Read(raw), drop) }

// leafOf is leaf where people see another name than the one in the tree.
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

// unique returns the name with a number if another file has it.
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

// cleanName is the path of a member from the root of its archive.
func cleanName(name string) (string, *data.Drop) {
	slashed := strings.ReplaceAll(name, `\`, "/")
	clean := path.Clean(slashed)
	switch {
	case len(name) > maxName:
		return "", data.Dropf("odd name", "the name has %d bytes, and at most %d are read", len(name), maxName)
	case strings.HasPrefix(slashed, "/") || clean == ".." || strings.HasPrefix(clean, "../") || len(clean) > 1 && clean[1] == ':' && clean[0] != '/':
		return "", data.Dropf("leads outside", "the name leads out of the archive")
	case strings.Count(clean, "/") > maxDepth:
		return "", data.Dropf("too deep", "it lies in more than %d folders within each other", maxDepth)
	}
	return clean, nil
}

// isHiddenPath says whether a file, or a folder around it, is hidden.
func isHiddenPath(file string) bool {
	for part := range strings.SplitSeq(strings.ReplaceAll(file, `\`, "/"), "/") {
		if part != ".." && part != "." && isHidden(part) {
			return true
		}
	}
	return false
}

// A meter ends what is read when all together becomes too much.
type meter struct{ left int64 }

// newMeter is that of an archive of a size in bytes.
func newMeter(size int64) *meter { return &meter{archived + maxRatio*size} }

// of returns a reader that is counted.
func (m *meter) of(r io.Reader) io.Reader { return metered{r, m} }

type metered struct {
	r io.Reader
	m *meter
}

func (r metered) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if r.m.left -= int64(n); r.m.left < 0 {
		return 0, errBomb
	}
	return n, err
}

// damaged says what an error in the format of an archive or a table means: a mistake,
// unless it is that of a server.
func damaged(err error) error {
	if errors.Is(err, errBomb) {
		return badinput.Mark(err)
	}
	if isLost(err) {
		return err
	}
	return badinput.Errorf("cut short or damaged (%w)", err)
}
