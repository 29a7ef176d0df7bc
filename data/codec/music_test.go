package codec

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gitlab.com/gomidi/midi/v2/smf"
	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/home"
	"atelier/internal/midi"
)

// What is decoded plays, and encodes to the same tokens.
func TestMusicRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &Music{Form: rapid.SampledFrom([]string{"drums", "voices"}).Draw(t, "form"), Bars: rapid.IntRange(1, 4).Draw(t, "bars"),
			Steps: rapid.IntRange(1, 24).Draw(t, "steps"), Voices: rapid.IntRange(1, 15).Draw(t, "voices"), Tempo: 120}
		spec, err := c.Spec(nil)
		if err != nil {
			t.Fatal(err)
		}
		b, again := data.NewBatch(spec, 1), data.NewBatch(spec, 1)
		tokens := b.Column(data.Target).Tokens(0)
		few := rapid.IntRange(1, c.vocabulary()-1).Draw(t, "few") // so that notes are long
		seed := rapid.SliceOfN(rapid.Int32Range(0, int32(few)), 1, 40).Draw(t, "tokens")
		for i := range tokens {
			tokens[i] = seed[i%len(seed)]
		}
		tokens[0] = 1
		it, err := c.Decode(b, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Encode(data.ExampleOf(it), again, 0); err != nil {
			t.Fatal(err)
		}
		if back := again.Column(data.Target).Tokens(0); !slices.Equal(back, tokens) {
			t.Fatalf("%v became %v", tokens, back)
		}
		if _, err := smf.ReadFrom(bytes.NewReader(it.Bytes)); err != nil {
			t.Fatal("does not play:", err)
		}
		song, _, err := midi.Read(it.Bytes)
		if err != nil || song.Micros(song.End) < int64(c.Bars)*4*500_000 {
			t.Fatal(song.Micros(song.End), err)
		}
	})
}

func TestMusicByHand(t *testing.T) {
	song := &midi.Song{Quarter: 96, Tracks: 1, Notes: []midi.Note{
		{At: 0, Length: 1, Channel: 9, Pitch: 35, Velocity: 9}, {At: 2, Length: 1, Channel: 9, Pitch: 44, Velocity: 9}, // not quite at once
		{At: 49, Length: 1, Channel: 9, Pitch: 40, Velocity: 9}, {At: 0, Length: 96, Pitch: 60, Velocity: 9}, {At: 24, Length: 24, Pitch: 64, Velocity: 9},
	}}
	song.Sort()
	file, err := song.Write()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		codec *Music
		want  string
	}{
		{&Music{Form: "drums", Bars: 1, Steps: 4, Voices: 1, Tempo: 100}, "[5 0 2 0 0 0 0 0 0 0 0 0 0 0 0 0 0]"},
		{&Music{Form: "drums", Bars: 1, Steps: 1, Voices: 1, Tempo: 100}, "[5 2 0 0 0]"},
		// 24 of 96 ticks is half a step, and goes to the later.
		{&Music{Form: "voices", Bars: 1, Steps: 2, Voices: 2, Tempo: 100}, "[61 0 65 61 0 0 0 0 0 0 0 0 0 0 0 0 0]"},
	} {
		got, err := c.codec.Tokens(data.Item{Bytes: file})
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%+v: got %v, %v, want %s", c.codec, got, err, c.want)
		}
	}
}

func TestRefusesMusic(t *testing.T) {
	good := Music{Form: "drums", Bars: 1, Steps: 4, Voices: 4, Tempo: 100}
	for want, change := range map[string]func(*Music){
		"form":   func(c *Music) { c.Form = "drum" },
		"bars":   func(c *Music) { c.Bars = 0 },
		"steps":  func(c *Music) { c.Steps = 25 },
		"voices": func(c *Music) { c.Voices = 16 },
		"tempo":  func(c *Music) { c.Tempo = 19 },
	} {
		c := good
		change(&c)
		if _, err := c.Spec(nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	long := &midi.Song{Quarter: 1, Tracks: 1}
	for i := range 1000 {
		long.Notes = append(long.Notes, midi.Note{At: 0, Length: 60_000, Pitch: uint8(i % 100), Velocity: 1})
	}
	long.Sort()
	file, err := long.Write()
	if err != nil {
		t.Fatal(err)
	}
	c := &Music{Form: "voices", Bars: 1, Steps: 4, Voices: 4, Tempo: 100}
	if _, err := c.Tokens(data.Item{Bytes: file}); err == nil || !strings.Contains(err.Error(), "notes sound") {
		t.Error("endless chords give", err)
	}
	if _, err := good.Tokens(data.Item{Bytes: file}); err == nil || err.Error() != "has no drums" {
		t.Error("no drums give", err)
	}
}

// mirrored opens an archive of the folder of public sets.
func mirrored(t *testing.T, name string) *zip.ReadCloser {
	t.Helper()
	dir := home.Mirror()
	if dir == "" {
		t.Skip("ATELIER_MIRROR names no folder with the public sets")
	}
	z, err := zip.OpenReader(filepath.Join(dir, name))
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { z.Close() })
	return z
}

func unzip(t *testing.T, f *zip.File) []byte {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The tokens of Bach's chorales are those that others publish beside the MIDI files.
func TestChorales(t *testing.T) {
	z := mirrored(t, "jsb-chorales.zip")
	var published map[string][][][]int32
	c, compared := &Music{Form: "voices", Bars: 1, Steps: 4, Voices: 4, Tempo: 100}, 0
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, ".json") {
			if err := json.Unmarshal(unzip(t, f), &published); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, f := range z.File {
		var part string
		var number int
		name := strings.ReplaceAll(strings.TrimSuffix(path.Base(f.Name), ".mid"), "-", " ")
		if n, _ := fmt.Sscanf(name, "%s %d", &part, &number); n != 2 || !strings.HasSuffix(f.Name, ".mid") {
			continue
		}
		tokens, err := c.Tokens(data.Item{Bytes: unzip(t, f)})
		if err != nil {
			t.Fatal(f.Name, err)
		}
		for step, pitches := range published[part][number] {
			for v, pitch := range pitches {
				if got := tokens[4*step+v] - 1; got != max(pitch, -1) {
					t.Fatalf("%s: voice %d sings %d at step %d, want %d", f.Name, v, got, step, pitch)
				}
			}
		}
		compared++
	}
	if compared != 30 {
		t.Error(compared, "chorales")
	}
}

// Every drummer's recording encodes, and what the grid makes of it is stable.
func TestGroove(t *testing.T) {
	z := mirrored(t, "groove-drums.zip")
	c := &Music{Form: "drums", Bars: 4, Steps: 4, Voices: 1, Tempo: 100}
	files, steps, strokes, notes := 0, 0, 0, 0
	seen := map[int32]bool{}
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".mid") {
			continue
		}
		file := unzip(t, f)
		tokens, err := c.Tokens(data.Item{Bytes: file})
		if err != nil {
			t.Fatal(f.Name, err)
		}
		song, _, err := midi.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		files, steps, notes = files+1, steps+len(tokens), notes+len(song.Notes)
		for _, token := range tokens {
			seen[token] = true
			for class := range midi.DrumClasses {
				strokes += int(token >> class & 1)
			}
		}
	}
	t.Logf("%d files, %d steps, %d strokes of %d notes, %d different steps", files, steps, strokes, notes, len(seen))
	if files != 897 || strokes < notes*8/10 {
		t.Error("more is lost than two strokes of one drum in one step")
	}
}

func FuzzMusic(f *testing.F) {
	drums := &Music{Form: "drums", Bars: 1, Steps: 4, Voices: 4, Tempo: 100}
	voices := &Music{Form: "voices", Bars: 1, Steps: 12, Voices: 3, Tempo: 100}
	song := &midi.Song{Quarter: 96, Tracks: 2, Notes: []midi.Note{{Channel: 9, Pitch: 35, Velocity: 9}, {At: 30, Length: 90, Track: 1, Pitch: 35, Velocity: 9}}}
	file, err := song.Write()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, c := range []*Music{drums, voices} {
			tokens, err := c.Tokens(data.Item{Bytes: b})
			if err != nil {
				continue
			}
			for _, token := range tokens {
				if token < 0 || int(token) >= c.vocabulary() {
					t.Fatal(token)
				}
			}
		}
	})
}

// A file of which some is missing is refused, and not learned from as far as it goes.
func TestMusicRefusesDamagedFiles(t *testing.T) {
	s := &midi.Song{Quarter: 96, Tracks: 1, End: 960, Notes: []midi.Note{{Length: 96, Pitch: 60, Velocity: 80}, {At: 96, Length: 96, Pitch: 62, Velocity: 80}}}
	file, err := s.Write()
	if err != nil {
		t.Fatal(err)
	}
	c := &Music{Form: formVoices, Bars: 1, Steps: 4, Voices: 1, Tempo: 100}
	if _, err := c.Tokens(data.Item{Bytes: file}); err != nil {
		t.Error(err)
	}
	if _, err := c.Tokens(data.Item{Bytes: file[:len(file)-6]}); err == nil || !strings.Contains(err.Error(), "is damaged (truncated)") {
		t.Errorf("a cut file: %v", err)
	}
}
