// Package musictest has programs of others read music files and recordings, for tests of what is
// written. A test is skipped where the program is missing.
package musictest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// program is the path of a program, of a Debian package.
func program(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("skipped: there is no %s, of the Debian package %s", name, debian)
	}
	return path
}

// saved is the path of a file with an extension such as .mid, in a folder of the test.
func saved(t *testing.T, file []byte, extension string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "music"+extension)
	if err := os.WriteFile(path, file, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// output runs a program, which must succeed, and returns what it printed.
func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out, &failed)
	}
	return out
}

// key is the line that ends the header of an ABC tune.
var key = regexp.MustCompile(`(?m)^K:.*\n`)

// PlaysABC has abc2midi of the Debian package abcmidi turn an ABC tune into a MIDI file, without
// grace notes, and with the notes of a chord at once, which it would spread.
func PlaysABC(t *testing.T, abc []byte) (midi []byte) {
	t.Helper()
	if at := key.FindIndex(abc); at != nil {
		abc = slices.Concat(abc[:at[1]], []byte("%%MIDI chordattack 0\n"), abc[at[1]:])
	}
	name, from := program(t, "abc2midi", "abcmidi"), saved(t, abc, ".abc")
	to := filepath.Join(filepath.Dir(from), "made.mid")
	// It exits with 1 where it has warnings.
	out, err := exec.CommandContext(t.Context(), name, from, "-o", to, "-NGRA").CombinedOutput()
	if err != nil && !strings.Contains(string(out), "writing MIDI") {
		t.Fatalf("%v\n%s\n%s", err, out, abc)
	}
	if midi, err = os.ReadFile(to); err != nil {
		t.Fatal(err)
	}
	return midi
}

// NotesOfMIDI has mftext and midi2abc of the Debian package abcmidi read a MIDI file, and returns
// how many notes of each channel, from 1, and pitch begin, as 10/36.
func NotesOfMIDI(t *testing.T, midi []byte) map[string]int {
	t.Helper()
	text, score, path := program(t, "mftext", "abcmidi"), program(t, "midi2abc", "abcmidi"), saved(t, midi, ".mid")
	if abc := output(t, score, path); !bytes.Contains(abc, []byte("\nK:")) {
		t.Errorf("midi2abc writes\n%s", abc)
	}
	all := map[string]int{}
	for line := range strings.Lines(string(output(t, text, path))) {
		_, begins, ok := strings.Cut(line, "Note on, ")
		var channel, pitch, velocity int
		if _, err := fmt.Sscanf(begins, "chan=%d pitch=%d vol=%d", &channel, &pitch, &velocity); ok && err == nil && velocity > 0 {
			all[fmt.Sprintf("%d/%d", channel, pitch)]++
		}
	}
	return all
}

// PlaysMIDI has timidity play a MIDI file with a SoundFont, and returns its sound, of 44,100 samples
// per second and two channels.
func PlaysMIDI(t *testing.T, midi []byte, font string) []int16 {
	t.Helper()
	name, path := program(t, "timidity", "timidity"), saved(t, midi, ".mid")
	settings := filepath.Join(filepath.Dir(path), "font.cfg")
	if err := os.WriteFile(settings, []byte("soundfont "+strconv.Quote(font)+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(filepath.Dir(path), "made.raw")
	output(t, name, "-c", settings, "-Or1sl", "-s", "44100", "-o", to, path)
	return samples(t, to)
}

// Samples has SoX read a recording with an extension such as .wav, and flac too where it is one,
// and returns its samples, of both channels.
func Samples(t *testing.T, recording []byte, extension string) []int16 {
	t.Helper()
	sox, path := program(t, "sox", "sox"), saved(t, recording, extension)
	if extension == ".flac" {
		output(t, program(t, "flac", "flac"), "--test", "--silent", path)
	}
	to := filepath.Join(filepath.Dir(path), "made.raw")
	output(t, sox, "-V1", "-D", path, "-t", "raw", "-e", "signed", "-b", "16", "-L", to)
	return samples(t, to)
}

// samples reads a file of samples.
func samples(t *testing.T, path string) []int16 {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]int16, len(raw)/2)
	for i := range all {
		all[i] = int16(raw[2*i]) | int16(raw[2*i+1])<<8
	}
	return all
}

// Engraver is the folder with the npm package verovio, from the environment of the test, which
// hands it on: a package below cmd does not read it itself.
type Engraver string

// verovio plays a file: its arguments are the path and the format.
const verovio = `import createVerovioModule from 'verovio/wasm'; import { VerovioToolkit } from 'verovio/esm'; import fs from 'fs';
const t = new VerovioToolkit(await createVerovioModule()), [path, format] = process.argv.slice(1), file = fs.readFileSync(path);
t.setOptions({inputFrom: format == 'mxl' ? 'xml' : format});
const read = format == 'mxl' ? t.loadZipDataBuffer(file.buffer.slice(file.byteOffset, file.byteOffset + file.length)) : t.loadData(file.toString());
if (!read) throw new Error('Verovio cannot read it');
console.log(JSON.stringify(t.renderToMIDI()));`

// Plays has Verovio, which engraves music, turn a score into a MIDI file. The format is one of its
// names: xml, mxl or abc, of which it reads the first voice.
func (e Engraver) Plays(t *testing.T, score []byte, format string) (midi []byte) {
	t.Helper()
	node, err := exec.LookPath("node")
	if e == "" || err != nil {
		t.Skip("skipped: ATELIER_VEROVIO names no folder with the npm package verovio 6.3.0 in it")
	}
	cmd := exec.CommandContext(t.Context(), node, "--input-type=module", "-e", verovio, saved(t, score, "."+format), format)
	cmd.Dir = string(e)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], &midi); err != nil {
		t.Fatalf("%v in %.2000s", err, out)
	}
	return midi
}
