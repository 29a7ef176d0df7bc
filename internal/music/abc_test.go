package music

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"atelier/internal/badinput"
	"atelier/internal/midi"
	"atelier/internal/musictest"
)

func mustRead(t testing.TB, file string) *Piece {
	t.Helper()
	p, err := Read([]byte(file))
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	return p
}

// tune writes the notes of a part, as pitch@place+length in eighths.
func tune(p *Piece, part int) string {
	var out []string
	for _, n := range p.Parts[part].Notes {
		eighths := func(ticks int64) string {
			x := float64(ticks) * 2 / float64(p.Quarter)
			return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.3f", x), "0"), ".")
		}
		out = append(out, fmt.Sprintf("%d@%s+%s", n.Pitch, eighths(n.At), eighths(n.Length)))
	}
	return strings.Join(out, " ")
}

// What ABC says and what it means, worked out by hand from the standard.
func TestReadABC(t *testing.T) {
	const head = "X:1\nT:A tune\nM:4/4\nL:1/8\nK:C\n"
	for _, c := range []struct{ what, file, want string }{
		{"octaves", head + "C,, C, C c c' c''|", "36@0+1 48@1+1 60@2+1 72@3+1 84@4+1 96@5+1"},
		{"lengths", head + "C2 C/ C/2 C3/2 C// z C4|", "60@0+2 60@2+0.5 60@2.5+0.5 60@3+1.5 60@4.5+0.25 60@5.75+4"},
		{"key", strings.Replace(head, "K:C", "K:D", 1) + "F C =F F|F|", "66@0+1 61@1+1 65@2+1 65@3+1 66@4+1"},
		{"key with accidentals", strings.Replace(head, "K:C", "K:D phr ^f _e", 1) + "F E B A|", "66@0+1 63@1+1 70@2+1 69@3+1"},
		{"accidentals without spaces", strings.Replace(head, "K:C", "K: C^f^c^a", 1) + "F C A B|", "66@0+1 61@1+1 70@2+1 71@3+1"},
		{"all accidentals of a key", strings.Replace(head, "K:C", "K:D exp _b_e ^f", 1) + "F C B E|", "66@0+1 60@1+1 70@2+1 63@3+1"},
		{"a bagpipe's key", strings.Replace(head, "K:C", "K:HP", 1) + "c f g|", "73@0+1 78@1+1 79@2+1"},
		{"clef an octave lower", head + "V:1 clef=treble-8\nC V|[K:C bass+8]C|", "48@0+1 72@1+1"},
		{"a clef and then a key", head + "V:1 clef=treble-8\nC|[K:G]F|", "48@0+1 54@1+1"},
		{"tied accidentals of layers", head + "^F8-&_A8-|F8&A8|", "66@0+16 68@0+16"},
		{"transposed by the key", strings.Replace(head, "K:C", "K:C treble-8 transpose=2 octave=1", 1) + "C D|", "62@0+1 64@1+1"},
		{"a tied accidental", head + "^F8-|F4 F4|^F8-|F-F F|", "66@0+12 65@12+4 66@16+10 65@26+1"},
		{"text", head + "C|\n%%begintext obeylines\na bad cabbage|\n%%endtext\nD|\n", "60@0+1 62@1+1"},
		{"words below the tune", head + "C|\n\nD|\n\nPlayed by Abe, a good cafe band\n", "60@0+1 62@1+1"},
		{"accidentals", head + "^F F f _B B|F B|", "66@0+1 66@1+1 78@2+1 70@3+1 70@4+1 65@5+1 71@6+1"},
		{"double accidentals", head + "^^F __B|", "67@0+1 69@1+1"},
		{"minor key", strings.Replace(head, "K:C", "K:Gm", 1) + "B E|", "70@0+1 63@1+1"},
		{"mode", strings.Replace(head, "K:C", "K:Ador", 1) + "F C|", "66@0+1 60@1+1"},
		{"own accidentals", strings.Replace(head, "K:C", "K:D exp _B ^g", 1) + "B G F|", "70@0+1 68@1+1 65@2+1"},
		{"broken rhythm", head + "A>B A<B A>>B|", "69@0+1.5 71@1.5+0.5 69@2+0.5 71@2.5+1.5 69@4+1.75 71@5.75+0.25"},
		{"triplet", head + "(3ABc d|", "69@0+0.667 71@0.667+0.667 72@1.333+0.667 74@2+1"},
		{"tuplet of its own", head + "(5:4:5CCCCC D|", "60@0+0.8 60@0.8+0.8 60@1.6+0.8 60@2.4+0.8 60@3.2+0.8 62@4+1"},
		{"chord", head + "[CEG]2 [C2E]|", "60@0+2 64@0+2 67@0+2 60@2+2 64@2+1"},
		{"tie", head + "C-C D- | D [CE]-[CE]|", "60@0+2 62@2+2 60@4+2 64@4+2"},
		{"no tie to another pitch", head + "C-D|", "60@0+1 62@1+1"},
		{"repeat", head + "|:C D:|E|", "60@0+1 62@1+1 60@2+1 62@3+1 64@4+1"},
		{"repeat from the beginning", head + "C D:|E|", "60@0+1 62@1+1 60@2+1 62@3+1 64@4+1"},
		{"two repeats", head + "|:C::D:|E|", "60@0+1 60@1+1 62@2+1 62@3+1 64@4+1"},
		{"endings", head + "|:C|1 D:|2 E||F|", "60@0+1 62@1+1 60@2+1 64@3+1 65@4+1"},
		{"endings in brackets", head + "|:C [1,3 D:|[2 E:|F|", "60@0+1 62@1+1 60@2+1 64@3+1 60@4+1 62@5+1 65@6+1"},
		{"three times", head + "|::C::|D|", "60@0+1 60@1+1 60@2+1 62@3+1"},
		{"section", head + "C||D:|E|", "60@0+1 62@1+1 62@2+1 64@3+1"},
		{"rests of bars", head + "C Z2 D|", "60@0+1 62@17+1"},
		{"unit", "X:1\nM:2/4\nK:C\nC D|", "60@0+0.5 62@0.5+0.5"},
		{"change of key and unit", head + "F [K:G] F [L:1/4] F|\nK:F\nB|", "65@0+1 66@1+1 66@2+2 70@4+2"},
		{"overlay", head + "C4 D4 & E8 | F|", "60@0+4 64@0+8 62@4+4 65@8+1"},
		{"graces, marks, words", head + "{cd}C !trill!~D \"^slowly\"E y (F G)|\nw: la la\n", "60@0+1 62@1+1 64@2+1 65@3+1 67@4+1"},
		{"comments and lines", head + "C % a comment\\\n% C D\n%%staves 1\n\nD\\\nE|", "60@0+1 62@1+1 64@2+1"},
		{"transposed", head + "%%MIDI transpose -12\nC|", "48@0+1"},
	} {
		if got := tune(mustRead(t, c.file), 0); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.what, got, c.want)
		}
	}
}

func TestReadABCFields(t *testing.T) {
	p := mustRead(t, "%abc-2.1\nX:7\nT:First\nT:Second\nC:Someone\nR:reel\nM:6/8\nL:1/8\nQ:3/8=60\nK:Em\n"+
		"V:1 name=\"The flute\"\nV:2 name=Bass\nV:1\n%%MIDI program 73\n\"Em\"E3 \"Am7/C\"A3|[Q:1/4=120][M:2/4]B4|\nV:2\n%%MIDI program 32\nE,,6|E,4|\n\nX:8\nT:Other\nK:C\nC|\n")
	if p.Title != "First" || p.Composer != "Someone" || len(p.Parts) != 2 || p.Parts[0].Name != "The flute" || p.Parts[1].Program() != 32 || p.Parts[0].Program() != 73 {
		t.Errorf("%+v", p.Score)
	}
	q := int64(p.Quarter)
	if want := []midi.Tempo{{Micros: 666_667}, {At: 3 * q, Micros: 500_000}}; !slices.Equal(p.Tempos, want) {
		t.Error(p.Tempos)
	}
	if want := []midi.Meter{{Count: 6, Unit: 8}, {At: 3 * q, Count: 2, Unit: 4}}; !slices.Equal(p.Meters, want) {
		t.Error(p.Meters)
	}
	if want := []Key{{Fifths: 1, Minor: true}}; !slices.Equal(p.Keys, want) {
		t.Error(p.Keys)
	}
	if want := []Chord{{0, "Em"}, {3 * q / 2, "Am7/C"}}; !slices.Equal(p.Chords, want) {
		t.Error(p.Chords)
	}
	if p.Lost[LostTunes] != 1 || p.Lost[LostInfo] != 1 {
		t.Error(p.Lost)
	}
	if tune(p, 1) != "40@0+6 52@6+4" {
		t.Error(tune(p, 1))
	}
}

// ABC of other systems: in UTF-16, and with other ends of lines.
func TestABCOfOtherSystems(t *testing.T) {
	const file = "X:1\nT:Größe\nL:1/8\nK:C\nC D|\n"
	for what, text := range map[string]string{
		"CR": strings.ReplaceAll(file, "\n", "\r"), "CRLF": strings.ReplaceAll(file, "\n", "\r\n"),
		"UTF-16 LE": wide(binary.LittleEndian, "\ufeff"+file), "UTF-16 BE": wide(binary.BigEndian, "\ufeff"+strings.ReplaceAll(file, "\n", "\r\n")),
	} {
		if p := mustRead(t, text); tune(p, 0) != "60@0+1 62@1+1" || p.Title != "Größe" {
			t.Errorf("%s: %s %q", what, tune(p, 0), p.Title)
		}
	}
}

func wide(order binary.ByteOrder, text string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, 0, 0)
		order.PutUint16(b[len(b)-2:], u)
	}
	return string(b)
}

// A note without a length gets one where it is written as a note, which is told.
func TestNotesWithoutLength(t *testing.T) {
	s := quarters([]uint8{60}, []uint8{62})
	s.Parts[0].Notes[0].Length = 0
	for _, f := range []Format{ABC, MusicXML} {
		if _, lost, err := s.Write(f); err != nil || lost.String() != "1 note without a length, which was given one" && lost[LostInstant] != 1 {
			t.Error(f, lost, err)
		}
	}
	if p := mustRead(t, "X:1\nL:1/8\nK:C\nC0 D|\n"); p.Lost[LostInstant] != 1 {
		t.Error(p.Lost)
	}
	if p := mustRead(t, partwise("", xmlNotes("C4:0 D4:2"))); p.Lost[LostInstant] != 1 {
		t.Error(p.Lost)
	}
}

func TestCountsInWords(t *testing.T) {
	c := Counts{LostMoved: 1, LostMacros: 1, LostLyrics: 2}
	if got, want := c.String(), "2 lines of lyrics, 1 macro, which is not expanded, 1 note moved to the nearest place that can be written"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What is not played is told, directive by directive.
func TestABCDirectives(t *testing.T) {
	p := mustRead(t, "X:1\n%%MIDI gchord fzcz\nm: ~G2 = {A}G{F}G\nL:1/8\nK:C\n%%MIDI drum d2d2 35 38\n%%MIDI drumon\nI:MIDI beat 90 80 65 1\n%%MIDI ratio 3 1\n%%MIDI program 200\n%%MIDI gchordoff\n%%staves 1\n%%MIDI program 1 40\n%%MIDI vol 70\nC|\n")
	if p.Lost[LostDirectives] != 6 || p.Lost[LostMacros] != 1 || len(p.Lost) != 2 {
		t.Error(p.Lost)
	}
	if n := p.Parts[0].Notes[0]; n.Program != 40 || n.Velocity != 70 {
		t.Error(n)
	}
}

// Bars begin where the bar lines are: after a pickup, and as the halves of a bar at the ends
// of a repeat stay together.
func TestABCBars(t *testing.T) {
	p := mustRead(t, "X:1\nM:3/4\nL:1/4\nK:C\nG|:c d e|f g:|\nG|c d e|f g|]")
	var lengths []int64
	for _, b := range p.Bars() {
		lengths = append(lengths, b.Length/int64(p.Quarter))
	}
	if p.Bars()[0].Number != 0 || p.Bars()[1].At != int64(p.Quarter) || p.Bars()[1].Number != 1 {
		t.Errorf("%+v", p.Bars()[:2])
	}
	if lengths[0] != 1 || lengths[1] != 3 {
		t.Error(lengths)
	}
}

func TestABCReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScore(t, 48)
		s.Parts = slices.DeleteFunc(s.Parts, func(p Part) bool { return p.Drums() })
		s.Chords = []Chord{{0, "Am7"}, {17, "D/F#"}}
		if s.lastEnd() <= 17 {
			s.Chords = s.Chords[:1]
		}
		s.Composer = "Someone"
		file, lost, err := s.Write(ABC)
		if err != nil || len(lost) > 0 {
			t.Fatal(lost, err)
		}
		back, err := Read(file)
		if err != nil || len(back.Lost) > 0 {
			t.Fatal(err, back.Lost, string(file))
		}
		at48, moved := back.Rescaled(48)
		if got, want := written(at48), written(s); got != want || moved > 0 {
			t.Fatalf("read\n%s\nwrote\n%s\nin\n%s", got, want, file)
		}
	})
}

func TestABCRefuses(t *testing.T) {
	const head = "X:1\nL:1/8\nK:C\n"
	for what, c := range map[string]struct{ file, want string }{
		"no key":     {"%abc\nX:1\nT:x\n", "is not music"},
		"no notes":   {head + "z z|", "has no notes"},
		"metre":      {"X:1\nM:4/0\nK:C\nC|", "line 2: no metre M:4/0"},
		"unit":       {"X:1\nL:0\nK:C\nC|", "line 2: no unit length L:0"},
		"tempo":      {"X:1\nQ:1/4=0\nK:C\nC|", "line 2: no tempo Q:1/4=0"},
		"repeats":    {head + "[1" + strings.Repeat("1", 60) + "C|" + strings.Repeat("|:C[1-64"+strings.Repeat("CDEFG", 2000)+":|", 60), "more than"},
		"voices":     {head + manyVoices(1100) + "C|", "more than 1024 voices"},
		"forever":    {head + strings.Repeat("C999999 ", 1<<12), "lasts too long"},
		"notes":      {head + strings.Repeat("[CDEFGABcdefgab]", 1<<16), "more than 524288 notes"},
		"too large":  {head + strings.Repeat(" ", mostTextFile), "may have"},
		"four signs": {head + "A>>>>B|", "at most three"},
	} {
		_, err := Read([]byte(c.file))
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %s", what, err, c.want)
		}
	}
}

// A short file of notes held for ages is not written as millions of tied notes.
func TestHeldForAges(t *testing.T) {
	p := mustRead(t, "X:1\nM:1/16\nL:1/4\nK:C\n[CDEFGABcdefgab^C^D^F^G^A^c^d^f^g^a]20000|")
	for _, f := range []Format{ABC, MusicXML} {
		if _, _, err := p.Write(f); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "written notes") {
			t.Errorf("%s: error %v", f, err)
		}
	}
	if _, _, err := p.Write(MIDI); err != nil {
		t.Error(err)
	}
}

func manyVoices(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "V:%d\n", i)
	}
	return b.String()
}

// Another program plays ABC as we do, whichever of us wrote it.
func TestABCAgainstABC2MIDI(t *testing.T) {
	const head = "X:1\nT:A tune\nM:4/4\nL:1/8\nQ:1/4=120\nK:G\n"
	s := quarters(scale(60, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16)...)
	s.Parts = append(s.Parts, Part{Channel: 1, Notes: []Note{{0, 192, 48, 80, 40}, {96, 192, 52, 80, 40}, {384, 96 * 9, 43, 80, 40}}})
	s.Sort()
	drawn, _, err := s.Write(ABC)
	if err != nil {
		t.Fatal(err)
	}
	tuplets := &Score{Quarter: 1680, Parts: []Part{{}}}
	for _, l := range []int64{560, 1120, 280, 280, 560, 560, 336, 336, 336, 672, 240, 480, 240, 240, 240, 240, 1680} {
		tuplets.Parts[0].Notes = append(tuplets.Parts[0].Notes, Note{tuplets.lastEnd(), l, uint8(60 + len(tuplets.Parts[0].Notes)), 80, 0})
	}
	grouped, lost, err := tuplets.Write(ABC)
	if err != nil || len(lost) > 0 {
		t.Fatal(lost, err)
	}
	for what, file := range map[string]string{
		"our tuplets": string(grouped),
		"notes":       head + "C, F f' ^c c =f|f F2 A3/2 B/ c//d//|", "broken": head + "A>B c<d e>>f|", "tuplets": head + "(3ABc (3d2e2f2 (2AB|",
		"repeats": head + "|:A2B2|1c4:|2d4|:e4:|f4|]", "ties": head + "A2-A2 B4-|B4 [Ac]4-|[Ac]8|", "key": head + "F[K:F]B|B=B|B|",
		"ours": string(drawn),
	} {
		theirs, ours := mustRead(t, string(musictest.PlaysABC(t, []byte(file)))), mustRead(t, file)
		if got, want := starts(ours), starts(theirs); !slices.Equal(got, want) {
			t.Errorf("%s: we play\n%s\nabc2midi\n%s\n%s", what, got, want, file)
		}
	}
}

// starts are the pitches of all parts with the eighths, in tenths, at which they begin.
func starts(p *Piece) (all []string) {
	for _, part := range p.Parts {
		for _, n := range part.Notes {
			all = append(all, fmt.Sprintf("%.1f: %d", float64(n.At)*2/float64(p.Quarter)+.02, n.Pitch))
		}
	}
	slices.Sort(all)
	return all
}

func FuzzABC(f *testing.F) {
	f.Add([]byte("X:1\nT:t\nM:6/8\nL:1/8\nQ:3/8=60\nK:Em\n|:\"Em\"E>F [EG]2-|1[EG]2 (3ABc:|2{c}!f!z4 & G,4|]\n"))
	f.Add([]byte("X:1\nM:C|\nK:D exp _b\nV:1 name=\"a\"\n%%MIDI program 3\n[V:2]Z2|::A::|[1-3,5 A:|\n[K:Bb][M:3/4][L:1/4][Q:120]^/A_A''//\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := readABC(file, Counts{})
		if err != nil || len(s.Parts) == 0 {
			return
		}
		rewritten(t, s, ABC)
	})
}

// rewritten writes what was read, which must be read again as it was written.
func rewritten(t *testing.T, s *Score, f Format) {
	t.Helper()
	file, _, err := s.Write(f)
	if err != nil {
		if errors.Is(err, badinput.Err) {
			return
		}
		t.Fatal(err)
	}
	again, err := Read(file)
	if err != nil {
		t.Fatalf("what was written is refused: %v\n%.2000s", err, file)
	}
	if _, _, err := again.Write(f); err != nil {
		t.Fatalf("what was written cannot be written again: %v", err)
	}
}
