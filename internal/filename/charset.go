package filename

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// A charset is an encoding of file names from before UTF-8.
type charset struct {
	encoding encoding.Encoding
	double   bool
	// weigh rates how likely the character is in a name, 0 to 4. Its bytes are raw.
	weigh func(before, r, after rune, raw string) int
}

// charsets are those of Windows, also used in zips, and of old Unix. Of two that fit alike the
// first wins.
var charsets = []charset{
	{simplifiedchinese.GBK, true, hanBetween(0xb0, 0xd7)},
	{traditionalchinese.Big5, true, hanBetween(0xa4, 0xc6)},
	{japanese.ShiftJIS, true, japaneseOf},
	{korean.EUCKR, true, hangul},
	{charmap.Windows1251, false, cyrillic},
	{charmap.CodePage866, false, cyrillic},
	{charmap.Windows1252, false, latin},
	{charmap.CodePage437, false, latin},
	{charmap.CodePage850, false, latin},
}

// suits reports whether a name that could be UTF-8 reads well in the encoding: all its characters
// are common, and none looks like an accent in a Latin word.
func (c *charset) suits(name string) bool {
	for i := 1; i < len(name); i++ {
		if name[i] >= utf8.RuneSelf && isLetter(rune(name[i-1])) {
			return false
		}
	}
	var s score
	s.add(*c, name)
	return c.double && s.mean() >= 3000
}

// wrongCost is the penalty for a byte that cannot be decoded.
const wrongCost = 8

// A score accumulates how likely names are in an encoding.
type score struct{ sum, n int }

// mean is the weight per thousand non-ASCII characters.
func (s score) mean() int {
	if s.n == 0 {
		return 0
	}
	return s.sum * 1000 / s.n
}

// add weighs a name, character by character.
func (s *score) add(c charset, name string) {
	decoder := c.encoding.NewDecoder()
	before := ' '
	for len(name) > 0 {
		r, size := decodeFirst(c, decoder, name)
		switch {
		case r == utf8.RuneError:
			s.sum, s.n = s.sum-wrongCost, s.n+1
		case r >= utf8.RuneSelf:
			after := ' '
			if len(name) > size {
				after, _ = decodeFirst(c, decoder, name[size:])
			}
			// By characters, not by bytes, so that two single-byte letters count as much as one
			// two-byte character.
			s.sum, s.n = s.sum+c.weigh(before, r, after, name[:size]), s.n+1
		}
		before, name = r, name[size:]
	}
}

// decodeFirst decodes the first character and returns its bytes.
func decodeFirst(c charset, decoder *encoding.Decoder, name string) (r rune, size int) {
	if name[0] < utf8.RuneSelf {
		return rune(name[0]), 1
	}
	for size = 1; size <= 2 && size <= len(name) && (size == 1 || c.double); size++ {
		s, err := decoder.String(name[:size])
		if r, n := utf8.DecodeRuneInString(s); err == nil && r != utf8.RuneError && n == len(s) {
			return r, size
		}
	}
	return utf8.RuneError, 1
}

// hanBetween weighs Chinese characters; the common ones have these first bytes.
func hanBetween(first, last byte) func(before, r, after rune, raw string) int {
	return func(before, r, after rune, raw string) int {
		switch {
		case !unicode.Is(unicode.Han, r):
			return punctuation(r)
		case isLetter(before) && isLetter(after):
			return 1 // more likely a Latin word with an accent
		case raw[0] >= first && raw[0] <= last && raw[len(raw)-1] >= 0xa1, first == 0xa4 && raw[0] >= first && raw[0] <= last:
			return 3
		case raw[0] > last && raw[len(raw)-1] >= 0xa1:
			return 1
		}
		return 0
	}
}

// japaneseOf weighs Japanese: kana, and kanji, of which the common ones come first.
func japaneseOf(before, r, after rune, raw string) int {
	switch {
	case unicode.In(r, unicode.Hiragana, unicode.Katakana) && len(raw) == 2, r == 'ー':
		return 4
	case !unicode.Is(unicode.Han, r):
		return punctuation(r)
	case isLetter(before) && isLetter(after):
		return 1
	case raw[0] <= 0x98:
		return 3
	}
	return 1
}

// hangul weighs Korean.
func hangul(before, r, after rune, raw string) int {
	switch {
	case !unicode.Is(unicode.Hangul, r):
		return punctuation(r)
	case isLetter(before) && isLetter(after):
		return 1
	case strings.ContainsRune(commonSyllables, r):
		return 4
	case len(raw) == 2 && raw[1] >= 0xa1:
		return 1
	}
	return 0
}

// commonSyllables are the most frequent Korean syllables.
const commonSyllables = "가각간갈감강개객거건걸검것게겨견결경계고곡공과관광교구국군권규그극근글금급기길김까나날남내너네년녀노논누는니다단달담당대더데도독동되두드든들등디라락란람래량러럭런레려력련로록론료루류르른를름리린림마만말망매머먹면명모목무문물미민바박반발방배백버번범법변별병보복본부북분불비빈사산살상새색생서석선설섬성세소속손송수순술숨스습시식신실심아안알암애야약양어언얼업에여역연열영예오옥온올와완왕외요용우운울원월위유육은을음의이인일임입자작잔장재저적전절점정제조족종주중증지직진집차참창채책처천철청체초촌최추축출충치친카칼커컴코크큰타탄태터테토통트특티파판팔퍼편평포표품풍프플피필하학한할함합항해행향험현형호혼홍화환황회후훈휴흐희히힘개양돼말닭곰뱀토끼호랑람쥐꽃나무집차별달해"

// cyrillic weighs Russian: letters next to letters, small ones after others.
func cyrillic(before, r, after rune, _ string) int {
	switch {
	case !unicode.Is(unicode.Cyrillic, r):
		return punctuation(r)
	case isLetter(before) || isLetter(after):
		return 0
	case unicode.IsUpper(r) && unicode.IsLower(before), unicode.IsLower(r) && r > 'я' && r != 'ё', unicode.IsUpper(r) && r < 'А' && r != 'Ё':
		return 0
	case unicode.Is(unicode.Cyrillic, before), unicode.Is(unicode.Cyrillic, after):
		return 3
	}
	return 1
}

// latin weighs accented letters, which stand among plain ones.
func latin(before, r, after rune, _ string) int {
	beside := isLetter(before) || isLetter(after)
	switch {
	case !unicode.IsLetter(r) || !unicode.Is(unicode.Latin, r):
		return punctuation(r)
	case r > 'ÿ': // Š and the like, which are rare in Western names
		return 1
	case unicode.IsUpper(r) && unicode.IsLower(before):
		return 0
	case beside:
		return 3
	}
	return 1
}

// punctuation weighs non-letters, which names have occasionally.
func punctuation(r rune) int {
	if strings.ContainsRune("、。「」・（）！～–—’“”", r) {
		return 1
	}
	return 0
}

func isLetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }
