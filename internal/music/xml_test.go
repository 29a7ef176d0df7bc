package music

import (
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"atelier/internal/badinput"
	"atelier/internal/midi"
	"atelier/internal/musictest"
)

// partwise is a score of one part, whose measures have the given contents. A quarter note has
// two divisions.
func partwise(instrument string, measures ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">` +
		`<score-partwise version="4.0"><work><work-title>A tune</work-title></work><part-list><score-part id="P1"><part-name>Flute</part-name>` + instrument + `</score-part></part-list><part id="P1">`)
	for i, m := range measures {
		b.WriteString("<measure>")
		if i == 0 {
			b.WriteString("<attributes><divisions>2</divisions></attributes>")
		}
		b.WriteString(m + "</measure>")
	}
	return b.String() + "</part></score-partwise>"
}

// xmlNotes are notes, as in "C4:2 E4:1" with lengths in divisions; + is a further one of a
// chord, z a rest, - ties on and _ from before.
func xmlNotes(text string) string {
	var b strings.Builder
	for _, word := range strings.Fields(text) {
		name, length, _ := strings.Cut(word, ":")
		b.WriteString("<note>")
		if rest, ok := strings.CutPrefix(name, "+"); ok {
			b.WriteString("<chord/>")
			name = rest
		}
		if name == "z" {
			b.WriteString("<rest/>")
		} else {
			alter := ""
			if strings.Contains(name, "#") {
				alter = "<alter>1</alter>"
			}
			b.WriteString("<pitch><step>" + name[:1] + "</step>" + alter + "<octave>" + name[len(name)-1:] + "</octave></pitch>")
		}
		ties := strings.Trim(length, "0123456789")
		b.WriteString("<duration>" + strings.Trim(length, "-_") + "</duration>")
		if strings.Contains(ties, "_") {
			b.WriteString(`<tie type="stop"/>`)
		}
		if strings.Contains(ties, "-") {
			b.WriteString(`<tie type="start"/>`)
		}
		b.WriteString("</note>")
	}
	return b.String()
}

func TestReadMusicXML(t *testing.T) {
	bar := func(inside string) string { return `<barline>` + inside + `</barline>` }
	forward, backward := bar(`<repeat direction="forward"/>`), bar(`<repeat direction="backward"/>`)
	drum := `<midi-instrument id="I1"><midi-channel>10</midi-channel><midi-unpitched>39</midi-unpitched></midi-instrument>`
	for what, c := range map[string]struct{ file, want string }{
		"notes":            {partwise("", xmlNotes("C4:2 F#5:1 z:1 B3:4")), "60@0+2 78@2+1 59@4+4"},
		"chord":            {partwise("", xmlNotes("C4:2 +E4:2 +G4:2 D4:2")), "60@0+2 64@0+2 67@0+2 62@2+2"},
		"backup":           {partwise("", xmlNotes("C5:4")+"<backup><duration>4</duration></backup><forward><duration>1</duration></forward>"+xmlNotes("C4:3")), "72@0+4 60@1+3"},
		"tie":              {partwise("", xmlNotes("C4:4-"), xmlNotes("C4:2_ C4:2")), "60@0+6 60@6+2"},
		"tie to nothing":   {partwise("", xmlNotes("C4:4-"), xmlNotes("C4:4")), "60@0+4 60@4+4"},
		"transposing":      {partwise("", "<attributes><transpose><chromatic>-2</chromatic><octave-change>-1</octave-change></transpose></attributes>"+xmlNotes("D5:2")), "60@0+2"},
		"repeat":           {partwise("", forward+xmlNotes("C4:2")+backward, xmlNotes("D4:2")), "60@0+2 60@2+2 62@4+2"},
		"repeat unopened":  {partwise("", xmlNotes("C4:2"), xmlNotes("D4:2")+backward), "60@0+2 62@2+2 60@4+2 62@6+2"},
		"endings":          {partwise("", forward+xmlNotes("C4:2"), bar(`<ending number="1" type="start"/>`)+xmlNotes("D4:2")+bar(`<ending number="1" type="stop"/><repeat direction="backward"/>`), bar(`<ending number="2" type="start"/>`)+xmlNotes("E4:2")+bar(`<ending number="2" type="discontinue"/>`), xmlNotes("F4:2")), "60@0+2 62@2+2 60@4+2 64@6+2 65@8+2"},
		"three times":      {partwise("", forward+xmlNotes("C4:1")+bar(`<repeat direction="backward" times="3"/>`)), "60@0+1 60@1+1 60@2+1"},
		"drum":             {partwise(drum, `<note><unpitched><display-step>E</display-step><display-octave>4</display-octave></unpitched><duration>2</duration></note>`), "38@0+2"},
		"grace and cue":    {partwise("", `<note><grace/><pitch><step>C</step><octave>4</octave></pitch></note>`+xmlNotes("D4:2")), "62@0+2"},
		"tuplets":          {partwise("", "<attributes><divisions>3</divisions></attributes>"+xmlNotes("C4:1 D4:1 E4:1 F4:3")), "60@0+0.667 62@0.667+0.667 64@1.333+0.667 65@2+2"},
		"empty measure":    {partwise("", xmlNotes("C4:8"), "", xmlNotes("D4:8")), "60@0+8 62@16+8"},
		"broken reference": {partwise("", `<note><pitch><step>H</step><octave>4</octave></pitch><duration>2</duration></note>`+xmlNotes("D4:2")), "62@2+2"},
	} {
		if got := tune(mustRead(t, c.file), 0); got != c.want {
			t.Errorf("%s: %s\nwant %s", what, got, c.want)
		}
	}
}

func TestReadMusicXMLAttributes(t *testing.T) {
	p := mustRead(t, partwise(`<midi-instrument id="I"><midi-channel>1</midi-channel><midi-program>74</midi-program></midi-instrument>`,
		`<attributes><key><fifths>-3</fifths><mode>minor</mode></key><time><beats>3+2</beats><beat-type>8</beat-type></time></attributes>`+
			`<direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/><per-minute>60</per-minute></metronome></direction-type></direction>`+
			`<harmony><root><root-step>B</root-step><root-alter>-1</root-alter></root><kind>dominant</kind><bass><bass-step>D</bass-step></bass></harmony>`+
			`<direction><direction-type><dynamics><p/></dynamics></direction-type></direction>`+xmlNotes("C4:5"), `<direction><direction-type><words>dolce</words></direction-type><sound tempo="100" dynamics="50"/></direction>`+xmlNotes("D4:5")))
	q := int64(p.Quarter)
	if p.Title != "A tune" || p.Parts[0].Name != "Flute" || p.Parts[0].Program() != 73 || p.Parts[0].Drums() {
		t.Errorf("%+v", p.Score)
	}
	if !slices.Equal(p.Keys, []Key{{Fifths: -3, Minor: true}}) || !slices.Equal(p.Meters, []midi.Meter{{Count: 5, Unit: 8}}) || !slices.Equal(p.Chords, []Chord{{0, "Bb7/D"}}) {
		t.Error(p.Keys, p.Meters, p.Chords)
	}
	if want := []midi.Tempo{{Micros: 666_667}, {At: 5 * q / 2, Micros: 600_000}}; !slices.Equal(p.Tempos, want) {
		t.Error(p.Tempos)
	}
	if n := p.Parts[0].Notes; n[0].Velocity != 60 || n[1].Velocity != 45 {
		t.Error(n)
	}
	if p.Lost[LostWords] != 1 {
		t.Error(p.Lost)
	}
}

// A file in UTF-16, and one in a zip.
func TestWrapped(t *testing.T) {
	plain := partwise("", xmlNotes("C4:2"))
	units := utf16.Encode([]rune(strings.Replace(plain, `<?xml version="1.0"?>`, `<?xml version="1.0" encoding="UTF-16"?>`, 1)))
	wide := []byte{0xFF, 0xFE}
	for _, u := range units {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	zipped, err := packed([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	for what, file := range map[string][]byte{"UTF-16": wide, "zip": zipped, "Latin-1": []byte(strings.Replace(plain, `"1.0"`, `"1.0" encoding="ISO-8859-1"`, 1))} {
		if got := tune(mustRead(t, string(file)), 0); got != "60@0+2" {
			t.Errorf("%s: %s", what, got)
		}
	}
}

func TestMusicXMLReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScore(t, 48)
		s.Chords, s.Composer = []Chord{{0, "Am7"}, {17, "D/F#"}}, "Someone & others"
		if s.lastEnd() <= 17 {
			s.Chords = s.Chords[:1]
		}
		for i := range s.Parts {
			s.Parts[i].Notes[0].Velocity = rapid.Uint8Range(1, 127).Draw(t, "velocity")
		}
		file, lost, err := s.Write(rapid.SampledFrom([]Format{MusicXML, MXL}).Draw(t, "format"))
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

func TestMusicXMLRefuses(t *testing.T) {
	whole := partwise("", xmlNotes("C4:2"))
	deep := strings.Repeat("<a>", 1<<20)
	bomb := `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><score-partwise><work><work-title>&b;</work-title></work></score-partwise>`
	forward, backward := `<barline><repeat direction="forward"/></barline>`, `<barline><repeat direction="backward" times="1000000"/></barline>`
	var many []string
	for range 20_000 {
		many = append(many, forward+xmlNotes("C4:1 C4:1")+backward)
	}
	for what, c := range map[string]struct{ file, want string }{
		"cut":         {whole[:len(whole)-30], "damaged or cut short"},
		"by time":     {`<score-timewise><part-list/></score-timewise>`, "score-timewise"},
		"bomb":        {bomb, "entity"},
		"deep":        {strings.Replace(whole, "<measure>", "<measure>"+deep, 1), "damaged or cut short"},
		"repeats":     {partwise("", many...), "more than"},
		"divisions":   {strings.Replace(whole, "<divisions>2", "<divisions>-2", 1), "divisions of -2"},
		"duration":    {strings.Replace(whole, "<duration>2", "<duration>1e300", 1), "duration"},
		"metre":       {strings.Replace(whole, "<divisions>2</divisions>", "<time><beats>0</beats><beat-type>4</beat-type></time>", 1), "metre"},
		"no such":     {strings.Replace(whole, `<part id="P1">`, `<part id="P2">`, 1), "not in the list of parts"},
		"encoding":    {strings.Replace(whole, `"1.0"`, `"1.0" encoding="EBCDIC"`, 1), "save it as UTF-8"},
		"no notes":    {partwise("", xmlNotes("z:2")), "has no notes"},
		"damaged zip": {"PK\x03\x04 " + mxlContainer, "compressed MusicXML that is damaged"},
	} {
		_, err := Read([]byte(c.file))
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %s", what, err, c.want)
		}
	}
}

// Verovio, which engraves music, plays what we write as we do.
func TestAgainstVerovio(t *testing.T) {
	s := quarters(scale(60, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16)...)
	s.Parts = append(s.Parts, Part{Channel: 1, Notes: []Note{{0, 192, 48, 80, 40}, {96, 192, 52, 80, 40}, {384, 96 * 9, 43, 80, 40}, {96 * 13, 32, 45, 80, 40}, {96*13 + 32, 32, 47, 80, 40}, {96*13 + 64, 32, 48, 80, 40}}})
	s.Keys, s.Meters, s.Tempos = []Key{{Fifths: -3}}, []midi.Meter{{Count: 3, Unit: 4}}, []midi.Tempo{{Micros: 500_000}}
	s.Sort()
	for _, f := range []Format{MusicXML, ABC} {
		score := s
		if f == ABC { // of which Verovio reads one voice
			one := *s
			one.Parts = s.Parts[:1]
			score = &one
		}
		file, _, err := score.Write(f)
		if err != nil {
			t.Fatal(err)
		}
		made := musictest.Engraver(os.Getenv("ATELIER_VEROVIO")).Plays(t, file, map[Format]string{MusicXML: "xml", ABC: "abc"}[f])
		if got, want := starts(mustRead(t, string(made))), starts(&Piece{Score: score}); !slices.Equal(got, want) {
			t.Errorf("%s: Verovio plays\n%s\nwe\n%s", f, got, want)
		}
	}
}

func FuzzMusicXML(f *testing.F) {
	f.Add([]byte(partwise("", `<barline><repeat direction="forward"/></barline>`+xmlNotes("C4:2- +E4:2 z:1 F#5:3"), xmlNotes("C4:2_")+`<barline><ending number="1" type="start"/><repeat direction="backward"/></barline>`)))
	f.Add([]byte(partwise(`<midi-instrument id="I1"><midi-channel>10</midi-channel></midi-instrument>`, `<attributes><key><fifths>2</fifths></key><transpose><chromatic>-9</chromatic></transpose></attributes>`+
		`<harmony><root><root-step>B</root-step></root><kind>dominant</kind></harmony><backup><duration>3</duration></backup><sound tempo="1"/><note dynamics="3"><unpitched/><duration>.5</duration></note>`)))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := readXML(file, Counts{})
		if err != nil || len(s.Parts) == 0 {
			return
		}
		rewritten(t, s, MusicXML)
	})
}

// Tempos are texts in MusicXML.
func TestTempoTexts(t *testing.T) {
	for text, want := range map[string]int64{"96": 96, "c. 96": 96, " 96.0 ": 96, "96-104": 96, "ca. 48.": 48, "": 0, "lento": 0} {
		p := mustRead(t, partwise("", `<direction><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>`+text+`</per-minute></metronome></direction-type></direction>`+xmlNotes("C4:8")))
		got := int64(0)
		if len(p.Tempos) > 0 {
			got = 60e6 / p.Tempos[0].Micros
		}
		if got != want {
			t.Errorf("%q is %d a minute, want %d", text, got, want)
		}
	}
}
