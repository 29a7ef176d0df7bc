package music

import (
	"regexp"
	"strings"
)

// keyInTitle finds a key in a title: in C minor, in B flat, in F♯ or, in Chinese, G大调. A letter
// without a mode is one at the end, and before what follows a key.
var keyInTitle = regexp.MustCompile(`(\bin )([A-G](?:[#♯b♭]|[ -](?:flat|sharp)\b)?)([ -](?:major|minor|Major|Minor)\b|m\b|\s*(?:$|[,;:.()\[\]]|\b(?:No|Op|BWV|KV?)\b))|([A-G][#♯b♭]?)(\s*[大小]调)`)

// retitled is a title whose keys are moved as a function says: Prelude in C major becomes Prelude
// in G major. What is no key stays.
func retitled(title string, moved func(Key) Key) string {
	return keyInTitle.ReplaceAllStringFunc(title, func(found string) string {
		part := keyInTitle.FindStringSubmatch(found)
		before, tonic, behind := part[1], part[2], part[3]
		if tonic == "" {
			tonic, behind = part[4], part[5]
		}
		minor := behind == "m" || strings.Contains(behind, "inor") || strings.Contains(behind, "小")
		key, err := ParseKey(tonic + map[bool]string{false: " major", true: " minor"}[minor])
		if err != nil {
			return found
		}
		name := moved(key).TonicName()
		if signs := titleSigns(tonic); signs != nil {
			name = name[:1] + signs.Replace(name[1:])
		}
		return before + name + behind
	})
}

// titleSigns writes accidentals as a tonic does, nil for letters.
func titleSigns(tonic string) *strings.Replacer {
	switch {
	case strings.Contains(tonic, " "):
		return strings.NewReplacer("b", " flat", "#", " sharp")
	case strings.Contains(tonic, "-"):
		return strings.NewReplacer("b", "-flat", "#", "-sharp")
	case strings.ContainsAny(tonic, "♯♭"):
		return strings.NewReplacer("b", "♭", "#", "♯")
	}
	return nil
}
