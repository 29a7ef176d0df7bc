package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// The alphabet in which files of byte-level tokens write bytes: printable Latin characters stand
// for themselves, the others for 256 and up (Radford et al. 2019, Language Models are Unsupervised
// Multitask Learners).
var alphabet, letters = func() (of [256]rune, back map[rune]byte) {
	back = map[rune]byte{}
	next := rune(256)
	for b := range of {
		if r := rune(b); '!' <= r && r <= '~' || '¡' <= r && r <= '¬' || '®' <= r && r <= 'ÿ' {
			of[b] = r
		} else {
			of[b] = next
			next++
		}
		back[of[b]] = byte(b)
	}
	return of, back
}()

// spelt writes bytes in the alphabet.
func spelt(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteRune(alphabet[text[i]])
	}
	return b.String()
}

// meant reverses spelt; a name with other characters stands for itself.
func meant(name string) string {
	plain := true
	for i := 0; i < len(name) && plain; i++ {
		plain = '!' <= name[i] && name[i] <= '~'
	}
	if plain {
		return name
	}
	text := make([]byte, 0, len(name))
	for _, r := range name {
		b, ok := letters[r]
		if !ok {
			return name
		}
		text = append(text, b)
	}
	return string(text)
}

// byteOf parses the name of a byte token, such as <0x0A>.
func byteOf(name string) (byte, bool) {
	if len(name) != 6 || !strings.HasPrefix(name, "<0x") || name[5] != '>' {
		return 0, false
	}
	high, ok := digitOf(name[3])
	low, ok2 := digitOf(name[4])
	return high<<4 | low, ok && ok2
}

func digitOf(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// sayable shortens a name for an error.
func sayable(name string) string {
	if len(name) <= 40 {
		return name
	}
	n := 40
	for n > 0 && !utf8.RuneStart(name[n]) {
		n--
	}
	return name[:n] + "…"
}
