package app

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/film"
	"atelier/internal/music"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/internal/sound"
	"atelier/internal/tilemap"
)

// A File is an input file. A front end reads it before the app runs; the app gets the
// bytes and opens no files.
type File struct {
	// Name is the path as given, or - for standard input.
	Name string
	// Bytes are the contents; none if no file was given.
	Bytes []byte
	// Label is the label of a text or another file that holds none itself, from beside it; nil if there
	// is none.
	Label []byte
	// Beside are the files of tilesets that a map refers to, from beside it, by the last part of their
	// names.
	Beside map[string][]byte
}

// LabelEnd is what follows the name of a file in that of its label.
const LabelEnd = ".json"

// labelBeside reads the label that lies beside a file, nil if none does.
func labelBeside(name string) []byte {
	label, err := durable.ReadFile(name+LabelEnd, mostFile)
	if err != nil {
		return nil
	}
	return label
}

// tilesetsBeside reads the files of tilesets that a map of Tiled refers to and that lie beside it.
func tilesetsBeside(name string, file []byte) map[string][]byte {
	if !strings.EqualFold(filepath.Ext(name), extensions[formatTMX][0]) {
		return nil
	}
	all := map[string][]byte{}
	for _, set := range tilemap.External(file) {
		set = path.Base(set)
		if b, err := durable.ReadFile(filepath.Join(filepath.Dir(name), set), mostTileset); err == nil && len(all) < mostTilesets {
			all[set] = b
		}
	}
	return all
}

// How many files of tilesets are read beside a map, and how many bytes one has.
const (
	mostTilesets = 64
	mostTileset  = 4 << 20
)

// beside is a file that was read beside this one.
func (f File) beside(name string) ([]byte, error) {
	if b, ok := f.Beside[path.Base(name)]; ok {
		return b, nil
	}
	return nil, fs.ErrNotExist
}

// source is what kind of work the file is, as far as it says so.
func (f File) source() provenance.Source { return provenance.SourceOf(f.Bytes, f.Label) }

// Stdin is the name of a [File] read from standard input.
const Stdin = "-"

// standardInput is the name of its contents.
const standardInput = "the standard input"

// mostFile is the size limit of input files in bytes.
const mostFile = 64 << 20

// ReadFile reads an input file: a regular file or, by the name of [Stdin], the given
// reader.
func ReadFile(name string, stdin io.Reader) (File, error) {
	if name != Stdin {
		if info, err := os.Stat(name); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
			return File{}, badinput.Errorf("%s: is a pipe; want a file, or - for standard input, as in - < %s", name, name)
		}
		b, err := durable.ReadFile(name, mostFile)
		return File{Name: name, Bytes: b, Label: labelBeside(name), Beside: tilesetsBeside(name, b)}, badinput.Mark(err)
	}
	b, err := io.ReadAll(io.LimitReader(stdin, mostFile+1))
	if err == nil && len(b) > mostFile {
		err = badinput.Errorf("standard input has more than the limit of %d bytes", mostFile)
	}
	return File{Name: standardInput, Bytes: b}, err
}

// ReadFiles reads the files named in the inputs of an app, which must be a pointer. Works of folders
// that cannot be read are left out, and skipped is called with what is wrong with them.
func ReadFiles(a App, stdin io.Reader, skipped func(name string, why error)) error {
	for _, in := range Inputs(a) {
		if all, ok := in.Files(); ok {
			read, err := in.read(all, stdin, skipped)
			if err != nil {
				return err
			}
			in.Value.Set(reflect.ValueOf(read))
			continue
		}
		f := in.File()
		if f == nil || f.Name == "" || f.Bytes != nil || in.IsAddress() || in.isColour() {
			continue
		}
		read, err := ReadFile(f.Name, stdin)
		if errors.Is(err, fs.ErrNotExist) && in.Tag.Get("or") == "colour" {
			_, err = parseColour(in.Name, f.Name)
			err = fmt.Errorf("%w, and there is no such file", err)
		}
		if err != nil {
			return err
		}
		in.Value.Set(reflect.ValueOf(read))
	}
	return nil
}

// Given reports whether there is a file.
func (f File) Given() bool { return f.Name != "" || len(f.Bytes) > 0 }

// Hash is the SHA-256 of the bytes, in hexadecimal.
func (f File) Hash() string {
	sum := sha256.Sum256(f.Bytes)
	return hex.EncodeToString(sum[:])
}

// MediaType is detected from the bytes, not the name.
func (f File) MediaType() string {
	if format := picture.FormatOf(f.Bytes); format != "" {
		return format.MediaType()
	}
	if format := music.FormatOf(f.Bytes); format != "" {
		return format.MediaType()
	}
	if format := film.FormatOf(f.Bytes); format != "" {
		return format.MediaType()
	}
	if sound.IsFLAC(f.Bytes) {
		return "audio/flac"
	}
	kind, _, _ := strings.Cut(http.DetectContentType(f.Bytes), ";")
	return kind
}

// A FileError says what is wrong with an input file.
type FileError struct {
	Name string // of the file, or of the input if there is none
	Err  error
}

func (e *FileError) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *FileError) Unwrap() error { return e.Err }

// musicTypes are the media types of files that [music.Read] supports, as in the tag accept.
const musicTypes = "audio/midi,text/vnd.abc,application/vnd.recordare.musicxml*"

// clipTypes are those of clips, behind them.
const clipTypes = ",image/*,video/*"

// isMusic reports whether a file is a piece of music.
func isMusic(f File) bool { return music.FormatOf(f.Bytes) != "" }

// checkFiles reports the first file that is missing or of a type that its input rejects.
func checkFiles(a App) error {
	for _, in := range Inputs(a) {
		f := in.File()
		all, several := in.Files()
		for i := range all {
			if err := all[i].check(in.Tag.Get("accept")); err != nil {
				return &FileError{all[i].Name, err}
			}
		}
		switch {
		case in.IsReplaced(a):
		case several && len(all) == 0 && in.Argument() != "":
			return &FileError{in.Name, errors.New("want a file")}
		case f == nil, in.isColour(), in.IsAddress() && len(f.Bytes) == 0:
		case f.Given():
			if err := f.check(in.Tag.Get("accept")); err != nil {
				return &FileError{f.Name, err}
			}
		case in.Argument() != "":
			return &FileError{in.Name, errors.New("want a file")}
		}
	}
	return nil
}

// filmKind names the kind of a film that is no picture, empty for other files.
func (f File) filmKind() string {
	switch format := film.FormatOf(f.Bytes); {
	case film.IsWebM(f.Bytes):
		return "WebM"
	case format == film.AVI:
		return "AVI"
	default:
		return string(format)
	}
}

// whole says why a file of a folder is not accepted; a picture must be one that can be decoded.
func (f *File) whole(accepted string) error {
	err := f.check(accepted)
	if err == nil && accepted == "image/*" {
		_, err = picture.OpenWhole(f.Bytes)
	}
	return err
}

// check says why a file is not accepted.
func (f *File) check(accepted string) error {
	switch {
	case len(f.Bytes) == 0:
		return errors.New("the file is empty")
	case accepted == "image/*":
		_, err := picture.Open(f.Bytes)
		if kind := f.filmKind(); err != nil && kind != "" {
			return fmt.Errorf("%s is not read here; want a picture, or GIF, APNG or WebP if it moves", kind)
		}
		return err
	case accepted == "":
		return nil
	}
	is := f.MediaType()
	for _, pattern := range list(accepted) {
		if ok, err := path.Match(pattern, is); err == nil && ok {
			return nil
		}
	}
	switch accepted {
	case musicTypes:
		accepted = "a MIDI, ABC or MusicXML file"
	case musicTypes + clipTypes:
		accepted = "a MIDI, ABC or MusicXML file, or a clip"
	case musicTypes + ",audio/*":
		accepted = "a WAV, FLAC, MIDI, ABC or MusicXML file"
	}
	return fmt.Errorf("want %s, but it looks like %s", accepted, is)
}
