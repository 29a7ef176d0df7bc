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
