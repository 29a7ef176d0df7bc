package registry

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"atelier/internal/badinput"
)

// MaxFile is the size limit of a run file in bytes. There is room for the largest vocabulary of
// characters, which earlier versions stored there.
const MaxFile = 320 << 10

// maxDepth limits the nesting of tables in a run file.
const maxDepth = 32

// A File is a parsed run file that is not yet bound: its settings and their positions.
type File struct {
	name    string
	tree    map[string]any
	origins map[string]string // from the path of a key, such as model.penalty[0].gamma

	arguments map[string]argument // by the path of a key
}

// An Error is an invalid setting and its position.
type Error struct {
	// Origin is file and line, such as run.toml:14, or the argument.
	Origin string
	// Message says what is wrong and what would be right.
	Message string
}

func (e *Error) Error() string { return e.Origin + ": " + e.Message }

// Is reports that an invalid setting is a user error.
func (e *Error) Is(target error) bool { return target == badinput.Err }

// Parse parses the TOML of a run file. The name is shown in errors.
func Parse(name string, src []byte) (*File, error) {
	if len(src) > MaxFile {
		return nil, &Error{name, fmt.Sprintf("want at most %d KiB for a run file, got %d", MaxFile>>10, len(src)>>10)}
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff")) // written by some editors
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

// depth is the nesting depth of tables and arrays.
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

// origin is the position of a key, or of the nearest enclosing table, if it was not written itself.
func (f *File) origin(path string) string {
	for path != "" {
		if o, ok := f.origins[path]; ok {
			return o
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return f.name
}

// wrong returns an error about the setting at a path.
func (f *File) wrong(path, format string, args ...any) error {
	return &Error{f.origin(path), fmt.Sprintf(format, args...)}
}

// join joins a table's path and a key.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
