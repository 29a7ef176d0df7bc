package tilemap

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"

	"atelier/internal/badinput"
)

// MediaType is that of maps drawn in characters, which is how they go through the program.
const MediaType = "text/x-tile-map"

// Extensions are those of files that hold maps.
var Extensions = []string{".map", ".txt", ".csv", ".tmx"}

// Read reads a map of any kind: TMX by its beginning, CSV by the extension of the file, or else
// plain text. open is as in [ReadTMX].
func Read(name string, file []byte, open func(name string) ([]byte, error)) (*Map, error) {
	start := bytes.TrimSpace(bytes.TrimPrefix(file[:min(len(file), 512)], []byte("\ufeff")))
	switch ext := strings.ToLower(path.Ext(name)); {
	case bytes.HasPrefix(start, []byte("<?xml")), bytes.HasPrefix(start, []byte("<map")), ext == ".tmx":
		return ReadTMX(file, open)
	case ext == ".csv":
		return ReadCSV(file)
	case ext == ".tmj", ext == ".json", bytes.HasPrefix(start, []byte("{")) && json.Valid(file):
		return nil, badinput.Errorf("maps of Tiled as JSON (TMJ) are not read; want text, CSV or TMX, which Tiled exports")
	}
	return ReadText(file)
}
