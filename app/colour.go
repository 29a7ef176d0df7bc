package app

import (
	"encoding/hex"
	"image/color"
	"strings"

	"atelier/internal/badinput"
)

// namedColours are the colours that have a name; the others are written as #rrggbb.
var namedColours = map[string]color.NRGBA{
	"white": {255, 255, 255, 255}, "black": {0, 0, 0, 255}, "grey": {128, 128, 128, 255}, "red": {220, 40, 40, 255},
	"green": {40, 160, 60, 255}, "blue": {40, 90, 200, 255}, "yellow": {245, 210, 50, 255}, "transparent": {},
}

// parseColour reads a colour by its name or as #rrggbb or #rgb.
func parseColour(input, text string) (color.NRGBA, error) {
	word := strings.ToLower(strings.TrimSpace(text))
	if c, ok := namedColours[word]; ok {
		return c, nil
	}
	if digits, ok := strings.CutPrefix(word, "#"); ok {
		if len(digits) == 3 {
			digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
		}
		if b, err := hex.DecodeString(digits); err == nil && len(b) == 3 {
			return color.NRGBA{b[0], b[1], b[2], 255}, nil
		}
	}
	return color.NRGBA{}, badinput.Errorf("%s: want a colour such as #3366cc, or white, black, grey, red, green, blue, yellow or transparent, got %q", input, text)
}

// isColour reports whether an input that takes a file or a colour was given a colour.
func (in Input) isColour() bool {
	f := in.File()
	if in.Tag.Get("or") != "colour" || f == nil || f.Bytes != nil || f.Name == "" {
		return false
	}
	_, err := parseColour(in.Name, f.Name)
	return err == nil
}
