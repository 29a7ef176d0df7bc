package source

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"atelier/data"
)

// Reasons for which files are passed over.
const (
	symbolicLink = "symbolic link"
	unknownKind  = "unknown kind"
)

// otherKinds are the ends of names that tell plainly that a file is neither picture nor
// text nor music that could be read: it is not opened.
var otherKinds = []string{
	".json", ".xml", ".html", ".htm", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".log", ".sql", ".db", ".sqlite", ".parquet", ".arrow", ".xlsx", ".xls",
	".py", ".pyc", ".ipynb", ".go", ".js", ".ts", ".css", ".c", ".h", ".cpp", ".java", ".rs", ".sh", ".bat", ".exe", ".dll", ".so",
	".pdf", ".doc", ".docx", ".ppt", ".pptx", ".rtf", ".tex", ".bib", ".ttf", ".otf", ".woff", ".woff2",
	".mp4", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".m4v", ".mp3", ".wav", ".flac", ".ogg", ".m4a", ".aac", ".opus",
	".npy", ".npz", ".pt", ".pth", ".pkl", ".pickle", ".h5", ".hdf5", ".mat", ".ckpt", ".safetensors", ".onnx", ".tfrecord", ".lmdb", ".mdb",
	".heic", ".heif", ".avif", ".jxl", ".jp2", ".svg", ".psd", ".ai", ".eps", ".ico", ".xcf", ".exr", ".hdr", ".dng", ".cr2", ".nef", ".arw",
	".rar", ".7z", ".bz2", ".xz", ".gz", ".zst", ".lz4", ".iso", ".dmg",
}

// sniffedBytes is how much is read of a file whose name tells nothing.
const sniffedBytes = 512

// sniff looks into a file whose name does not tell its kind, and notes what cannot be
// a work. The error is that of a server.
func (s *survey) sniff(l leaf) error {
	switch {
	case l.drop != nil:
		s.passOver(l.path, l.drop)
	case typeOfFile(l.path) != "", isTable(l.path), isAboutTheSet(l.path):
	case archiveKind(l.path) != "":
		s.passOver(l.path, data.Dropf("archive inside", "it is not opened; add it by itself"))
	case slices.Contains(otherKinds, strings.ToLower(path.Ext(l.path))):
		s.passOver(l.path, data.Dropf(unknownKind, "want one of %s", fileKinds))
	default:
		head, err := l.head(sniffedBytes)
		switch kind := typeOfBytes(head); {
		case isLost(err):
			return err
		case err != nil:
			s.passOver(l.path, asDrop(unreadable(err)))
		case kind == "":
			s.passOver(l.path, data.Dropf(unknownKind, "want one of %s", fileKinds))
		default:
			s.sniffed[l.path] = kind
		}
	}
	return nil
}

// head reads the beginning of a file.
func (l leaf) head(most int) ([]byte, error) {
	f, err := l.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, most)
	n, err := io.ReadFull(f, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return b[:n], err
}

// passOver notes why a file is not read.
func (s *survey) passOver(file string, why *data.Drop) { s.passed[file] = why }

// passedOver says what was passed over where no works are left, for a message.
func (s *survey) passedOver() string {
	count := map[string]int{} // by how one is called, with % where more have an s
	for file, why := range s.passed {
		ext := path.Ext(file)
		switch {
		case why.Reason == symbolicLink:
			count["symbolic link%"]++
		case why.Reason == unknownKind && ext != "" && len(ext) <= 12:
			count["file% "+strings.ReplaceAll(strings.ToLower(ext), "%", "")]++
		default:
			count["file% ("+why.Reason+")"]++
		}
	}
	if len(count) == 0 {
		return ""
	}
	const most = 5
	kinds := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	var said []string
	for i, k := range kinds {
		if i == most {
			said = append(said, "and others")
			break
		}
		plural := "s"
		if count[k] == 1 {
			plural = ""
		}
		said = append(said, fmt.Sprint(count[k], " ", strings.Replace(k, "%", plural, 1)))
	}
	were := "were"
	if len(s.passed) == 1 {
		were = "was"
	}
	return fmt.Sprintf("%s %s passed over; ", strings.Join(said, ", "), were)
}
