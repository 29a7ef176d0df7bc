package synth

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"

	"atelier/internal/badinput"
)

// A Font is a SoundFont: recorded instruments. Several synthesizers may play it at a time.
type Font struct {
	presets     []preset
	instruments [][]zone
	samples     []*sample

	file    []byte // of the samples
	mutex   sync.Mutex
	decoded int // samples
}

// A preset is what a program of a bank plays: zones of instruments.
type preset struct {
	name          string
	bank, program int32
	zones         []zone
}

// A zone is what a font says of some of the keys and velocities: numbers by kind, and what moves them.
type zone struct {
	numbers    []number
	modulators []modulator
}

type number struct {
	kind  uint16
	value int16
}

const errBeyond = "is a damaged SoundFont: its instruments or samples lie beyond its end"

// OpenFont reads a SoundFont, SF2 or SF3. The errors complete a sentence that begins with the name
// of the file.
func OpenFont(file []byte) (*Font, error) {
	parts, err := partsOf(file)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	f := &Font{file: parts.samples}
	if err := f.readSamples(parts.tables["shdr"]); err != nil {
		return nil, badinput.Mark(err)
	}
	t := tables{all: parts.tables}
	for _, head := range t.list("inst", 22) {
		f.instruments = append(f.instruments, t.zones(head[20:], "ibag", "igen", "imod", sampleID, len(f.samples)))
	}
	for _, head := range t.list("phdr", 38) {
		name, _, _ := bytes.Cut(head[:20], []byte{0})
		f.presets = append(f.presets, preset{name: strings.TrimSpace(string(name)), program: int32(word(head[20:])), bank: int32(word(head[22:])),
			zones: t.zones(head[24:], "pbag", "pgen", "pmod", instrument, len(f.instruments))})
	}
	if t.broken {
		return nil, badinput.Errorf(errBeyond)
	}
	if len(f.presets) == 0 {
		return nil, badinput.Errorf("is a SoundFont without instruments")
	}
	return f, nil
}

func word(b []byte) int { return int(binary.LittleEndian.Uint16(b)) }

// tables are those of a font. The last entry of each ends the one before.
type tables struct {
	all    map[string][]byte
	broken bool
}

// list are the entries of a table, each with the bytes that follow it.
func (t *tables) list(name string, size int) (all [][]byte) {
	b := t.all[name]
	for ; len(b) >= 2*size; b = b[size:] {
		all = append(all, b)
	}
	return all
}

// between are the entries of a table from one number to that in the next entry of another table.
func (t *tables) between(entry []byte, step int, name string, size int) []byte {
	from, to := size*word(entry), size*word(entry[step:])
	if b := t.all[name]; from <= to && to <= len(b) {
		return b[from:to]
	}
	t.broken = true
	return nil
}

// zones are those of an instrument or a preset. The first one speaks for all of them if it does not
// name what it plays, and the others are passed over without it.
func (t *tables) zones(head []byte, bags, numbers, modulators string, names uint16, named int) (all []zone) {
	const bag = 4
	step := 22
	if names == instrument {
		step = 38
	}
	var general zone
	own := t.between(head, step, bags, bag)
	for i := 0; i < len(own); i += bag {
		// One entry more than the zones: it says where the last ends.
		here := t.all[bags][bag*word(head)+i:]
		if len(here) < 2*bag {
			t.broken = true
			return nil
		}
		var z zone
		entries := t.between(here, bag, numbers, 4)
		for ; len(entries) >= 4; entries = entries[4:] {
			z.numbers = append(z.numbers, number{uint16(word(entries)), int16(word(entries[2:]))})
		}
		if len(t.all[modulators]) > 0 {
			z.modulators = readModulators(t.between(here[2:], bag, modulators, modulatorSize))
		}
		if last := len(z.numbers) - 1; last < 0 || z.numbers[last].kind != names {
			if i == 0 {
				general = z
			}
			continue
		} else if int(uint16(z.numbers[last].value)) >= named {
			t.broken = true
			return nil
		}
		z.numbers = append(general.numbers[:len(general.numbers):len(general.numbers)], z.numbers...)
		z.modulators = superseded(general.modulators, z.modulators)
		all = append(all, z)
	}
	return all
}

// A sample is a recording. Its loop is counted from its start.
type sample struct {
	name               string
	file               []byte // of it, and of what follows
	length             int32  // samples; of a compressed one, it is known once it is decoded
	loopStart, loopEnd int32
	rate               int32
	root, correction   int32
	compressed         bool
	wave               []int16 // with silence at its end; nil before it is first played
}

const (
	compressed  = 0x10    // flag of the type of a sample compressed with Ogg Vorbis, as in SF3
	inMemory    = 0x8000  // flag of a sample in the ROM of a sound card
	mostDecoded = 1 << 28 // decoded samples of a font
	fastestRate = 1 << 20 // samples a second
	silentEnd   = 46      // samples of silence after each, as the standard has it
)

// readSamples reads what is said of samples.
func (f *Font) readSamples(table []byte) error {
	marked := false
	const size = 46
	for ; len(table) >= 2*size; table = table[size:] {
		name, _, _ := bytes.Cut(table[:20], []byte{0})
		at := func(i int) int64 { return int64(binary.LittleEndian.Uint32(table[20+4*i:])) }
		start, end, kind := at(0), at(1), word(table[44:])
		s := &sample{name: string(name), rate: int32(min(at(4), fastestRate)), root: int32(table[40]), correction: int32(int8(table[41])), compressed: kind&compressed != 0}
		f.samples = append(f.samples, s)
		unit := int64(2) // bytes
		loopStart, loopEnd := at(2)-start, at(3)-start
		if s.compressed { // start and end count bytes
			marked, unit, loopStart, loopEnd = true, 1, at(2), at(3)
		}
		if kind&inMemory != 0 {
			start, end = 0, 0
		}
		if end < start || unit*end > int64(len(f.file)) {
			return fmt.Errorf("is a damaged SoundFont: the sample %q lies beyond the others", name)
		}
		s.loopStart, s.loopEnd = int32(max(-1, min(loopStart, mostDecoded))), int32(max(-1, min(loopEnd, mostDecoded)))
		if s.compressed {
			s.file = f.file[start:end]
			if !bytes.HasPrefix(s.file, ogg) {
				return fmt.Errorf("has the compressed sample %q, which is not Ogg Vorbis", name)
			}
			continue
		}
		s.length = int32(end - start)
		s.file = f.file[2*start : min(2*(end+silentEnd), int64(len(f.file)))]
	}
	if !marked && bytes.HasPrefix(f.file, ogg) {
		return errors.New("has compressed samples that are not marked as such, and would sound as noise: want SF2, or SF3 as MuseScore writes it")
	}
	return nil
}

// load decodes a sample when it is first played: of large fonts a piece plays a small part.
func (f *Font) load(s *sample) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if s.wave != nil {
		return nil
	}
	var wave []int16
	if s.compressed {
		decoded, err := decodeOgg(s.file, mostDecoded-f.decoded)
		if err != nil {
			return badinput.Errorf("has the compressed sample %q, which cannot be decoded: %w", s.name, err)
		}
		s.length = int32(len(decoded))
		wave = make([]int16, len(decoded)+silentEnd)
		copy(wave, decoded)
	} else {
		wave = make([]int16, s.length+silentEnd)
		for i := range wave[:min(len(wave), len(s.file)/2)] {
			wave[i] = int16(word(s.file[2*i:]))
		}
	}
	if s.loopStart < 0 || s.loopEnd <= s.loopStart || s.loopEnd > s.length {
		s.loopStart, s.loopEnd = 0, max(1, s.length)
	}
	f.decoded += len(wave)
	s.wave = wave
	return nil
}
