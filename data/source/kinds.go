package source

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	files "atelier/internal/picture"
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
	fileKinds = ".png .jpg .gif .webp .bmp .tif .pgm, .txt .text .md (each also .gz), .mid .midi .kar .rmi"
)

var mediaTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".jpe": "image/jpeg", ".jfif": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".bmp": "image/bmp", ".dib": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff", ".pgm": "image/x-portable-graymap",
	".txt": textType, ".text": textType, ".md": textType, ".mid": midiType, ".midi": midiType, ".kar": midiType, ".rmi": midiType,
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

// typeOfBytes is the media type that the first bytes tell, empty if it is of no kind
// that is read. Of texts they tell nothing.
func typeOfBytes(b []byte) string {
	if f := files.FormatOf(b); f != "" {
		return f.MediaType()
	}
	if bytes.HasPrefix(b, []byte("MThd")) || bytes.HasPrefix(b, []byte("RIFF")) && bytes.HasPrefix(b[min(8, len(b)):], []byte("RMID")) {
		return midiType
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
	return (kindOf(typeOfFile(file)) == texts || path.Ext(file) == "") && slices.Contains(aboutTheSet, stem)
}

// ofSystems are the files and folders that systems and storage devices keep among
// those of a person: previews, what was deleted, what was found.
var ofSystems = []string{
	"__macosx", "@eadir", "@tmp", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "~snapshot", "$recycle.bin", "recycler", "lost+found",
	"system volume information", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r",
}

// isHidden says whether a file or a folder is none that a person put there.
func isHidden(name string) bool {
	return strings.HasPrefix(name, ".") || slices.Contains(ofSystems, strings.ToLower(name))
}
