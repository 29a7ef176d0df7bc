package music

import (
	"fmt"
	"strings"
)

// kinds are the kinds of chords of MusicXML by what a chord symbol says of them.
var kinds = []struct{ suffix, kind string }{
	{"", "major"}, {"m", "minor"}, {"7", "dominant"}, {"m7", "minor-seventh"}, {"maj7", "major-seventh"}, {"dim", "diminished"},
	{"dim7", "diminished-seventh"}, {"m7b5", "half-diminished"}, {"aug", "augmented"}, {"sus4", "suspended-fourth"}, {"sus2", "suspended-second"},
	{"6", "major-sixth"}, {"m6", "minor-sixth"}, {"9", "dominant-ninth"}, {"m9", "minor-ninth"}, {"maj9", "major-ninth"}, {"5", "power"},
	{"11", "dominant-11th"}, {"13", "dominant-13th"}, {"mMaj7", "major-minor"}, {"+7", "augmented-seventh"},
}

// harmony is a chord symbol in MusicXML. Of a kind that it does not name, the symbol's own
// text is kept.
func harmony(symbol string) string {
	letter, alter, rest, ok := rootOf(symbol)
	if !ok {
		return fmt.Sprintf(`<harmony><function>%s</function><kind text="">none</kind></harmony>`, escaped(symbol))
	}
	suffix, bass, _ := strings.Cut(rest, "/")
	low, lowAlter, more, hasBass := rootOf(bass)
	if hasBass && more != "" || !hasBass && strings.Contains(rest, "/") {
		suffix, hasBass = rest, false
	}
	kind := "other"
	for _, k := range kinds {
		if k.suffix == suffix {
			kind = k.kind
		}
	}
	text := fmt.Sprintf(`<harmony><root><root-step>%c</root-step>%s</root><kind text="%s">%s</kind>`, letter, alterText("root", alter), escaped(suffix), kind)
	if hasBass {
		text += fmt.Sprintf("<bass><bass-step>%c</bass-step>%s</bass>", low, alterText("bass", lowAlter))
	}
	return text + "</harmony>"
}

func alterText(of string, alter int) string {
	if alter == 0 {
		return ""
	}
	return fmt.Sprintf("<%s-alter>%d</%s-alter>", of, alter, of)
}

// rootOf reads a tone at the beginning of a chord symbol.
func rootOf(symbol string) (letter byte, alter int, rest string, ok bool) {
	if symbol == "" || symbol[0] < 'A' || symbol[0] > 'G' {
		return 0, 0, "", false
	}
	rest = symbol[1:]
	for _, sign := range []struct {
		text  string
		alter int
	}{{"#", 1}, {"♯", 1}, {"b", -1}, {"♭", -1}} {
		if after, found := strings.CutPrefix(rest, sign.text); found {
			return symbol[0], sign.alter, after, true
		}
	}
	return symbol[0], 0, rest, true
}

// An xmlHarmony is a chord symbol as it is read.
type xmlHarmony struct {
	Function string   `xml:"function"`
	Root     *xmlTone `xml:"root"`
	Kind     struct {
		Text *string `xml:"text,attr"`
		Name string  `xml:",chardata"`
	} `xml:"kind"`
	Bass *xmlTone `xml:"bass"`
}

// An xmlTone is the root or the bass of a chord.
type xmlTone struct {
	RootStep  string  `xml:"root-step"`
	RootAlter float64 `xml:"root-alter"`
	BassStep  string  `xml:"bass-step"`
	BassAlter float64 `xml:"bass-alter"`
}

// name is the tone as a chord symbol writes it.
func (t *xmlTone) name() string {
	name := t.RootStep + t.BassStep
	switch alter := t.RootAlter + t.BassAlter; {
	case alter >= 1:
		name += "#"
	case alter <= -1:
		name += "b"
	}
	return name
}

// symbol is the chord symbol.
func (h *xmlHarmony) symbol() string {
	if h.Root == nil {
		return Clean(h.Function)
	}
	suffix := ""
	for _, k := range kinds {
		if k.kind == strings.TrimSpace(h.Kind.Name) {
			suffix = k.suffix
		}
	}
	if h.Kind.Text != nil && (suffix == "" || strings.TrimSpace(h.Kind.Name) == "other") {
		suffix = *h.Kind.Text
	}
	symbol := h.Root.name() + suffix
	if h.Bass != nil {
		symbol += "/" + h.Bass.name()
	}
	return Clean(symbol)
}
