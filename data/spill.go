package data

import (
	"bufio"
	"os"

	"atelier/internal/durable"
	"atelier/internal/mapped"
)

// mostHeld is how many bytes of tokens of a part stay in memory while they are learned from.
const mostHeld = 64 << 20

// A scratch is a file that has no name, and is gone when the program ends. The tokens of large
// texts lie in it.
type scratch struct {
	file *os.File
	to   *bufio.Writer
	dir  string
	most int // bytes of a part that stay in memory
	size int
}

// openScratch returns a scratch in a folder, or nil if none can be made there: some systems do not
// let go of the name of an open file.
func openScratch(dir string, most int) *scratch {
	if dir == "" || os.MkdirAll(dir, 0o777) != nil {
		return nil
	}
	f, err := os.CreateTemp(dir, ".texts-*")
	if err != nil {
		return nil
	}
	if os.Remove(f.Name()) != nil {
		f.Close()
		os.Remove(f.Name())
		return nil
	}
	return &scratch{file: f, to: bufio.NewWriterSize(f, 1<<20), dir: dir, most: most}
}

// write appends tokens.
func (s *scratch) write(tokens []int32) error {
	n, err := s.to.Write(inMemory(Column{Ints: tokens}))
	s.size += n
	return durable.Explain(s.dir, err)
}

// mapping maps what was written, nil if that is nothing, and closes the file.
func (s *scratch) mapping() (*mapping, error) {
	defer s.file.Close()
	if s.size == 0 {
		return nil, nil
	}
	if err := s.to.Flush(); err != nil {
		return nil, durable.Explain(s.dir, err)
	}
	f, err := mapped.From(s.file, maxBytes)
	if err != nil {
		return nil, err
	}
	return mappingOf(f), nil
}

// A spill is the shelf of a part that is texts: they stay in memory until they are too large for
// it, and then go to the scratch.
type spill struct {
	*Dataset
	scratch *scratch
	part    partHeader // of the texts in the scratch
	held    windows    // the texts in memory
	bytes   int        // of the tokens so far
}

// addText implements [shelf].
func (s *spill) addText(tokens []int32, class int32) error {
	if s.bytes += 4 * len(tokens); s.bytes <= s.scratch.most {
		s.held.texts, s.held.class = append(s.held.texts, tokens), append(s.held.class, class)
		return nil
	}
	for i, text := range s.held.texts {
		if err := s.spill(text, s.held.class[i]); err != nil {
			return err
		}
	}
	s.held = windows{}
	return s.spill(tokens, class)
}

// spill writes a text to the scratch.
func (s *spill) spill(tokens []int32, class int32) error {
	s.part.Texts = append(s.part.Texts, len(tokens))
	if s.labelled() {
		s.part.Classes = append(s.part.Classes, class)
	}
	return s.scratch.write(tokens)
}

// finish hands the texts to the set, and returns the numbers of the parts behind it.
func (s *spill) finish(m *mapping, numbers []byte) (rest []byte, err error) {
	for i, text := range s.held.texts {
		if err := s.Dataset.addText(text, s.held.class[i]); err != nil {
			return nil, err
		}
	}
	if len(s.part.Texts) == 0 {
		return numbers, nil
	}
	s.mapped = m
	return s.lay(s.part, numbers)
}
