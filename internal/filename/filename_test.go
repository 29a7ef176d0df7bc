package filename

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/unicode/norm"
)

// in returns the names in an encoding.
func in(t testing.TB, e encoding.Encoding, names ...string) []string {
	t.Helper()
	var raw []string
	for _, n := range names {
		s, err := e.NewEncoder().String(n)
		if err != nil {
			t.Fatal(n, err)
		}
		raw = append(raw, s)
	}
	return raw
}

// read reads names as a tree of them is read.
func read(raw ...string) []string {
	var g Guess
	for _, n := range raw {
		g.Add(n)
	}
	names := g.Names()
	var out []string
	for _, n := range raw {
		out = append(out, names.Read(n))
	}
	return out
}

// The names of a tree are found in the encoding that they were written in.
func TestEncodings(t *testing.T) {
	for _, c := range []struct {
		what  string
		e     encoding.Encoding
		names []string
	}{
		{"gbk", simplifiedchinese.GBK, []string{"猫/照片0.png", "dog/1.png"}},
		{"gbk", simplifiedchinese.GBK, []string{"猫/1.png", "狗/1.png"}}, // 猫 is UTF-8 by accident
		{"gbk", simplifiedchinese.GBK, []string{"新建文件夹/未命名.png", "图片/微信截图_2024.png"}},
		{"big5", traditionalchinese.Big5, []string{"貓/照片0.png", "狗/圖片.png"}},
		{"big5", traditionalchinese.Big5, []string{"功能/許可.png"}}, // second bytes that are ASCII
		{"cp932", japanese.ShiftJIS, []string{"猫/写真0.png", "犬/写真1.png"}},
		{"cp932", japanese.ShiftJIS, []string{"ネコ/0.png", "いぬ/1.png"}},
		{"cp932", japanese.ShiftJIS, []string{"表示/ソフト.png"}}, // a backslash as second byte
		{"euc-kr", korean.EUCKR, []string{"고양이/사진0.png", "강아지/1.png"}},
		{"euc-kr", korean.EUCKR, []string{"개/1.png", "양/2.png"}},
		{"cp437", charmap.CodePage437, []string{"Käse/0.png", "Brot/1.png"}},
		{"cp437", charmap.CodePage437, []string{"Äpfel/grün.png", "España/niño.png", "été/ça.png"}},
		{"cp850", charmap.CodePage850, []string{"Pão/maçã.png", "Brød/1.png"}},
		{"latin-1", charmap.ISO8859_1, []string{"Käse/0.png", "Größe/1.png", "été/2.png"}},
		{"windows-1251", charmap.Windows1251, []string{"Кошки/фото.png", "собаки/1.png"}},
		{"cp866", charmap.CodePage866, []string{"Кошки/фото.png", "собаки/1.png"}},
	} {
		for i, got := range read(in(t, c.e, c.names...)...) {
			if got != c.names[i] {
				t.Errorf("%s: read %q, want %q", c.what, got, c.names[i])
			}
		}
	}
}

// What is in UTF-8 stays so, composed and without what a terminal obeys.
func TestReadable(t *testing.T) {
	for raw, want := range map[string]string{
		"cat/1.png": "cat/1.png", "猫/1.png": "猫/1.png", norm.NFD.String("café/é.png"): "café/é.png",
		"red\x1b[31m/\x07": "red%1B[31m/%07", "new\nline": "new%0Aline", "\x7f": "%7F", "a\u0085b": "a%C2%85b",
		"a\u202egnp.exe": "a%E2%80%AEgnp.exe", "👨\u200d👩": "👨\u200d👩",
	} {
		if got := read(raw)[0]; got != want {
			t.Errorf("%q became %q, want %q", raw, got, want)
		}
	}
	if got := read("\xff\xfe\xfd"); strings.ContainsRune(got[0], utf8.RuneError) {
		t.Errorf("%q", got)
	}
	both := append(in(t, simplifiedchinese.GBK, "照片/1.png"), "café/1.png", "猫/2.png")
	if got := read(both...); got[0] != "照片/1.png" || got[2] != "猫/2.png" {
		t.Errorf("%q", got)
	}
}

func FuzzNames(f *testing.F) {
	f.Add("K\x84se", "\xc3\xa8")
	f.Add("\x1b[31m", "\x94\x4c\x8c\xa2")
	f.Fuzz(func(t *testing.T, a, b string) {
		got, turned := read(a, b), read(b, a)
		if got[0] != turned[1] || got[1] != turned[0] {
			t.Errorf("%q and %q are read as %q, and turned round as %q", a, b, got, turned)
		}
		for _, n := range got {
			if !utf8.ValidString(n) || strings.ContainsFunc(n, isUnprintable) || Readable(n) != n {
				t.Errorf("%q of %q is not readable", n, []string{a, b})
			}
		}
	})
}
