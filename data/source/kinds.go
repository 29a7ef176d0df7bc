package source

import (
	"bytes"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// The kinds of works, as the setting kind calls them.
const (
	pictures = "pictures"
	texts    = "texts"
	music    = "music"
	all      = "all"
)

const (
	midiType  = "audio/midi"
	textType  = "text/plain"
	utf8Type  = "text/plain; charset=utf-8"
	fileKinds = ".png .jpg .gif .webp .pgm, .txt .text .md (each also .gz), .mid .midi"
)

var mediaTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".pgm": "image/x-portable-graymap",
	".txt": textType, ".text": textType, ".md": textType, ".mid": midiType, ".midi": midiType,
}

// typeOfFile is the media type that the name of a file promises, empty if it is
// of no kind that is read. Texts may end in .gz besides.
func typeOfFile(name string) string {
	name = strings.ToLower(name)
	plain, zipped := strings.CutSuffix(name, ".gz")
	if t := mediaTypes[path.Ext(plain)]; !zipped || t == textType {
		return t
	}
	return ""
}

// typeOfBytes is the media type of bytes that have no name, empty if it is of no
// kind that is read.
func typeOfBytes(b []byte) string {
	switch t := http.DetectContentType(b); {
	case t == "image/png", t == "image/jpeg", t == "image/gif", t == "image/webp":
		return t
	case bytes.HasPrefix(b, []byte("MThd")):
		return midiType
	case bytes.HasPrefix(b, []byte("P5")):
		return mediaTypes[".pgm"]
	}
	return ""
}

// kindOf is the kind that a media type is of.
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

// typeOfText is the media type of a text, with the encoding if that is known.
func typeOfText(b []byte) string {
	if utf8.Valid(b) {
		return utf8Type
	}
	return textType
}

// aboutTheSet are the names of texts that say something of a set and are none of
// its works.
var aboutTheSet = []string{"readme", "license", "licence", "licenses", "licences", "copying", "notice", "attribution", "changelog", "authors", "credits"}

func isAboutTheSet(file string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(path.Base(file)), ".")
	return kindOf(typeOfFile(file)) == texts && slices.Contains(aboutTheSet, stem)
}

// isHidden says whether a file or a folder is none that a person put there.
func isHidden(name string) bool { return strings.HasPrefix(name, ".") || name == "__MACOSX" }
