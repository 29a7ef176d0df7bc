package midi

import (
	"maps"
	"strconv"
	"strings"
	"testing"
)

// Two notes that follow each other, a C and a D.
const (
	first  = "\x00\x90\x3c\x40" + "\x60\x80\x3c\x00"
	second = "\x00\x90\x3e\x40" + "\x60\x80\x3e\x00"
)

// sized is a track that says that it has another length.
func sized(length, events string) string { return "MTrk" + length + events }

// riff is a RIFF file of MIDI with a chunk of words before the music and one behind it.
func riff(file string) string {
	size := func(s string) string {
		return string([]byte{byte(len(s)), byte(len(s) >> 8), byte(len(s) >> 16), 0}) + s
	}
	body := "RMIDDISP" + size(strings.Repeat("words ", 20)+"!") + "\x00data" + size(file)
	if len(file)%2 > 0 {
		body += "\x00"
	}
	return "RIFF" + size(body+"LIST"+size("MTrk no track"))
}

// foreignFiles are files that break the standard as programs do, with the pitches and the
// starts that players give. Those that mftext (abcmidi) reads, it reads so.
var foreignFiles = map[string]struct {
	file    string
	notes   string // pitch at tick, in the order of their starts
	repairs map[string]int
}{
	"status after meta": {header(0, 1, 96) + track("\x00\x90\x3c\x40"+"\x30\xff\x01\x02hi"+"\x30\x3c\x00"+"\x00\x3e\x40"+"\x60\x3e\x00"+end),
		"<0+96>>96+96", nil},
	"status after system exclusive": {header(0, 1, 96) + track("\x00\x90\x3c\x40"+"\x60\xf0\x03\x7d\x01\xf7"+"\x00\x3c\x00"+"\x00\x3e\x40"+"\x60\x3e\x00"+end),
		"<0+96>>96+96", nil},
	"continued system exclusive": {header(0, 1, 96) + track("\x00\xf0\x02\x7d\x01"+"\x10\xf7\x02\x02\x03"+"\x10\xf7\x02\x04\xf7"+first+second+end),
		"<32+96>>128+96", nil},
	"escaped message": {header(0, 1, 96) + track(first+"\x00\xf7\x01\xfa"+second+end), "<0+96>>96+96", nil},
	"clock as an event": {header(0, 1, 96) + track("\x00\x90\x3c\x40"+"\x30\xf8"+"\x30\x3c\x00"+"\x00\xfe"+second+end),
		"<0+96>>96+96", map[string]int{Stray: 2}},
	"clock within a message": {header(0, 1, 96) + track("\x00\x90\x3c\xf8\x40"+"\x60\x80\xfe\x3c\x00"+second+end),
		"<0+96>>96+96", map[string]int{Stray: 2}},
	"system common": {header(0, 1, 96) + track("\x00\xf1\x10"+"\x00\xf2\x01\x02"+"\x00\xf3\x05"+"\x00\xf6"+first+second+end),
		"<0+96>>96+96", map[string]int{Stray: 4}},
	"length 0": {header(0, 1, 96) + sized("\x00\x00\x00\x00", first+second+end), "<0+96>>96+96", map[string]int{WrongLength: 1}},
	"length 0, three tracks": {header(1, 3, 96) + sized("\x00\x00\x00\x00", end) + sized("\x00\x00\x00\x00", first+end) + sized("\x00\x00\x00\x00", second+end),
		"<0+96>>0+96", map[string]int{WrongLength: 3}},
	"endless length": {header(0, 1, 96) + sized("\xff\xff\xff\xff", first+second+end), "<0+96>>96+96", map[string]int{WrongLength: 1}},
	"endless lengths": {header(1, 2, 96) + sized("\xff\xff\xff\xff", first+end) + sized("\xff\xff\xff\xff", second+end),
		"<0+96>>0+96", map[string]int{WrongLength: 2}},
	"too short a length":  {header(1, 2, 96) + sized("\x00\x00\x00\x06", first+second+end) + track(end), "<0+96>>96+96", map[string]int{WrongLength: 1}},
	"too long a length":   {header(1, 2, 96) + sized("\x00\x00\x00\x1a", first+end) + track(second+end), "<0+96>>0+96", map[string]int{WrongLength: 1}},
	"a length over all":   {header(1, 2, 96) + sized("\x00\x00\x00\x28", first+end) + track(first+second+end), "<0+96<0+96>>96+96", map[string]int{WrongLength: 1}},
	"empty track":         {header(1, 2, 96) + track("") + track(first+second+end), "<0+96>>96+96", map[string]int{Unended: 1}},
	"no end":              {header(1, 2, 96) + track(first) + track(second+end), "<0+96>>0+96", map[string]int{Unended: 1}},
	"no end, no length":   {header(1, 2, 96) + sized("\x00\x00\x00\x00", first) + track(second+end), "<0+96>>0+96", map[string]int{Unended: 1}},
	"unknown chunk":       {header(1, 2, 96) + track(first+end) + "XFKM\x00\x00\x00\x08MTrkabcd" + track(second+end), "<0+96>>0+96", map[string]int{Wrapped: 1}},
	"bytes between":       {header(1, 2, 96) + track(first+end) + "\x00\x00\x00" + track(second+end), "<0+96>>0+96", map[string]int{Wrapped: 1}},
	"bytes behind":        {header(0, 1, 96) + track(first+second+end) + "\x1a\x1a\x1a\x00\x00\x00\x00\x00\x00\x00\x00", "<0+96>>96+96", map[string]int{Wrapped: 1}},
	"words behind":        {header(0, 1, 96) + track(first+second+end) + "Write to ann@example.org\n", "<0+96>>96+96", map[string]int{Wrapped: 1}},
	"a byte behind":       {header(0, 1, 96) + track(first+second+end) + "\n", "<0+96>>96+96", map[string]int{Wrapped: 1}},
	"notes after the end": {header(1, 2, 96) + track(first+end+second+end) + track(second+end), "<0+96>>0+96", map[string]int{AfterEnd: 1}},
	"words after the end": {header(0, 1, 96) + track(first+second+end+"ann@example.org"), "<0+96>>96+96", map[string]int{AfterEnd: 1}},
	"too few tracks":      {header(1, 1, 96) + track(first+end) + track(second+end), "<0+96>>0+96", map[string]int{Disorder: 1}},
	"too many tracks":     {header(1, 9, 96) + track(first+end) + track(second+end), "<0+96>>0+96", map[string]int{Disorder: 1}},
	"long header":         {"MThd\x00\x00\x00\x08\x00\x00\x00\x01\x00\x60ab" + track(first+second+end), "<0+96>>96+96", map[string]int{Wrapped: 1}},
	"endless header":      {"MThd\xff\xff\xff\xff\x00\x00\x00\x01\x00\x60" + track(first+second+end), "<0+96>>96+96", map[string]int{WrongLength: 1}},
	"header of 0 bytes":   {"MThd\x00\x00\x00\x00\x00\x00\x00\x01\x00\x60" + track(first+second+end), "<0+96>>96+96", map[string]int{WrongLength: 1}},
	"number of 5 bytes":   {header(0, 1, 96) + track("\x80\x80\x80\x80\x00\x90\x3c\x40"+"\x80\x80\x80\x80\x60\x80\x3c\x00"+second+end), "<0+96>>96+96", nil},
	"RIFF":                {riff(header(0, 1, 96) + track(first+second+end)), "<0+96>>96+96", map[string]int{Wrapped: 1}},
	"RIFF, odd":           {riff(header(0, 1, 96) + track(first+second+"\x00\xff\x01\x01x"+end)), "<0+96>>96+96", map[string]int{Wrapped: 1}},
	"MacBinary":           {"\x00\x04song" + strings.Repeat("\x00", 122) + header(0, 1, 96) + track(first+second+end), "<0+96>>96+96", map[string]int{Wrapped: 1}},
	"ends without begin":  {header(0, 1, 96) + track("\x00\x80\x40\x00"+first+"\x00\x80\x40\x00"+second+end), "<0+96>>96+96", nil},
	"overlap":             {header(0, 1, 96) + track("\x00\x90\x3c\x40"+"\x30\x3c\x40"+"\x30\x3c\x00"+"\x30\x3c\x00"+end), "<0+96<48+96", nil},
	"sounding":            {header(0, 1, 96) + track("\x00\x90\x3c\x40"+"\x60\x90\x3e\x40"+"\x60\xff\x2f\x00"), "<0+192>>96+96", map[string]int{OpenNotes: 2}},
	"last event cut":      {header(0, 1, 96) + track(first + second + end)[:8+14], "<0+96>>96+96", map[string]int{Truncated: 1, OpenNotes: 1}},
}

// played writes notes as foreignFiles does: < for a C and >> for a D, start and length.
func played(notes []Note) string {
	var out strings.Builder
	for _, n := range notes {
		out.WriteString(map[uint8]string{60: "<", 62: ">>"}[n.Pitch])
		out.WriteString(strconv.FormatInt(n.At, 10) + "+" + strconv.FormatInt(n.Length, 10))
	}
	return out.String()
}

func TestForeignFiles(t *testing.T) {
	for name, c := range foreignFiles {
		s, repairs, err := Read([]byte(c.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := played(s.Notes); got != c.notes || !maps.Equal(repairs, c.repairs) {
			t.Errorf("%s: plays %s, want %s; repaired %v, want %v", name, got, c.notes, repairs, c.repairs)
		}
	}
}
