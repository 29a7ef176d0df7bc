package clean

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/charset"
)

func init() {
	works = append(works,
		data.Item{Name: "control characters", MediaType: "text/plain; charset=utf-8", Bytes: []byte("\ufeffa\x01b\r\nc\rd\u2028e\x7f")},
		data.Item{Name: "misread", MediaType: "text/markdown", Bytes: []byte("cafÃ©, it’s")},
		data.Item{Name: "gb18030", MediaType: "text/plain; charset=gb2312", Bytes: []byte("\xc4\xe3\xba\xc3\xca\xc0\xbd\xe7")},
		data.Item{Name: "decomposed", MediaType: "text/plain", Bytes: []byte("cafe\u0301")},
	)
}

// samples are texts of languages by their detected encoding.
var samples = []struct{ charset, text string }{
	{"gb18030", "床前明月光，疑是地上霜。举头望明月，低头思故乡。"},
	{"gb18030", "人工智能是工程和科学的分支,致力于构建具有思维的机器。"},
	{"gb18030", "你好世界"},
	{"big5", "西陸蟬聲唱，南冠客思侵。那堪玄鬢影，來對白頭吟。"},
	{"big5", "前不見古人，後不見來者。念天地之悠悠，獨愴然而涕下。"},
	{"shift_jis", "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"},
	{"shift_jis", "これはペンです。"},
	{"euc-jp", "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"},
	{"euc-kr", "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다."},
	{"euc-kr", "안녕하세요 여러분"},
	{"windows-1252", "Le cœur a ses raisons que la raison ne connaît point."},
	{"windows-1252", "Über allen Gipfeln ist Ruh, in allen Wipfeln spürest du"},
	{"windows-1252", "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía un hidalgo"},
	{"windows-1252", "“It’s a truth universally acknowledged” – so they say…"},
	{"windows-1251", "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему."},
	{"koi8-r", "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему."},
	{"utf-16le", "床前明月光，疑是地上霜。"},
	{"utf-16be", "床前明月光，疑是地上霜。"},
	{"utf-16le", "The quick brown fox"},
	{"utf-16be", "The quick brown fox"},
	{"utf-16le", "Все счастливые семьи похожи друг на друга"},
}

func TestEncodingsAreFound(t *testing.T) {
	for _, s := range samples {
		e, err := htmlindex.Get(s.charset)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := e.NewEncoder().String(s.text)
		if err != nil {
			t.Fatal(s, err)
		}
		got, p, err := cleaned(t, encoded, "utf8")
		if want := norm.NFC.String(s.text); err != nil || got != want || p.Changes["from "+s.charset] != 1 {
			t.Errorf("%s %q: %q %v %v", s.charset, want, got, p.Changes, err)
		}
	}
}

func TestUTF8(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{"\ufeffa\x01b\r\nc\rd\u2028e\x7f\n", "ab\nc\nd\ne\n"},
		{"a\r\x00\nb", "a\nb"},
		{"one\vtwo\x1ethree\u0085four\x1dfive", "one\ntwo\nthree\nfour\nfive"},
		{"one\u0085\u0085two", "one\n\ntwo"},
		{"name\x1fplace", "name place"},
		{strings.Repeat("a\x1fb\x1e", 9), strings.Repeat("a b\n", 9)},
		{"cafe\u0301", "café"},
		{"e\ufeff\u0301", "é"},
		{"\xff\xfea\x00b\x00", "ab"},
		{strings.Repeat("é", 20) + "\xc3", strings.Repeat("é", 20) + "\ufffd"},
	} {
		if c.given == "a\r\x00\nb" {
			c.given += strings.Repeat(" and so on", 10)
			c.want += strings.Repeat(" and so on", 10)
		}
		if got, _, err := cleaned(t, c.given, "utf8"); got != c.want || err != nil {
			t.Errorf("%q becomes %q, want %q (%v)", c.given, got, c.want, err)
		}
	}
	for _, s := range []string{"", "\ufeff", "\xff\xfe", " \r\n\t", "\u200b\u200d\n\u2060", "\ufffd\ufffd \ufffd", "\u00a0\u00ad\v", "\x1b$)C\x0eABCD\x0f", "\x00\x01\x02\x03\xff\xfe", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"} {
		var drop *data.Drop
		if _, _, err := cleaned(t, s, "utf8"); !errors.As(err, &drop) {
			t.Errorf("%q is kept: %v", s, err)
		}
	}
	p := &data.Piece{Item: data.Item{MediaType: "text/plain; charset=latin1", Bytes: []byte("caf\xe9")}}
	if err := (&UTF8{Convert: true}).Clean(p); err != nil || p.Finish() != nil || string(p.Bytes) != "café" || p.MediaType != "text/plain; charset=utf-8" {
		t.Error(p.Item, err)
	}
}

// TestCleanedTextsStay cleans texts twice: the second pass must change nothing.
func TestCleanedTextsStay(t *testing.T) {
	odd := rapid.SampledFrom([]rune("aé\u0301\u0308Ã©âÂ€™ð\u0080\u0085\u0092\r\n\f\ufeff\u2028\x00中ßא\u1e9b\u0323½×”"))
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.StringOf(odd), rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		for _, names := range [][]string{{"utf8"}, {"utf8", "mojibake"}} {
			once, _, err := cleaned(t, s, names...)
			if err != nil {
				continue
			}
			if charset.IsBlank([]byte(once)) {
				continue // it would be dropped
			}
			twice, p, err := cleaned(t, once, names...)
			if twice != once || len(p.Changes) > 0 || err != nil || !utf8.ValidString(once) {
				t.Fatalf("%v: %q, then %q, then %q: %v %v", names, s, once, twice, p.Changes, err)
			}
		}
	})
}

func FuzzTexts(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(s.text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		cleaned(t, string(b), "utf8", "mojibake")
	})
}
