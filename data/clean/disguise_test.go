package clean

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
)

// TestPrivateDisguised finds personal data written in look-alike characters. The text around it
// stays as it was, with its own disguises.
func TestPrivateDisguised(t *testing.T) {
	for in, want := range map[string]string{
		"write to ann@exam\u200bple.org\u00a0today\u200b":                       "write to [EMAIL]\u00a0today\u200b",
		"an\u00adn@example.org, the soft\u00adly":                               "[EMAIL], the soft\u00adly",
		"ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ，你好":                                                    "[EMAIL]，你好",
		"联系ａｎｎ＠example.org。谢谢":                                                  "联系[EMAIL]。谢谢",
		"ann&#64;example.org &amp; more":                                        "[EMAIL] &amp; more",
		"ann&#x40;example&period;org":                                           "[EMAIL]",
		"ann&commat;example.org":                                                "[EMAIL]",
		"mailto:ann%40example.org":                                              "mailto:[EMAIL]",
		"ann {at} example {dot} org":                                            "[EMAIL]",
		"ann <at> example.org":                                                  "[EMAIL]",
		"ann@example[.]org":                                                     "[EMAIL]",
		"my mail is ann at example dot org.":                                    "my mail is [EMAIL].",
		"ann.lee at mail dot example dot com":                                   "[EMAIL]",
		"jürgen@müller.de":                                                      "[EMAIL]",
		"手机：１３８１２３４５６７８。":                                                       "手机：[PHONE]。",
		"+1\u00a0212\u202f736\u20115000":                                        "[PHONE]",
		"(٢١٢) ٧٣٦-٥٠٠٠":                                                        "[PHONE]",
		"card 5240\u200b1878\u200b0175\u200b9899":                               "card [CARD]",
		"５２４０ １８７８ ０１７５ ９８９９":                                                   "[CARD]",
		"IBAN PL47\u00a01067\u00a09247\u00a00822\u00a07654\u00a04446\u00a03478": "IBAN [IBAN]",
		"６６．２４９．６６．１":                                                           "[IP]",
		"SSN 123-45-6789":                                                       "SSN [ID]",
		"ssn: 123456789":                                                        "ssn: [ID]",
		"123\u201145\u20116789":                                                 "[ID]",
		"１２３－４５－６７８９":                                                           "[ID]",
		"look at example dot com":                                               "look at example dot com",
		"in 1939–1945 and 1914–1918":                                            "in 1939–1945 and 1914–1918",
		"a line，with marks；and（more）":                                           "a line，with marks；and（more）",
	} {
		got, _, err := cleaned(t, in, "private")
		if got != want || err != nil {
			t.Errorf("%q: got %q, want %q, %v", in, got, want, err)
		}
	}
}

func TestPrivateSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"password=hunter2":                      "password=[KEY]",
		"password=swordfish":                    "password=[KEY]",
		"passwd: hunter2":                       "passwd: [KEY]",
		"pwd=Tr0ub4dor&3 ok":                    "pwd=[KEY] ok",
		"pwd = 's3cret!'":                       "pwd = '[KEY]'",
		`"password": "correct-horse",`:          `"password": "[KEY]",`,
		"DB_PASSWORD=letmein99":                 "DB_PASSWORD=[KEY]",
		"密码：abc12345":                           "密码：[KEY]",
		"password＝hunter2":                      "password＝[KEY]",
		"api_key=12ab34cd":                      "api_key=[KEY]",
		"apikey: 12ab34cd":                      "apikey: [KEY]",
		"client_secret=s3cr3tvalue":             "client_secret=[KEY]",
		"https://x.org/?token=abc123def&page=2": "https://x.org/?token=[KEY]&page=2",
		"Authorization: Bearer abc123def456":    "Authorization: Bearer [KEY]",
		"Authorization: Basic YW5uOnNlY3JldA==": "Authorization: Basic [KEY]",
		"AKIAIOSFODNN7EXAMPLE":                  "[KEY]",
		"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY":                     "aws_secret_access_key = [KEY]",
		"postgres://ann:hunter2@db.example.org/x":                                              "postgres://ann:[KEY]@db.example.org/x",
		"a\n-----BEGIN PGP PRIVATE KEY BLOCK-----\nxx\n-----END PGP PRIVATE KEY BLOCK-----\nb": "a\n[KEY]\nb",
		"a\n-----BEGIN PRIVATE KEY-----\nMIIEvQ==\nThe key ends above.":                        "a\n[KEY]\nThe key ends above.",
	} {
		got, _, err := cleaned(t, in, "private")
		if got != want || err != nil {
			t.Errorf("%q: got %q, want %q, %v", in, got, want, err)
		}
	}
	for _, in := range []string{
		"password=None", "password = getpass()", "login(user=u, password=pw)", "password: your password", "The password: mix letters.",
		"Enter password: ", "token: word2vec", "token = next(it)", "api_key = os.environ['KEY']", "secret: string", "passwords are dull",
		`password=""`, "password=${PASSWORD}", "password=<password>", "Forgot password? Reset", "the bearer of news", "pass: the salt",
		"the password: 'Down with the Wolf and all his race!'", "private_key: ed25519.Ed25519PrivateKey",
		"part 123-45-6789-01", "order no. 123-45-6789", "000-12-3456", "123 45 6789", "https://example.org:8080/a@b",
	} {
		if got, _, err := cleaned(t, in, "private"); got != in || err != nil {
			t.Errorf("%q became %q, %v", in, got, err)
		}
	}
}

// TestPrivateEverywhere checks the captions, names and credits of Items of all kinds.
func TestPrivateEverywhere(t *testing.T) {
	c, err := data.Cleaners.New("private")
	if err != nil {
		t.Fatal(err)
	}
	p := &data.Piece{Item: data.Item{
		Name: "mail/ann@example.org.png", MediaType: "image/png", Caption: "Call me on +44 20 7946 0958", Label: "people",
		Origin: data.Origin{Place: "https://ann:hunter2@example.org/1234567890123?t=4111111111111111", Creator: "Ann <ann@example.org>", Attribution: "Ann, 212-736-5000"},
	}}
	if err := c.Clean(p); err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		p.Name: "mail/[EMAIL].png", p.Caption: "Call me on [PHONE]", p.Label: "people",
		p.Origin.Place: "https://ann:[KEY]@example.org/1234567890123?t=4111111111111111", p.Origin.Creator: "Ann <[EMAIL]>", p.Origin.Attribution: "Ann, [PHONE]",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if p.Changes["EMAIL"] != 2 || p.Changes["PHONE"] != 2 || p.Changes["KEY"] != 1 || p.Content != nil {
		t.Errorf("%v", p.Changes)
	}
}

// TestUndisguisedPlaces inserts invisible characters: every range of the plain text must map back
// to where it came from.
func TestUndisguisedPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("ab１＠\u200b\u00ad&#64;. 金"))).Draw(t, "s")
		p, ok := undisguised(s, glance(s))
		if !ok {
			return
		}
		end := 0
		for i := range p.text {
			from, to := p.place(i, i+1)
			if from < end && p.text[i] < 0x80 || to > len(s) || from >= to {
				t.Fatalf("%q: byte %d comes from %d to %d", s, i, from, to)
			}
			end = to
		}
		if strings.ContainsAny(p.text, "１＠\u200b\u00ad") {
			t.Fatalf("%q became %q", s, p.text)
		}
	})
}
