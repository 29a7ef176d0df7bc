package source

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/matfile"
	"atelier/internal/midi"
	score "atelier/internal/music"
)

func init() {
	data.Sources.Add("rolls", "piano rolls in a MATLAB 5 file, as those of Boulanger-Lewandowski, Bengio, Vincent (2012, arXiv:1206.6392), as MIDI",
		func() data.Source { return &Rolls{Tempo: 60} })
}

// Rolls reads piano rolls: cell arrays traindata, validdata and testdata of matrices with a row
// a quarter note and a column for each of the 88 keys of a piano, from the lowest. A key that
// stays down is one note. What is for choosing, validdata, belongs to the training part.
type Rolls struct {
	Path  string `help:"the file, ending in .mat"`
	Tempo int    `help:"tempo in quarter notes a minute, 20 to 400"`
}

const (
	lowestKey  = 21 // the pitch of the first key of a piano
	pianoKeys  = 88
	mostFrames = 1 << 16
	mostMat    = 64 << 20
)

// Check refuses a tempo out of range.
func (s *Rolls) Check() error {
	if s.Tempo < 20 || s.Tempo > 400 {
		return fmt.Errorf("tempo: want 20 to 400, got %d", s.Tempo)
	}
	return nil
}

// SetName is the name of the file.
func (s *Rolls) SetName() string {
	return strings.TrimSuffix(filepath.Base(s.Path), filepath.Ext(s.Path))
}

// LocalPath is the file.
func (s *Rolls) LocalPath() string { return s.Path }

// Divided reports that the file has two parts.
func (s *Rolls) Divided() bool { return true }

// Recognize takes .mat files.
func (s *Rolls) Recognize(place string) data.Fit {
	if !strings.EqualFold(filepath.Ext(place), ".mat") {
		return data.Unfit
	}
	s.Path = place
	return data.Meant
}

// Items yields the pieces of a part as MIDI files, named after their array and number.
func (s *Rolls) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	if err := s.Check(); err != nil {
		return fails(fmt.Errorf("rolls %w", err))
	}
	return func(yield func(data.Item, error) bool) {
		all, err := s.read()
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		arrays := []string{"traindata", "validdata"}
		if split == data.Test {
			arrays = []string{"testdata"}
		}
		for _, name := range arrays {
			for i, roll := range all[name].Cells {
				place := fmt.Sprintf("%s/%03d", strings.TrimSuffix(name, "data"), i)
				file, err := s.piece(roll)
				it := data.Item{Name: place, MediaType: midiType, Bytes: file, Group: place, Origin: data.Origin{Place: s.Path + "/" + place}}
				if err == nil {
					err = ctx.Err()
				} else {
					err = badinput.Errorf("%s, %s: %w", s.Path, place, err)
				}
				if !yield(it, err) || err != nil {
					return
				}
			}
		}
	}
}

// read reads the file.
func (s *Rolls) read() (map[string]*matfile.Array, error) {
	info, err := os.Stat(s.Path)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	if info.Size() > mostMat {
		return nil, badinput.Errorf("%s has %d bytes; want at most %d", s.Path, info.Size(), mostMat)
	}
	file, err := os.ReadFile(s.Path)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	all, err := matfile.Read(file)
	if err != nil {
		return nil, badinput.Errorf("%s %w", s.Path, err)
	}
	for _, name := range []string{"traindata", "validdata", "testdata"} {
		if all[name] == nil || all[name].Cells == nil {
			return nil, badinput.Errorf("%s has no cells %s; want traindata, validdata and testdata", s.Path, name)
		}
	}
	return all, nil
}

// piece writes a roll as a MIDI file.
func (s *Rolls) piece(roll *matfile.Array) ([]byte, error) {
	if len(roll.Dims) != 2 || roll.Dims[1] != pianoKeys || roll.Dims[0] < 1 || roll.Dims[0] > mostFrames || roll.Numbers == nil {
		return nil, errors.New("is no roll of 88 keys")
	}
	const quarter = 480
	frames := roll.Dims[0]
	piece := &score.Score{Quarter: quarter, Tempos: []midi.Tempo{{Micros: int64(60_000_000 / s.Tempo)}}, Parts: make([]score.Part, 1), End: int64(frames) * quarter}
	notes := &piece.Parts[0].Notes
	for key := range pianoKeys {
		last := -1 // the frame that the key was last down in
		for t := range frames {
			if roll.At(t, key) == 0 {
				continue
			}
			if last == t-1 && t > 0 {
				(*notes)[len(*notes)-1].Length += quarter
			} else {
				*notes = append(*notes, score.Note{At: int64(t) * quarter, Length: quarter, Pitch: uint8(lowestKey + key), Velocity: 80})
			}
			last = t
		}
	}
	if len(*notes) == 0 {
		return nil, errors.New("is silent")
	}
	piece.Sort()
	file, _, err := piece.Write(score.MIDI)
	return file, err
}
