// Package charset detects the encoding of texts and decodes them.
package charset

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	netcharset "golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	utf16 "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// UTF8 is the name of the encoding that needs no decoding.
const UTF8 = "utf-8"

// Broken is the name of UTF-8 with a few invalid bytes.
const Broken = "broken utf-8"

var (
	littleEndian = utf16.UTF16(utf16.LittleEndian, utf16.IgnoreBOM)
	bigEndian    = utf16.UTF16(utf16.BigEndian, utf16.IgnoreBOM)
)

// marked are the encodings with a byte order mark, longer marks first.
var marked = []struct {
	mark, name string
	encoding   encoding.Encoding
}{
	{"\xff\xfe\x00\x00", "utf-32le", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
	{"\x00\x00\xfe\xff", "utf-32be", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
	{"\xff\xfe", "utf-16le", littleEndian},
	{"\xfe\xff", "utf-16be", bigEndian},
}

// DecodePage is [Decode] for an HTML page, which may declare its encoding; so may its server, in a
// content type, empty if there is none.
func DecodePage(b []byte, contentType string) (text, name string) {
	_, said, certain := netcharset.DetermineEncoding(b, contentType)
	if !certain {
		said = ""
	}
	return Decode(b, said)
}

// Decode returns the decoded text, and the name of its detected encoding; "" if none is certain,
// for garbled text is worse than none. The hint is a declared encoding, which is trusted if
// everything decodes. A byte order mark before UTF-8 is kept.
func Decode(b []byte, hint string) (text, name string) {
	switch {
	case !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 || !mostlyPlain(b[:min(len(b), sampled)]):
	case isASCII(b):
		return shifted(b)
	default:
		return string(b), UTF8
	}
	for _, m := range marked {
		if rest, ok := bytes.CutPrefix(b, []byte(m.mark)); ok {
			if s, wrong := decode(m.encoding, rest); wrong == 0 {
				return s, m.name
			}
		}
	}
	if s, ok := mended(b); ok {
		return s, Broken
	}
	if s, name := quads(b); name != "" {
		return s, name
	}
	if e, err := htmlindex.Get(hint); hint != "" && err == nil {
		if s, wrong := decode(e, b); wrong == 0 && !strings.ContainsRune(s, 0) {
			return s, strings.ToLower(hint)
		}
	}
	if _, s, name := detect(b); name != "" || !utf8.Valid(b) || !mostlyPlain(b) {
		return s, name
	}
	return string(b), UTF8 // apart from a few control characters
}

// IsShifted reports whether ASCII text may be Chinese, Japanese or Korean in an escape-based
// encoding such as ISO-2022-JP.
func IsShifted(b []byte) bool {
	return (bytes.Contains(b, []byte("\x1b$")) || bytes.Contains(b, []byte("~{"))) && isASCII(b)
}

// shifted decodes ASCII with escape sequences for other scripts.
func shifted(b []byte) (text, name string) {
	if bytes.Contains(b, []byte("\x1b$")) {
		if s, wrong := decode(japanese.ISO2022JP, b); wrong == 0 && !strings.ContainsRune(s, '\x1b') {
			return s, "iso-2022-jp"
		}
		return "", ""
	}
	if bytes.Contains(b, []byte("~{")) {
		if s, wrong := decode(simplifiedchinese.HZGB2312, b); wrong == 0 && mostlyChinese(s) {
			return s, "hz-gb-2312"
		}
	}
	return string(b), UTF8
}

// mostlyChinese reports whether most non-ASCII characters are frequent in Chinese texts.
func mostlyChinese(s string) bool {
	n, usual := 0, 0
	for _, r := range s {
		if r >= utf8.RuneSelf {
			n++
			if chinese()[r] || cjkMark(r) {
				usual++
			}
		}
	}
	return n > 0 && 2*usual > n
}

// IsBlank reports whether a text has nothing to read, in whatever encoding: only white space, byte
// order marks, and invisible or replacement characters (U+FFFD).
func IsBlank(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	for _, m := range marked {
		if rest, ok := bytes.CutPrefix(b, []byte(m.mark)); ok {
			b = rest
			break
		}
	}
	if utf8.Valid(b) {
		return bytes.IndexFunc(b, isVisible) < 0
	}
	for _, c := range b {
		if c != 0 && c != ' ' && (c < '\t' || c > '\r') {
			return false
		}
	}
	return true
}

func isVisible(r rune) bool {
	return r != 0 && r != utf8.RuneError && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.Is(unicode.Variation_Selector, r)
}

// mostlyPlain reports whether few bytes are control characters.
func mostlyPlain(b []byte) bool {
	n := 0
	for _, c := range b {
		if c < ' ' && isBeyond(c) {
			n++
		}
	}
	return n <= 4 || 20*n <= len(b)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// decode returns the text, and the number of characters that could not be decoded.
func decode(e encoding.Encoding, b []byte) (string, int) {
	s, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return "", len(b)
	}
	return string(s), strings.Count(string(s), "\ufffd")
}

// quads decodes UTF-32 without a byte order mark: every character has a zero first byte, unlike in
// any other text.
func quads(b []byte) (text, name string) {
	if len(b) < 8 || len(b)%4 != 0 {
		return "", ""
	}
	for i, m := range marked[:2] {
		fits := true
		for at := 0; at < len(b) && fits; at += 4 {
			fits = b[at+3-3*i] == 0 && b[at+2-i] <= 0x10
		}
		if s, wrong := decode(m.encoding, b); fits && wrong == 0 && !strings.ContainsRune(s, 0) {
			return s, m.name
		}
	}
	return "", ""
}

// mended decodes UTF-8 with a few invalid bytes, such as a truncated last character: each run of
// them becomes U+FFFD.
func mended(b []byte) (string, bool) {
	broken, sound := 0, 0
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			broken++
		case size > 1:
			sound++
		case r == 0:
			return "", false
		}
		i += size
	}
	if broken == 0 || broken*10 > sound {
		return "", false
	}
	return string(bytes.ToValidUTF8(b, []byte("\ufffd"))), true
}
