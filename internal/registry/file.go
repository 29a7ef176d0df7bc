package registry

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"atelier/internal/badinput"
)

// MaxFile is the size in bytes beyond which a run file is refused, and not written. There
// is room for the largest vocabulary of characters, which earlier versions kept there.
const MaxFile = 320 << 10

// maxDepth bounds the tables within tables of a run file.
const maxDepth = 32

// A File is a run file that was read and not yet bound: its settings and the
// place where each was written.
type File struct {
	name    string
	tree    map[string]any
	origins map[string]string // from the path of a key, such as model.penalty[0].gamma

	arguments map[string]argument // by the path of a key
}

// An Error is a wrong setting and where it was written.
type Error struct {
	// Origin is file and line, such as run.toml:14, or the argument.
	Origin string
	// Message says what is wrong and what would be right.
	Message string
}

func (e *Error) Error() string { return e.Origin + ": " + e.Message }

// Is reports that a wrong setting is a mistake of the person who wrote it.
func (e *Error) Is(target error) bool { return target == badinput.Err }

// Parse reads the TOML of a run file. The name is the one that errors show.
func Parse(name string, src []byte) (*File, error) {
	if len(src) > MaxFile {
		return nil, &Error{name, fmt.Sprintf("want at most %d KiB for a run file, got %d", MaxFile>>10, len(src)>>10)}
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff")) // as some editors begin files
	f := &File{name: name, tree: map[string]any{}, arguments: map[string]argument{}}
	if err := toml.Unmarshal(src, &f.tree); err != nil {
		var wrong *toml.DecodeError
		if errors.As(err, &wrong) {
			line, _ := wrong.Position()
			name = fmt.Sprintf("%s:%d", name, line)
		}
		return nil, &Error{name, plain(err)}
	}
	if depth(f.tree) > maxDepth {
		return nil, &Error{name, fmt.Sprintf("want tables within tables at most %d deep", maxDepth)}
	}
	f.origins = make(map[string]string)
	for path, line := range lines(src) {
		f.origins[path] = fmt.Sprintf("%s:%d", name, line)
	}
	return f, nil
}

// depth counts the tables and arrays within each other.
func depth(x any) int {
	deepest := 0
	switch x := x.(type) {
	case map[string]any:
		for _, v := range x {
			deepest = max(deepest, depth(v)+1)
		}
	case []any:
		for _, v := range x {
			deepest = max(deepest, depth(v)+1)
		}
	}
	return deepest
}

// plain is the message of an error of the TOML library, on one line.
func plain(err error) string {
	text := strings.ReplaceAll(strings.TrimPrefix(err.Error(), "toml: "), "\n", " ")
	if strings.HasSuffix(text, " is already defined") {
		text += "; want each key once: take one of the two away"
	}
	return text
}

// origin tells where the key of the path was written: where the nearest table
// around it was, if it was not written itself.
func (f *File) origin(path string) string {
	for path != "" {
		if o, ok := f.origins[path]; ok {
			return o
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return f.name
}

// wrong reports a wrong setting of the path.
func (f *File) wrong(path, format string, args ...any) error {
	return &Error{f.origin(path), fmt.Sprintf(format, args...)}
}

// join is the path of a key in the table of a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
