package clean

import (
	"archive/zip"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/home"
	"atelier/internal/midi"
)

func init() {
	whole := file(tune(0, 40))
	works = append(works,
		music("tune", whole), music("drums", file(beat(20))), music("truncated", whole[:len(whole)-40]),
		music("both", file(&midi.Song{Quarter: 96, Tracks: 4, Notes: append(tune(0, 12).Notes, beat(8).Notes...)})),
		music("silence", file(&midi.Song{Quarter: 96, Tracks: 3})),
		music("off the grid", file(&midi.Song{Quarter: 97, Tracks: 1, Notes: []midi.Note{
			{At: 3, Length: 5, Pitch: 60, Velocity: 1}, {At: 20, Length: 500, Pitch: 60, Velocity: 1}, {At: 40, Length: 0, Pitch: 61, Velocity: 9}}})),
	)
}

// music is an Item with the bytes of a MIDI file.
func music(name string, file []byte) data.Item {
	return data.Item{Name: name, MediaType: midiType, Bytes: file}
}

// file encodes a song.
func file(s *midi.Song) []byte {
	s.Sort()
	for _, n := range s.Notes {
		s.End = max(s.End, n.At+n.Length)
	}
	out, err := s.Write()
	if err != nil {
		panic(err)
	}
	return out
}

// tune is a melody of n notes, transposed by some semitones.
func tune(up, n int) *midi.Song {
	s := &midi.Song{Quarter: 96, Tracks: 2}
	for i := range n {
		s.Notes = append(s.Notes, midi.Note{At: int64(i*48 + i*i%5*24), Length: 24, Track: 1, Pitch: byte(60 + up + i*i*7%23), Velocity: 80})
	}
	return s
}

// beat is n strokes on drums.
func beat(n int) *midi.Song {
	s := &midi.Song{Quarter: 96, Tracks: 1}
	for i := range n {
		s.Notes = append(s.Notes, midi.Note{At: int64(i * 48), Length: 12, Channel: midi.DrumChannel, Pitch: []byte{36, 42, 38, 42, 46}[i*i%5], Velocity: 100})
	}
	return s
}

// cleanedSong is a song as a cleaner leaves it, or the reason it is dropped for.
func cleanedSong(t *testing.T, c data.Cleaner, s *midi.Song) (*midi.Song, verdict) {
	t.Helper()
	v := judge(t, c, music("song", file(s)))
	if v.Drop.Reason != "" {
		return nil, v
	}
	out, _, err := midi.Read(v.Item.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return out, v
}

func TestMIDI(t *testing.T) {
	whole := file(tune(0, 40))
	v := judge(t, &MIDI{}, music("", whole[:len(whole)-40]))
	if v.Changes[midi.Truncated] != 1 {
		t.Error(v.Changes)
	}
	if song, repairs, err := midi.Read(v.Item.Bytes); err != nil || len(repairs) > 0 || len(song.Notes) < 30 {
		t.Error(repairs, err)
	}
	if v := judge(t, &MIDI{}, music("", []byte("RIFF"))); v.Drop.Error() != "no MIDI file: it is no MIDI file: it has no header" {
		t.Error(v.Drop.Error())
	}
}

// TestMusicKeepsNoSecrets removes personal data from the texts within music and from its metadata,
// and keeps the rest.
func TestMusicKeepsNoSecrets(t *testing.T) {
	s := tune(0, 40)
	for kind, text := range map[byte]string{1: "for ann@example.org", 2: "© call +49 30 22732152", 3: "Song", 5: "password=hunter2!", 6: "bob@example.org " + strings.Repeat("la ", 60)} {
		e := midi.Event{Track: 1, Message: []byte{0xff, kind, 0}}
		e.SetText(text)
		s.Events = append(s.Events, e)
	}
	given := append(file(s), "Contact: ann@example.org\n"...)
	p := &data.Piece{Item: music("", given)}
	for _, c := range []data.Cleaner{&Private{Regions: "US"}, &MIDI{}} {
		if err := c.Clean(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Finish(); err != nil || p.Changes["EMAIL"] != 2 || p.Changes["PHONE"] != 1 || p.Changes["KEY"] != 1 || p.Changes[midi.Wrapped] != 1 {
		t.Error(p.Changes, err)
	}
	got, repairs, err := midi.Read(p.Bytes)
	if err != nil || len(repairs) > 0 || len(got.Notes) != 40 {
		t.Fatal(repairs, err)
	}
	texts := map[string]bool{}
	for _, e := range got.Events {
		text, _ := e.Text()
		texts[text] = true
	}
	for _, want := range []string{"for [EMAIL]", "© call [PHONE]", "Song", "password=[KEY]", "[EMAIL] " + strings.Repeat("la ", 60)} {
		if !texts[want] {
			t.Errorf("%q is missing in %v", want, texts)
		}
	}
}

// TestDamagedMusic checks that damaged music only counts as a duplicate if everything left of it is
// the same.
func TestDamagedMusic(t *testing.T) {
	whole := file(tune(0, 40))
	signatures := map[string][]byte{}
	for name, b := range map[string][]byte{"whole": whole, "without its end": whole[:len(whole)-4], "cut": whole[:len(whole)-20]} {
		p := &data.Piece{Item: music(name, b)}
		if err := (&MIDI{}).Clean(p); err != nil {
			t.Fatal(err)
		}
		sketch, ok, err := (&NearMusic{}).Sketch(p)
		if !ok || err != nil {
			t.Fatal(name, ok, err)
		}
		signatures[name] = sketch.Signature
	}
	c := &NearMusic{Similarity: 80}
	for _, pair := range []struct {
		a, b  string
		alike bool
	}{{"whole", "cut", true}, {"cut", "whole", true}, {"whole", "whole", true}, {"cut", "without its end", false}, {"cut", "cut", true}} {
		if c.Alike(signatures[pair.a], signatures[pair.b]) != pair.alike {
			t.Errorf("%s and %s are alike: %t", pair.a, pair.b, !pair.alike)
		}
	}
}

func TestEmptyTracks(t *testing.T) {
	s := tune(0, 4)
	s.Tracks = 5
	s.Notes[1].Track = 3
	s.Events = []midi.Event{{At: 0, Track: 2, Message: []byte{0xB0, 7, 1}}, {At: 0, Track: 3, Message: []byte{0xB0, 7, 2}}}
	got, v := cleanedSong(t, &EmptyTracks{}, s)
	if got.Tracks != 3 || got.Notes[1].Track != 2 || len(got.Events) != 1 || got.Events[0].Track != 2 || v.Changes["empty tracks"] != 2 {
		t.Error(got, v.Changes)
	}
	if _, v := cleanedSong(t, &EmptyTracks{}, &midi.Song{Quarter: 96, Tracks: 2}); v.Drop.Reason != "no notes" {
		t.Error(v.Drop)
	}
}

func TestMusicLength(t *testing.T) {
	for ticks, want := range map[int64]string{
		191: "too short: 0.994 s", 192: "", 192 * 10: "", 192*10 + 1: "too long: 10 s",
	} {
		s := &midi.Song{Quarter: 96, Tracks: 1, Notes: []midi.Note{{Length: ticks, Pitch: 60, Velocity: 1}}}
		if _, v := cleanedSong(t, &MusicLength{Shortest: 1, Longest: 10}, s); v.Drop.Error() != want {
			t.Errorf("%d ticks give %q", ticks, v.Drop.Error())
		}
	}
}

func TestDrums(t *testing.T) {
	both := func() *midi.Song {
		return &midi.Song{Quarter: 96, Tracks: 2, Notes: append(tune(0, 3).Notes, beat(5).Notes...),
			Events: []midi.Event{{Message: []byte{0xC9, 1}}, {Message: []byte{0xC0, 1}}, {Message: []byte{0xFF, 1, 1, 'x'}}}}
	}
	got, v := cleanedSong(t, &Drums{Keep: "drums"}, both())
	if len(got.Notes) != 5 || !got.Notes[0].Drum() || v.Changes["notes"] != 3 || len(got.Events) != 2 {
		t.Error(got, v.Changes)
	}
	got, v = cleanedSong(t, &Drums{Keep: "notes"}, both())
	if len(got.Notes) != 3 || got.Notes[0].Drum() || v.Changes["drums"] != 5 || len(got.Events) != 2 {
		t.Error(got, v.Changes)
	}
	if _, v := cleanedSong(t, &Drums{Keep: "drums"}, tune(0, 3)); v.Drop.Reason != "no drums" {
		t.Error(v.Drop)
	}
	if (&Drums{Keep: "drumms"}).Check() == nil {
		t.Error("keeps drumms")
	}
}

func TestQuantise(t *testing.T) {
	s := &midi.Song{Quarter: 96, Tracks: 1, Notes: []midi.Note{
		{At: 25, Length: 20, Pitch: 60, Velocity: 1}, {At: 48, Length: 24, Pitch: 62, Velocity: 1}, {At: 83, Length: 1, Pitch: 64, Velocity: 1}}}
	got, v := cleanedSong(t, &Quantise{Steps: 4}, s)
	want := "[{24 24 0 0 0 60 1} {48 24 0 0 0 62 1} {72 24 0 0 0 64 1}]"
	if fmt.Sprint(got.Notes) != want || v.Changes["quantised"] != 2 || v.Changes["quantised by ms"] != 62 { // 1 and 11 ticks of 5.2 ms
		t.Error(got.Notes, v.Changes)
	}
}

// Notes on the grid stay there, whatever the ticks.
func TestQuantiseOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		steps := rapid.IntRange(1, 48).Draw(r, "steps")
		s := &midi.Song{Quarter: rapid.IntRange(1, 1000).Draw(r, "quarter"), Tracks: 1}
		for range rapid.IntRange(1, 8).Draw(r, "notes") {
			s.Notes = append(s.Notes, midi.Note{At: rapid.Int64Range(0, 5000).Draw(r, "at"), Length: rapid.Int64Range(0, 500).Draw(r, "length"), Pitch: 60, Velocity: 1})
		}
		once := judge(t, &Quantise{Steps: steps}, music("", file(s)))
		if again := judge(t, &Quantise{Steps: steps}, once.Item); len(again.Changes) > 0 {
			r.Fatal(again.Changes)
		}
	})
}

func sketch(t *testing.T, s *midi.Song) data.Sketch {
	t.Helper()
	v := judge(t, &NearMusic{}, music("", file(s)))
	if !v.Has {
		t.Fatal("no sketch")
	}
	return v.Sketch
}

func TestNearMusic(t *testing.T) {
	c := &NearMusic{Similarity: 80}
	alike := func(a, b *midi.Song) bool {
		x, y := sketch(t, a), sketch(t, b)
		return c.Alike(x.Signature, y.Signature)
	}
	slow := tune(5, 200) // other ticks and another tempo
	slow.Quarter = 480
	for i := range slow.Notes {
		slow.Notes[i].At *= 5
	}
	slow.Tempos = []midi.Tempo{{At: 0, Micros: 900_000}}
	slow.Notes[20].Pitch++ // a wrong note
	if !alike(tune(0, 200), slow) {
		t.Error("a transposed copy is not found")
	}
	other := tune(0, 200)
	for i := range other.Notes {
		other.Notes[i].Pitch = byte(60 + i*i*i%19)
	}
	if alike(tune(0, 200), other) {
		t.Error("another melody in the same rhythm is taken for it")
	}
	late := beat(100)
	for i := range late.Notes {
		late.Notes[i].At += 96*4 + int64(i%3) // a bar later, with uneven timing
	}
	if !alike(beat(100), late) {
		t.Error("drums that come later are not found")
	}
	if v := judge(t, c, music("", file(tune(0, 5)))); v.Has {
		t.Error("five notes are compared")
	}
}

// TestPublicMusic counts the decisions of the cleaners on public sets.
func TestPublicMusic(t *testing.T) {
	dir := home.Mirror()
	if dir == "" {
		t.Skip("ATELIER_MIRROR names no folder with the public sets")
	}
	for name, most := range map[string]struct{ ms, near int }{"groove-drums.zip": {40, 30}, "jsb-chorales.zip": {0, 0}} {
		var notes, moved, ms, broken, short, near int
		var sketches []data.Sketch
		for _, it := range archived(t, filepath.Join(dir, name)) {
			v := judge(t, &Quantise{Steps: 4}, it)
			song, _, err := midi.Read(v.Item.Bytes)
			if err != nil {
				t.Fatal(it.Name, err)
			}
			notes, moved, ms = notes+len(song.Notes), moved+v.Changes["quantised"], ms+v.Changes["quantised by ms"]
			broken += len(judge(t, &MIDI{}, it).Changes)
			if judge(t, &MusicLength{Shortest: 1, Longest: 3600}, it).Drop.Reason != "" {
				short++
			}
			c := &NearMusic{Similarity: 80}
			s := judge(t, c, it).Sketch
			for _, o := range sketches {
				if s.Bands != nil && c.Alike(s.Signature, o.Signature) {
					near++
					break
				}
			}
			sketches = append(sketches, s)
		}
		t.Logf("%s: %d notes, %d moved by %.1f ms on average; %d files mended, %d absurdly long or short, %d near duplicates of %d",
			name, notes, moved, float64(ms)/float64(max(1, moved)), broken, short, near, len(sketches))
		if ms > most.ms*max(1, moved) || near > most.near {
			t.Error("more than is known of the set")
		}
	}
}

// archived returns the MIDI files of an archive.
func archived(t *testing.T, path string) (items []data.Item) {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Skip(err)
	}
	defer z.Close()
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".mid") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, music(f.Name, text))
	}
	return items
}
