package arrange

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"atelier/internal/midi"
	"atelier/internal/music"
)

func own(t testing.TB) *Book {
	t.Helper()
	b, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOwn counts what comes with the program.
func TestOwn(t *testing.T) {
	b := own(t)
	if len(b.Grooves) < 60 || len(b.Parts) < 60 || len(b.Tunes) < 40 || len(b.Progressions) < 40 || len(b.Fills) < 10 {
		t.Errorf("%d grooves, %d fills, %d parts, %d progressions, %d tunes", len(b.Grooves), len(b.Fills), len(b.Parts), len(b.Progressions), len(b.Tunes))
	}
	for _, g := range b.Grooves {
		if len(g.Score(0, 1).Parts[0].Notes) == 0 {
			t.Error(g.ID, "is silent")
		}
	}
	for _, p := range b.Parts {
		s, err := p.Score(0)
		if err != nil || s.Notes() == 0 {
			t.Error(p.ID, err)
			continue
		}
		low, high := s.Parts[0].Span()
		if want := map[Role][2]uint8{Bass: {23, 60}, Chords: {45, 84}, Lead: {48, 96}}[p.Role]; low < want[0] || high > want[1] {
			t.Errorf("%s goes from %d to %d", p.ID, low, high)
		}
	}
	for _, style := range Styles {
		for _, role := range Roles {
			n := 0
			for _, p := range b.Parts {
				if p.Style == style && p.Role == role {
					n++
				}
			}
			if n < 5 {
				t.Errorf("%d %s parts in %s", n, role, style)
			}
		}
	}
}

var (
	abcNote = regexp.MustCompile(`[_^=]*[A-Ga-gz][,']*(\d*)(/?)(\d*)-?`)
)

// eighths adds up a bar of plain ABC by other means than the reader's, in 32nds.
func eighths(t *testing.T, bar string, unit int) (sum int) {
	rest := abcNote.ReplaceAllStringFunc(bar, func(note string) string {
		m := abcNote.FindStringSubmatch(note)
		number := func(s string, usual int) int {
			if n, err := strconv.Atoi(s); err == nil {
				return n
			}
			return usual
		}
		by := 1
		if m[2] == "/" {
			by = number(m[3], 2)
		}
		length := 32 / unit * number(m[1], 1)
		if length%by != 0 {
			t.Errorf("%s is shorter than a 32nd", note)
		}
		sum += length / by
		return ""
	})
	if rest = strings.TrimSpace(rest); rest != "" {
		t.Errorf("%q of %q is not understood", rest, bar)
	}
	return sum
}

// TestTunesAddUp holds the bars of every tune to its metre; a tune that begins with a pickup
// lacks as much at its end. The reader finds as many notes as stand there.
func TestTunesAddUp(t *testing.T) {
	for _, tune := range own(t).Tunes {
		var body, unit, meter string
		for l := range strings.Lines(tune.ABC) {
			switch {
			case strings.HasPrefix(l, "L:1/"):
				unit = strings.TrimSpace(l[4:])
			case strings.HasPrefix(l, "M:"):
				meter = strings.TrimSpace(l[2:])
			case len(l) > 1 && l[1] == ':':
			default:
				body += " " + strings.TrimSpace(l)
			}
		}
		u, _ := strconv.Atoi(unit)
		count, of, _ := strings.Cut(meter, "/")
		n, _ := strconv.Atoi(count)
		d, _ := strconv.Atoi(of)
		full := n * 32 / d
		body, ended := strings.CutSuffix(strings.TrimSpace(body), "|]")
		if !ended {
			t.Errorf("%s does not end", tune.Title)
		}
		var sums []int
		for bar := range strings.SplitSeq(body, "|") {
			if strings.TrimSpace(bar) != "" {
				sums = append(sums, eighths(t, bar, u))
			}
		}
		if sums[0] < full {
			sums[len(sums)-1] += sums[0]
			sums = sums[1:]
		}
		for i, sum := range sums {
			if sum != full {
				t.Errorf("%s: bar %d has %d 32nds, want %d", tune.Title, i+1, sum, full)
			}
		}
		s, err := tune.Score()
		if err != nil {
			t.Fatal(err)
		}
		if s.Notes() < 16 || len(s.Keys) != 1 || s.Title != tune.Title {
			t.Errorf("%s: %d notes, keys %v, %q", tune.Title, s.Notes(), s.Keys, s.Title)
		}
	}
}

// TestArranged holds pieces to what was asked for, and their notes to the key.
func TestArranged(t *testing.T) {
	b := own(t)
	for _, style := range Styles {
		in, all := 0, 0
		for seed := range uint64(60) {
			o := Order{Style: style, Seed: seed}
			if seed%3 == 0 {
				o.Bars, o.Tempo = 8, 100
				o.Key = &music.Key{Fifths: int(seed%12) - 5, Minor: seed%2 == 1}
			}
			s, err := b.Arrange(o)
			if err != nil {
				t.Fatal(style, seed, err)
			}
			again, _ := b.Arrange(o)
			if !reflect.DeepEqual(s, again) {
				t.Fatal(style, seed, "differs the second time")
			}
			bars := s.Bars()
			if o.Bars > 0 && len(bars) != o.Bars || !slices.Contains([]int{8, 12, 16}, len(bars)) || len(s.Chords) < len(bars) {
				t.Errorf("%s %d: %d bars, %d chords", style, seed, len(bars), len(s.Chords))
			}
			if o.Key != nil && (s.Keys[0] != *o.Key) {
				t.Errorf("%s %d: %v, want %v", style, seed, s.Keys[0], *o.Key)
			}
			for _, p := range s.Parts {
				if p.Drums() {
					continue
				}
				for _, n := range p.Notes {
					if all++; inKey(s.Keys[0], int(n.Pitch)) {
						in++
					}
				}
			}
			if style == "classical" && len(s.Parts) != 3 || len(s.Parts) < 3 {
				t.Errorf("%s %d: %d parts", style, seed, len(s.Parts))
			}
			file, _, err := s.Write(music.MIDI)
			if err != nil {
				t.Fatal(err)
			}
			back, err := music.Read(file)
			if err != nil || back.Notes() != s.Notes() || len(back.Chords) != len(s.Chords) || len(back.Repairs) > 0 {
				t.Errorf("%s %d: %v, %d notes of %d", style, seed, err, back.Notes(), s.Notes())
			}
		}
		if share := float64(in) / float64(all); share < .9 {
			t.Errorf("%s: %.3f of the notes are in the key", style, share)
		}
	}
}

// inKey reports whether a pitch is of the scale of a key, or the leading tone of a minor one.
func inKey(k music.Key, pitch int) bool {
	at := (pitch - k.Tonic() + 120) % 12
	if k.Minor {
		return slices.Contains([]int{0, 2, 3, 5, 7, 8, 10, 11}, at)
	}
	return slices.Contains(majorScale[:], at)
}

// TestDegrees spells out a pattern over chords by hand.
func TestDegrees(t *testing.T) {
	v7, _ := ParseNumeral("V7")
	c := v7.in(music.Key{Fifths: 0, Minor: true}) // E7 in A minor
	if c.name != "E7" || c.root != 4 || c.scale != [7]int{0, 1, 4, 5, 7, 8, 10} {
		t.Errorf("%+v", c)
	}
	ii, _ := ParseNumeral("iim7b5")
	if c := ii.in(music.Key{Fifths: -3, Minor: true}); c.name != "Dm7b5" || c.at(8) != 12 || c.at(9) != 13 {
		t.Errorf("%+v", c)
	}
	if _, ok := ParseNumeral("iX"); ok {
		t.Error("iX is a chord")
	}
	if at := Triplet.place(quarter + 2*sixteenth); at != quarter+2*quarter/3 {
		t.Error(at)
	}
}

// TestFillsAndGhosts looks for what the rules say of drums.
func TestFillsAndGhosts(t *testing.T) {
	b := &Book{}
	if err := b.ReadGrooves("groove a: A; rock; 4/4; 100-100; late\nhat x.x.x.x.x.x.x.x.\nsnare .g.gX....g.gX...\nkick X...............\n" +
		"fill f: F; rock; 4/4\nlow XXXX\n"); err != nil {
		t.Fatal(err)
	}
	s := newScore(midi.Meter{Count: 4, Unit: 4}, 100)
	d := newDrummer(s, &b.Grooves[0], b.Fills, 1, 1)
	d.play(0, &d.fills[0], false)
	d.play(1, nil, true)
	count := map[uint8]int{}
	late := int64(0)
	for _, n := range d.part.Notes {
		count[n.Pitch]++
		if n.Pitch == midi.DrumPitch(classSnare) && n.Velocity > 100 {
			late += (n.At+60)%120 - 60
		}
	}
	ghosts := count[midi.DrumPitch(classSnare)] - 3 // one backbeat makes way for the fill
	if count[midi.DrumPitch(4)] != 4 || count[midi.DrumPitch(classCrash)] != 1 || count[midi.DrumPitch(classHat)] != 6+7 || ghosts < 2 || ghosts > 8 {
		t.Error(count)
	}
	if late < 20 {
		t.Errorf("snares are %d ticks late", late)
	}
}

// TestErrors names the line of what is wrong.
func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"groove a: A; rock; 4/4; 90-100; straight\nkick x..":              "2: kick has a bar of 3 steps; want 16",
		"\n\ngroove a: A; rock; 5/4; 90-100; straight":                    `3: no metre "5/4"`,
		"groove a: A; rok; 4/4; 90-100; straight":                         `1: no genre "rok"`,
		"groove a: A; rock; 4/4; 100-90; straight":                        `1: no tempos "100-90"`,
		"groove a: A; rock; 4/4; 90-100":                                  "1: has 4 fields",
		"groove a: A; jazz; 4/4; 90-100; triplet\nkick ...x............":  "2: step 4 is the fourth of a beat",
		"groove a: A; rock; 4/4; 90-100; straight\nkick q...............": "2: 'q' is no stroke",
		"cymbal": `1: "cymbal" begins no pattern`,
	} {
		if err := (&Book{}).ReadGrooves(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	head := "part a: A; rock; bass; 4/4; 34; straight\n"
	for text, want := range map[string]string{
		head + "1:4 1 1 | 1:16":   "2: bar 1 of a has 12 sixteenths; want 16",
		head + "1:4 1 1 x | 1:16": `2: no note "x"`,
		head + "1:16":             "2: part a has 1 bars; want 2",
		head + "1 | 1":            `2: no note "1"`,
		head:                      "1: part a has no bars",
		"part a: A; rock; drums; 4/4; 34; straight": `1: no role "drums"`,
	} {
		if err := (&Book{}).ReadParts(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		"progression rock major: I | H": `1: no chord "H"`, "progression rock: I": "1: want progression STYLES",
		"progression rock major: I,V,I": "1: has a bar of 3 chords",
	} {
		if err := (&Book{}).ReadProgressions(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := (&Book{}).ReadTunes("X:1\nT:A\nC:B\nO:C\nR:song\nK:C\n\"\n"); err == nil || !strings.HasPrefix(err.Error(), "1: ") {
		t.Error(err)
	}
	if _, err := own(t).Arrange(Order{Style: "techno"}); err == nil {
		t.Error("techno is a style")
	}
}

// FuzzRead reads texts of strangers as each kind of file.
func FuzzRead(f *testing.F) {
	f.Add(ownGrooves[:1500])
	f.Add(ownParts[:1500])
	f.Add("progression rock major: I | V7,vi\n")
	f.Add(ownTunes[:600])
	f.Fuzz(func(t *testing.T, text string) {
		b := &Book{}
		for _, read := range []func(string) error{b.ReadGrooves, b.ReadParts, b.ReadProgressions, b.ReadTunes} {
			if err := read(text); err != nil && !regexp.MustCompile(`^\d+: `).MatchString(err.Error()) {
				t.Error(err)
			}
		}
		for _, g := range b.Grooves {
			g.Score(0, 1)
		}
		for _, p := range b.Parts {
			if _, err := p.Score(0); err != nil {
				t.Error(err)
			}
		}
	})
}

// The keys of the tunes are found by their tones alone. The three that are not are Dorian,
// with the signature of a major key, and found to be in minor.
func TestKeysOfTunes(t *testing.T) {
	book, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	var missed []string
	for i := range book.Tunes {
		s, err := book.Tunes[i].Score()
		if err != nil {
			t.Fatal(err)
		}
		if key, _, _ := s.FindKey(); key.Tonic() != s.Keys[0].Tonic() || key.Minor != s.Keys[0].Minor {
			missed = append(missed, book.Tunes[i].Title)
		}
	}
	if len(missed) > 3 {
		t.Errorf("%d of %d are taken for other keys: %q", len(missed), len(book.Tunes), missed)
	}
}
