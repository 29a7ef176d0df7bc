package midi

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gitlab.com/gomidi/midi/v2/smf"
	"pgregory.net/rapid"

	"atelier/internal/home"
)

// header is the first chunk of a file of a type, with tracks and a division.
func header(kind, tracks byte, division uint16) string {
	return string([]byte{'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, kind, 0, tracks, byte(division >> 8), byte(division)})
}

// track is the chunk of a track.
func track(events string) string {
	n := len(events)
	return "MTrk" + string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) + events
}

const end = "\x00\xff\x2f\x00"

func mustRead(t *testing.T, file string) (*Song, map[string]int) {
	t.Helper()
	s, repairs, err := Read([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return s, repairs
}

func TestRead(t *testing.T) {
	// A program, running status, an end by velocity 0 and one by a message of its own.
	events := "\x00\xff\x51\x03\x0f\x42\x40" + "\x00\xff\x58\x04\x03\x02\x18\x08" +
		"\x00\xc1\x05" + "\x00\x91\x3c\x40" + "\x60\x3e\x41" + "\x00\x3c\x00" + "\x83\x00\x81\x3e\x00" + end
	s, repairs := mustRead(t, header(0, 1, 96)+track(events))
	want := []Note{{0, 96, 0, 1, 5, 60, 64}, {96, 384, 0, 1, 5, 62, 65}}
	if !slices.Equal(s.Notes, want) || len(repairs) > 0 {
		t.Errorf("got %v, %v", s.Notes, repairs)
	}
	if s.Quarter != 96 || s.Duration() != 5_000_000 || s.Meters[0] != (Meter{0, 3, 4}) || s.End != 480 {
		t.Error(s.Quarter, s.Duration(), s.Meters, s.End)
	}
	if len(s.Events) != 1 || string(s.Events[0].Message) != "\xc1\x05" {
		t.Error(s.Events)
	}
	// 25 frames of 40 ticks: a tick is a millisecond, and tempos mean nothing.
	s, _ = mustRead(t, header(1, 1, 0xE728)+track("\x00\xff\x51\x03\x01\x00\x00"+"\x00\x90\x3c\x40"+"\x87\x68\x3c\x00"+end))
	if s.Duration() != 1_000_000 {
		t.Error("1000 ms are", s.Duration())
	}
}

func TestMicros(t *testing.T) {
	s := Song{Quarter: 100, Tempos: []Tempo{{100, 1_000_000}, {300, 250_000}}}
	for tick, want := range map[int64]int64{0: 0, 100: 500_000, 150: 1_000_000, 300: 2_500_000, 500: 3_000_000} {
		if got := s.Micros(tick); got != want {
			t.Errorf("tick %d is at %d µs, want %d", tick, got, want)
		}
	}
	s = Song{Quarter: 1, Tempos: []Tempo{{0, 1<<24 - 1}}}
	if got := s.Micros(lastTick); got != lastTick*(1<<24-1) {
		t.Error("the last tick overflows:", got)
	}
}

func TestRepairs(t *testing.T) {
	good := "\x00\x90\x3c\x40" + "\x60\x3c\x00"
	for name, c := range map[string]struct {
		file string
		want map[string]int
	}{
		"whole":           {header(0, 1, 96) + track(good+end), map[string]int{}},
		"other chunk":     {header(1, 1, 96) + "XFIH\x00\x00\x00\x02ab" + track(good+end), map[string]int{Wrapped: 1}},
		"no end":          {header(0, 1, 96) + track(good), map[string]int{Unended: 1}},
		"breaks off":      {header(0, 1, 96) + track(good + end)[:17], map[string]int{Truncated: 1}},
		"track missing":   {header(1, 2, 96) + track(good+end), map[string]int{Disorder: 1}},
		"sounding":        {header(0, 1, 96) + track(good+"\x00\x90\x40\x40"+end), map[string]int{OpenNotes: 1}},
		"no status":       {header(0, 1, 96) + track("\x60\x3c\x00"+end) + track(good+end), map[string]int{Broken: 1, Disorder: 1}},
		"status as data":  {header(0, 1, 96) + track(good+"\x00\x90\xc0\x10"+end), map[string]int{Broken: 1}},
		"endless number":  {header(0, 1, 96) + track(good+"\xff\xff\xff\xff\xff"+end), map[string]int{Broken: 1}},
		"huge text":       {header(0, 1, 96) + track(good+"\x00\xff\x01\xff\xff\xff\x7f"+end), map[string]int{Truncated: 1}},
		"tempo of 0":      {header(0, 1, 96) + track("\x00\xff\x51\x03\x00\x00\x00"+good+end), map[string]int{ZeroTempo: 1}},
		"in a RIFF chunk": {"RIFF\x00\x00\x00\x00RMIDdata\x00\x00\x00\x00" + header(0, 1, 96) + track(good+end), map[string]int{Wrapped: 1}},
	} {
		s, repairs := mustRead(t, c.file)
		if !maps.Equal(repairs, c.want) || len(s.Notes) == 0 || s.Notes[0] != (Note{0, 96, s.Tracks - 1, 0, 0, 60, 64}) {
			t.Errorf("%s: repaired %v, want %v; notes %v", name, repairs, c.want, s.Notes)
		}
	}
}

// The patterns of a file of type 2 are played one after another.
func TestPatterns(t *testing.T) {
	s, repairs := mustRead(t, header(2, 2, 96)+track("\x00\x90\x3c\x40"+"\x60\x3c\x00"+"\x60\xff\x2f\x00")+track("\x00\x91\x3e\x40"+"\x60\x3e\x00"+end))
	want := []Note{{0, 96, 0, 0, 0, 60, 64}, {192, 96, 1, 1, 0, 62, 64}}
	if !slices.Equal(s.Notes, want) || len(repairs) > 0 || s.End != 288 {
		t.Error(s.Notes, repairs, s.End)
	}
}

func TestRefuses(t *testing.T) {
	for file, want := range map[string]string{
		"":                              "no header",
		"MThd\x00\x00":                  "no header",
		strings.Repeat("x", 100):        "no header",
		header(3, 1, 96) + track(end):   "type 3",
		header(0, 1, 0) + track(end):    "0 ticks",
		header(0, 1, 0xE700):            "frames of 0 ticks",
		header(0, 1, 0x8020):            "128 frames",
		header(1, 0, 96):                "no tracks",
		header(1, 9, 96) + "MTrk\x00":   "no tracks",
		strings.Repeat("M", MaxBytes+1): "may have",
		header(1, 1, 96) + strings.Repeat(track(end), MaxTracks+1):        "more than 1024 tracks",
		header(1, 1, 96) + track(strings.Repeat("\x00\xc0\x01", 600_000)): "more than 524288 events",
	} {
		if _, _, err := Read([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q gives %v, want %s", file, err, want)
		}
	}
}

// Every file that the reader can be made to hold takes little memory.
func TestMemory(t *testing.T) {
	events := strings.Repeat("\x00\x90\x3c\x40", 520_000) + end
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s, _ := mustRead(t, header(1, 1, 96)+track(events))
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 50<<20 || len(s.Notes) != 520_000 {
		t.Errorf("%d notes take %d bytes", len(s.Notes), used)
	}
	runtime.KeepAlive(events)
}

// song draws a song.
func song(t *rapid.T) *Song {
	s := &Song{Quarter: rapid.IntRange(1, 32767).Draw(t, "quarter"), Tracks: rapid.IntRange(1, 4).Draw(t, "tracks")}
	byte7 := rapid.Uint8Range(0, 127)
	at := rapid.Int64Range(0, 1<<30)
	for range rapid.IntRange(0, 20).Draw(t, "notes") {
		s.Notes = append(s.Notes, Note{At: at.Draw(t, "at"), Length: rapid.Int64Range(0, 1000).Draw(t, "length"),
			Track: rapid.IntRange(0, s.Tracks-1).Draw(t, "track"), Channel: rapid.Uint8Range(0, 15).Draw(t, "channel"),
			Pitch: byte7.Draw(t, "pitch"), Velocity: rapid.Uint8Range(1, 127).Draw(t, "velocity")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "tempos") {
		s.Tempos = append(s.Tempos, Tempo{at.Draw(t, "at"), rapid.Int64Range(1, 1<<24-1).Draw(t, "tempo")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "events") {
		s.Events = append(s.Events, Event{at.Draw(t, "at"), rapid.IntRange(0, s.Tracks-1).Draw(t, "track"), []byte{0xB0, 64, byte7.Draw(t, "value")}})
	}
	s.End = 1<<30 + 1000
	s.Sort()
	return s
}

// What is written reads back, here and in the library.
func TestWriteReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := song(t)
		// Notes of a pitch that overlap end in the order in which they begin.
		last := map[[3]int]int64{}
		s.Keep(func(n Note) bool {
			key := [3]int{n.Track, int(n.Channel), int(n.Pitch)}
			free := last[key] <= n.At
			if free {
				last[key] = n.At + n.Length + 1
			}
			return free
		})
		file, err := s.Write()
		if err != nil {
			t.Fatal(err)
		}
		back, repairs, err := Read(file)
		if err != nil || len(repairs) > 0 {
			t.Fatal(repairs, err)
		}
		if fmt.Sprint(back) != fmt.Sprint(s) {
			t.Fatalf("wrote %v\nread %v", s, back)
		}
		if n, err := strokes(file); err != nil || n != len(s.Notes) {
			t.Fatalf("the library reads %d of %d notes: %v", n, len(s.Notes), err)
		}
	})
}

// strokes is how many notes begin, as the library reads the file.
func strokes(file []byte) (n int, err error) {
	f, err := smf.ReadFrom(bytes.NewReader(file))
	if err != nil {
		return 0, err
	}
	for _, track := range f.Tracks {
		for _, e := range track {
			if e.Message.GetNoteStart(new(uint8), new(uint8), new(uint8)) {
				n++
			}
		}
	}
	return n, nil
}

// mirror yields the MIDI files of the archive in the folder of public sets.
func mirror(t testing.TB, name string) (files [][]byte) {
	t.Helper()
	dir := home.Mirror()
	if dir == "" {
		t.Skip("ATELIER_MIRROR names no folder with the public sets")
	}
	z, err := zip.OpenReader(filepath.Join(dir, name))
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
		files = append(files, text)
	}
	return files
}

func TestPublicSets(t *testing.T) {
	for name, want := range map[string]int{"groove-drums.zip": 897, "jsb-chorales.zip": 30} {
		files, notes, drums, repaired := mirror(t, name), 0, 0, map[string]int{}
		if len(files) != want {
			t.Errorf("%s: %d files, want %d", name, len(files), want)
		}
		for i, file := range files {
			s, repairs := mustRead(t, string(file))
			for what, n := range repairs {
				repaired[what] += n
			}
			if n, err := strokes(file); err != nil || n != len(s.Notes) {
				t.Errorf("%s %d: %d notes, the library reads %d: %v", name, i, len(s.Notes), n, err)
			}
			notes += len(s.Notes)
			for _, n := range s.Notes {
				if n.Drum() {
					drums++
				}
			}
		}
		t.Logf("%s: %d files, %d notes, %d of them drums, repaired %v", name, len(files), notes, drums, repaired)
	}
}

// A file that breaks off gives the notes that begin before the break.
func TestTruncated(t *testing.T) {
	s := &Song{Quarter: 480, Tracks: 2}
	for i := range 200 {
		s.Notes = append(s.Notes, Note{At: int64(i * 240), Length: 100, Track: i % 2, Pitch: byte(30 + i%60), Velocity: 80})
	}
	file, err := s.Write()
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	for n := 64; n < len(file); n += 64 {
		got, repairs, err := Read(file[:n])
		if err != nil || len(repairs) == 0 || len(got.Notes) < last || len(got.Notes) > 200 {
			t.Fatalf("at %d: %d notes, %v, %v", n, len(got.Notes), repairs, err)
		}
		last = len(got.Notes)
	}
	if last < 190 {
		t.Error("of nearly the whole file", last, "notes are read")
	}
}

func FuzzRead(f *testing.F) {
	good := "\x00\x90\x3c\x40" + "\x60\x3c\x00"
	f.Add([]byte(header(0, 1, 96) + track(good+end)))
	f.Add([]byte(header(1, 2, 0xE728) + track("\x00\xff\x51\x03\x0f\x42\x40"+end) + track(good+"\x00\x99\x24\x40")))
	f.Add([]byte(header(0, 1, 1) + track("\x00\xf0\x02\x01\xf7\x00\x90\x40\x01\x00\x40\x02\x00\x40\x00\xff\xff\xff\x7f\x40\x00"+end)))
	for _, c := range foreignFiles {
		f.Add([]byte(c.file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		s, _, err := Read(file)
		if err != nil {
			return
		}
		written, err := s.Write()
		if err != nil {
			t.Fatal(err)
		}
		again, repairs, err := Read(written)
		if err != nil || len(repairs) > 0 {
			t.Fatalf("what was written is repaired: %v, %v", repairs, err)
		}
		if len(again.Notes) != len(s.Notes) || again.Duration() != s.Duration() {
			t.Fatalf("%d notes of %d µs became %d of %d", len(s.Notes), s.Duration(), len(again.Notes), again.Duration())
		}
		if twice, err := again.Write(); err != nil || !bytes.Equal(twice, written) {
			t.Fatal("what was written is written otherwise the second time", err)
		}
	})
}
