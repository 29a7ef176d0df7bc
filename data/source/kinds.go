package source

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	files "atelier/internal/picture"
)

// The kinds of works, as in the setting kind.
const (
	pictures = "pictures"
	texts    = "texts"
	music    = "music"
	scores   = "scores" // any music format, for apps rather than training
	all      = "all"
)

const (
	midiType = "audio/midi"
	textType = "text/plain"
	utf8Type = "text/plain; charset=utf-8"

	pictureFiles = ".png .jpg .gif .webp .bmp .tif .pbm .pgm .ppm"
	textFiles    = ".txt .text .md (each also .gz)"
	midiFiles    = ".mid .midi .kar .rmi"
	noteFiles    = ".abc .musicxml .mxl"
	fileKinds    = pictureFiles + ", " + textFiles + ", " + midiFiles + " " + noteFiles
)

// notation are extensions of files of notes, which are handed on as MIDI.
var notation = []string{".abc", ".musicxml", ".xml", ".mxl"}

// filesOf lists the extensions of a kind, for messages.
func filesOf(kind string) string {
	switch kind {
	case music, scores:
		return midiFiles + " " + strings.Join(notation, " ")
	}
	return fileKinds
}

var mediaTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".jpe": "image/jpeg", ".jfif": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".bmp": "image/bmp", ".dib": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff",
	".pbm": "image/x-portable-bitmap", ".pgm": "image/x-portable-graymap", ".ppm": "image/x-portable-pixmap", ".pnm": "image/x-portable-anymap",
	".txt": textType, ".text": textType, ".md": textType, ".mid": midiType, ".midi": midiType, ".kar": midiType, ".rmi": midiType,
}

// typeOfFile is the media type that a file name suggests, empty if it is of no supported kind.
// Texts may end in .gz.
func typeOfFile(name string) string {
	name = strings.ToLower(name)
	plain, zipped := strings.CutSuffix(name, ".gz")
	if t := mediaTypes[path.Ext(plain)]; !zipped || t == textType {
		return t
	}
	return ""
}

// typeOfBytes is the media type by the first bytes, empty if it is of no supported kind. Texts have
// no such mark.
func typeOfBytes(b []byte) string {
	if f := files.FormatOf(b); f != "" {
		return f.MediaType()
	}
	if bytes.HasPrefix(b, []byte("MThd")) || bytes.HasPrefix(b, []byte("RIFF")) && bytes.HasPrefix(b[min(8, len(b)):], []byte("RMID")) {
		return midiType
	}
	return ""
}

// kindOf is the kind of a media type.
func kindOf(mediaType string) string {
	switch {
	case strings.HasPrefix(mediaType, "image/"):
		return pictures
	case strings.HasPrefix(mediaType, "text/"):
		return texts
	case mediaType == midiType:
		return music
	}
	return ""
}

// typeOfText is the media type of a text, with the encoding if it is known.
func typeOfText(b []byte) string {
	if utf8.Valid(b) {
		return utf8Type
	}
	return textType
}

// aboutTheSet are names of texts that describe a set and are not part of it.
var aboutTheSet = []string{"readme", "license", "licence", "licenses", "licences", "copying", "notice", "attribution", "changelog", "authors", "credits"}

func isAboutTheSet(file string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(path.Base(file)), ".")
	return (kindOf(typeOfFile(file)) == texts || path.Ext(file) == "") && slices.Contains(aboutTheSet, stem)
}

// ofSystems are files and folders that operating systems and storage devices create: previews,
// bins, recovered files.
var ofSystems = []string{
	"__macosx", "@eadir", "@tmp", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "~snapshot", "$recycle.bin", "recycler", "lost+found",
	"system volume information", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r",
}

// isHidden reports whether a file or folder was not created by a person.
func isHidden(name string) bool {
	return strings.HasPrefix(name, ".") || slices.Contains(ofSystems, strings.ToLower(name))
}
