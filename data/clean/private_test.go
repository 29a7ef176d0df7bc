package clean

import (
	_ "embed"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
)

// privateLines are written by hand: what is personal stands in {{KIND ...}}; people,
// numbers and keys are invented. The cleaner may be tuned by the odd lines; the even
// ones are held out. Whoever wrote the cleaner wrote both, so that strangers' texts
// are harder.
//
//go:embed testdata/private.txt
var privateLines string

var marked = regexp.MustCompile(`\{\{([A-Z]+) (.*?)\}\}`)

// A tally counts what was found.
type tally struct{ right, wrong, missed int }

func (n tally) precision() int { return 1000 * n.right / max(1, n.right+n.wrong) }
func (n tally) recall() int    { return 1000 * n.right / max(1, n.right+n.missed) }

// TestPrivateLines measures precision and recall on both halves of the lines.
func TestPrivateLines(t *testing.T) {
	half := [2]tally{}
	c := &Private{Regions: "US,CN,GB"}
	lines := strings.Split(strings.TrimSpace(privateLines), "\n")
	if len(lines) != 300 {
		t.Fatal(len(lines), "lines")
	}
	for i, line := range lines {
		want := map[finding]bool{}
		plain := ""
		rest := line
		for m := marked.FindStringSubmatchIndex(rest); m != nil; m = marked.FindStringSubmatchIndex(rest) {
			plain += rest[:m[0]]
			value := rest[m[4]:m[5]]
			want[finding{len(plain), len(plain) + len(value), rest[m[2]:m[3]]}] = true
			plain += value
			rest = rest[m[1]:]
		}
		plain += rest
		n := &half[i%2]
		for _, f := range c.find(plain) {
			if want[f] {
				n.right++
				delete(want, f)
				continue
			}
			n.wrong++
			if i%2 == 0 {
				t.Logf("line %d: wrongly %s %q in %q", i+1, f.kind, plain[f.from:f.to], plain)
			}
		}
		n.missed += len(want)
		for f := range want {
			if i%2 == 0 {
				t.Logf("line %d: missed %s %q in %q", i+1, f.kind, plain[f.from:f.to], plain)
			}
		}
	}
	for i, name := range []string{"tuned", "held out"} {
		n := half[i]
		t.Logf("%s: precision %d, recall %d of 1000 (%+v)", name, n.precision(), n.recall(), n)
		if n.precision() < 950 || n.recall() < 900 {
			t.Errorf("%s: precision %d, recall %d of 1000", name, n.precision(), n.recall())
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

// TestPrivateStays marks texts twice: the second time finds nothing more.
func TestPrivateStays(t *testing.T) {
	lines := strings.Split(marked.ReplaceAllString(privateLines, "$2"), "\n")
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
