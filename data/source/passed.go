package source

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	score "atelier/internal/music"
)

// Reasons for skipping files.
const (
	symbolicLink = "symbolic link"
	unknownKind  = "unknown kind"
	tooLarge     = "too large"
)

// otherKinds are extensions of files that are clearly not pictures, texts or music: they are not
// opened.
var otherKinds = []string{
	".json", ".xml", ".html", ".htm", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".log", ".sql", ".db", ".sqlite", ".parquet", ".arrow", ".xlsx", ".xls",
	".py", ".pyc", ".ipynb", ".go", ".js", ".ts", ".css", ".c", ".h", ".cpp", ".java", ".rs", ".sh", ".bat", ".exe", ".dll", ".so",
	".pdf", ".doc", ".docx", ".ppt", ".pptx", ".rtf", ".tex", ".bib", ".ttf", ".otf", ".woff", ".woff2",
	".mp4", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".m4v", ".mp3", ".wav", ".flac", ".ogg", ".m4a", ".aac", ".opus",
	".npy", ".npz", ".pt", ".pth", ".pkl", ".pickle", ".h5", ".hdf5", ".mat", ".ckpt", ".safetensors", ".onnx", ".tfrecord", ".lmdb", ".mdb",
	".heic", ".heif", ".avif", ".jxl", ".jp2", ".svg", ".psd", ".ai", ".eps", ".ico", ".xcf", ".exr", ".hdr", ".dng", ".cr2", ".nef", ".arw",
	".rar", ".7z", ".bz2", ".xz", ".gz", ".zst", ".lz4", ".iso", ".dmg",
}

// sniffedBytes is how much is read of a file whose name says nothing about its type.
const sniffedBytes = 512

// sniff inspects a file whose name does not tell its kind, and records it as skipped if it cannot
// be a work. The error is that of a server.
func (s *survey) sniff(l leaf, w works) error {
	ext := strings.ToLower(path.Ext(l.path))
	switch {
	case w.Kind == scores && l.drop == nil:
		return s.sniffScore(l, ext)
	case l.drop != nil:
		s.passOver(l.path, l.drop)
	case typeOfFile(l.path) != "", isTable(l.path), isAboutTheSet(l.path):
	case archiveKind(l.path) != "":
		s.passOver(l.path, data.Dropf("archive inside", "it is not opened; add it by itself"))
	case isLabel(l): // not worth a message
	case w.isNotation(l.path):
		return s.sniffNotation(l, ext)
	case slices.Contains(otherKinds, ext):
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

// isLabel reports whether a file is a label that this program wrote beside a work.
func isLabel(l leaf) bool {
	work, ok := strings.CutSuffix(l.path, ".json")
	if !ok || typeOfFile(work) == "" {
		return false
	}
	head, err := l.head(sniffedBytes)
	return err == nil && bytes.HasPrefix(head, []byte(`{"format":`)) && bytes.Contains(head, []byte(`"run":`))
}

// sniffedScore is how much is read of a file that may be a score: much else may precede its notes.
const sniffedScore = 64 << 10

// sniffScore checks whether a file is music. A file with a music extension is always tried.
func (s *survey) sniffScore(l leaf, ext string) error {
	named := mediaTypes[ext] == midiType || slices.Contains(notation, ext) && ext != ".xml"
	if !named && typeOfFile(l.path) != "" { // a text or picture beside the music
		return nil
	}
	if !named && ext != ".xml" && slices.Contains(otherKinds, ext) {
		s.passOver(l.path, data.Dropf(unknownKind, "want one of %s", filesOf(scores)))
		return nil
	}
	head, err := l.head(sniffedScore)
	is := score.FormatOf(head).MediaType()
	switch {
	case isLost(err):
		return err
	case err != nil:
		s.passOver(l.path, asDrop(unreadable(err)))
	case is == "" && !named:
		s.passOver(l.path, data.Dropf(unknownKind, "want one of %s", filesOf(scores)))
	default:
		s.sniffed[l.path] = cmp.Or(is, midiType)
	}
	return nil
}

// sniffNotation looks whether a file is ABC or MusicXML, as its name says.
func (s *survey) sniffNotation(l leaf, ext string) error {
	head, err := l.head(sniffedScore)
	switch {
	case isLost(err):
		return err
	case err != nil:
		s.passOver(l.path, asDrop(unreadable(err)))
	case score.FormatOf(head) != "":
		s.sniffed[l.path] = midiType
	case ext == ".xml":
		s.passOver(l.path, data.Dropf(unknownKind, "want one of %s", fileKinds))
	default:
		s.passOver(l.path, data.Dropf("unreadable", "it is neither ABC nor MusicXML"))
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

// passOver records why a file is skipped.
func (s *survey) passOver(file string, why *data.Drop) { s.passed[file] = why }

// nothing is the error for a place without works.
func (s *survey) nothing(place string, w works) error {
	if s.files == 0 {
		return badinput.Errorf("%s is empty; want %s in it: Atelier reads %s", place, w.wanted(), filesOf(w.Kind))
	}
	return badinput.Errorf("%s has no %s; %sAtelier reads %s", place, w.wanted(), s.passedOver(), filesOf(w.Kind))
}

// passedOver summarizes the skipped files, for the message that no works are left.
func (s *survey) passedOver() string {
	count := map[string]int{} // by description, with % for the plural s
	for file, why := range s.passed {
		ext := path.Ext(file)
		switch {
		case why.Reason == symbolicLink:
			count["symbolic link%"]++
		case why.Reason == unknownKind && ext != "" && len(ext) <= 12:
			count["file% "+strings.ReplaceAll(strings.ToLower(ext), "%", "")]++
		case why.Reason == tooLarge:
			count["file% ("+strings.TrimPrefix(why.Detail, "is ")+")"]++
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
	return fmt.Sprintf("%s %s skipped; ", strings.Join(said, ", "), were)
}
