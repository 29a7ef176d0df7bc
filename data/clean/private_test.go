package clean

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
)

// TestPrivateLines measures precision and recall on both halves of the lines.
func TestPrivateLines(t *testing.T) {
	c := &Private{Regions: "US,CN,GB"}
	tuned, heldOut := PrivateLines()
	if len(tuned) != 150 || len(heldOut) != 150 {
		t.Fatal(len(tuned), len(heldOut))
	}
	for name, lines := range map[string][]string{"tuned": tuned, "held out": heldOut} {
		n := c.Measure(lines, func(what, kind, value string) {
			if name == "tuned" {
				t.Logf("%s %s %q", what, kind, value)
			}
		})
		t.Logf("%s: precision %.1f %%, recall %.1f %% (%+v)", name, n.Precision(), n.Recall(), n)
		if n.Precision() < 97 || n.Recall() < 95 {
			t.Errorf("%s: precision %.1f %%, recall %.1f %%", name, n.Precision(), n.Recall())
		}
	}
}

func TestPrivateBlocks(t *testing.T) {
	got, p, err := cleaned(t, "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb@c.org\n", "private")
	if want := "a\n[KEY]\n[EMAIL]\n"; got != want || err != nil || p.Changes["KEY"] != 1 || p.Changes["EMAIL"] != 1 {
		t.Errorf("%q %v %v", got, p.Changes, err)
	}
}

func TestPrivateSettings(t *testing.T) {
	c := &Private{Regions: "US", Keep: "EMAIL"}
	if found := c.find("a@b.org and (212) 736-5000"); len(found) != 1 || found[0].kind != "PHONE" {
		t.Error(found)
	}
	if (&Private{Regions: "XX"}).Check() == nil || (&Private{Keep: "NAME"}).Check() == nil {
		t.Error("unknown settings are taken")
	}
}

// TestPrivateStays cleans texts twice: the second pass must find nothing more.
func TestPrivateStays(t *testing.T) {
	lines := strings.Split(marked().ReplaceAllString(privateLines, "$2"), "\n")
	c, _ := data.Cleaners.New("private")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(lines).Draw(t, "line") + rapid.StringOf(rapid.SampledFrom([]rune("0123456789 -+.:@()XDEx金"))).Draw(t, "odd")
		for range 2 {
			p := &data.Piece{Item: data.Item{MediaType: "text/plain", Bytes: []byte(s)}}
			if err := c.Clean(p); err != nil || p.Finish() != nil {
				t.Fatal(err)
			}
			s = string(p.Bytes)
		}
		p := &data.Piece{Item: data.Item{MediaType: "text/plain", Bytes: []byte(s)}}
		if c.Clean(p); len(p.Changes) > 0 {
			t.Fatalf("%q: %v", s, p.Changes)
		}
	})
}

func FuzzPrivate(f *testing.F) {
	for line := range strings.Lines(privateLines) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, s string) { cleaned(t, s, "private") })
}

// TestPrivateWhole marks whole secrets, in many languages and formats, and nothing that only looks
// like one.
func TestPrivateWhole(t *testing.T) {
	for given, want := range map[string]string{
		"password=Tr0ub4dor&3":                     "password=[KEY]",
		"password: hunter2!":                       "password: [KEY]",
		"password: p@ss:w0rd;x":                    "password: [KEY]",
		"password=hunter2&user=ann":                "password=[KEY]&user=ann",
		"login with password: hunter2, then rest":  "login with password: [KEY], then rest",
		`password: "correct horse battery"`:        `password: "[KEY]"`,
		"<password>hunter2</password>":             "<password>[KEY]</password>",
		"mysql --password hunter2 -u root":         "mysql --password [KEY] -u root",
		"curl --token 'abc def'":                   "curl --token '[KEY]'",
		"пароль: секрет123":                        "пароль: [KEY]",
		"Contraseña: gato2024$":                    "Contraseña: [KEY]",
		"senha: gato2024":                          "senha: [KEY]",
		"hasło: kotek!12":                          "hasło: [KEY]",
		"wachtwoord = poes2024":                    "wachtwoord = [KEY]",
		"lösenord: katt2024":                       "lösenord: [KEY]",
		"비밀번호: neko2024":                           "비밀번호: [KEY]",
		"パスワード：neko2024":                           "パスワード：[KEY]",
		"密码：a1b2c3，口令：d4e5f6。":                     "密码：[KEY]，口令：[KEY]。",
		"secret=abc123!def;gh":                     "secret=[KEY]",
		"postgres://u:p@ss:w0rd@db/x":              "postgres://u:[KEY]@db/x",
		"o'brien@example.ie":                       "[EMAIL]",
		"邮箱：用户@例子.公司。":                             "邮箱：[EMAIL]。",
		"пишите иван@почта.рф":                     "пишите [EMAIL]",
		"ann@example。org":                          "[EMAIL]",
		"请联系ann@example.org谢谢":                     "请联系[EMAIL]谢谢",
		"hf_abcdefGHIJklmnopqrstUVWXyz":            "[KEY]",
		"SG.abcdefghij1234567890.abcdefghij123456": "[KEY]",
		"de89 3704 0044 0532 0130 00":              "[IBAN]",
		"DE89-3704-0044-0532-0130-00":              "[IBAN]",
		"4111.1111.1111.1111":                      "[CARD]",
		"219 09 9999 is my SSN":                    "[ID] is my SSN",
		"Tel. 030 / 1234567":                       "Tel. [PHONE]",
		"Telefon: (030) 123 45 67":                 "Telefon: [PHONE]",
		"Mobil 0171-1234567, Fax 089 9876543":      "Mobil [PHONE], Fax [PHONE]",
		"Tél. : 01 42 68 53 00":                    "Tél. : [PHONE]",
		"Teléfono 91 123 45 67":                    "Teléfono [PHONE]",
		"Telefono: 06 6982 1234":                   "Telefono: [PHONE]",
		"電話 03-3224-9999":                          "電話 [PHONE]",
		"전화: 02-123-4567":                          "전화: [PHONE]",
		"тел. 8 (495) 123-45-67":                   "тел. [PHONE]",
		"Handy 0171 1234567 2nd floor":             "Handy [PHONE] 2nd floor",
		"cell: 5550134 22":                         "cell: [PHONE]",
		"ТеЛ. 8 (495) 123-45-67":                   "ТеЛ. [PHONE]",
		"TÉLÉPHONE : 01 42 68 53 00":               "TÉLÉPHONE : [PHONE]",
		"github_pat_a10SXjMpu3uDxYYMfGmzWkpAePcEJ": "[KEY]",
	} {
		c := &Private{Regions: "US,CN,GB"}
		if got := c.mark(&data.Piece{}, given, kinds); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
	for _, plain := range []string{
		"Windows 10.0.0.1 build", "a mix of 1:2:3::4", "use --password to set it", "password: \"at least eight characters\"",
		"password = getpass(prompt)", "GSM 900/1800 phones", "mobile 2019-2020", "your password: see below",
		"<password>string</password>", "-passed tests", "The pass: a road", "commit be12345678901abc", "phone 3.14159265",
		"it costs 5@кг.Потом", "12:30:45", "pass --secret and go on",
	} {
		if got := (&Private{Regions: "US,CN,GB"}).mark(&data.Piece{}, plain, kinds); got != plain {
			t.Errorf("%q becomes %q", plain, got)
		}
	}
}

// TestPrivateGlances checks that the quick look at a line never skips a finding.
func TestPrivateGlances(t *testing.T) {
	parts := []string{"tel", "Telefon", "ТЕЛ", "тЕлефон", "τηλ", "Móvil", "電話番号", "휴대폰", ".", ":", "：", " ", "\u00a0", "number", "№", "(", "+", "0", "12", "345 6789", "a", "Hotel", "-p", "=", "pwd"}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 12).Draw(t, "parts"), "")
		if calledNumbers().MatchString(s) && !isCalled(s) {
			t.Fatalf("%q: a number that is called one is skipped", s)
		}
		if glanced := glance(s); passwords().MatchString(s) && glanced.colons+glanced.equals == 0 {
			t.Fatalf("%q: a password is skipped", s)
		}
		disguised, ok := undisguised(s, look{odd: true})
		if ok != isDisguised(s) || ok && disguised.text == s {
			t.Fatalf("%q: disguised %t", s, ok)
		}
	})
}
