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
// texts lie in it. It is made when it is needed.
type scratch struct {
	dir  string
	most int // bytes of a part that stay in memory
	file *os.File
	to   *bufio.Writer
	size int
	// memory is the room in memory, if no such file can be made: some systems do not remove the
	// name of an open file.
	memory *room
}

// opened reports whether there is a file, which it makes at first.
func (s *scratch) opened() bool {
	if s.file == nil && s.memory == nil {
		if s.file = nameless(s.dir); s.file == nil {
			r := memoryRoom()
			s.memory = &r
		} else {
			s.to = bufio.NewWriterSize(s.file, 1<<20)
		}
	}
	return s.file != nil
}

// nameless returns a new file without a name in a folder, nil if none can be made.
func nameless(dir string) *os.File {
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
	return f
}

// write appends tokens.
func (s *scratch) write(tokens []int32) error {
	n, err := s.to.Write(inMemory(Column{Ints: tokens}))
	s.size += n
	return durable.Explain(s.dir, err)
}

// mapping maps what was written, nil if that is nothing, and closes the file.
func (s *scratch) mapping() (*mapping, error) {
	if s.file == nil {
		return nil, nil
	}
	defer s.file.Close()
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
	if s.bytes += 4 * len(tokens); s.bytes <= s.scratch.most || !s.scratch.opened() {
		if r := s.scratch.memory; r != nil && s.bytes > r.bytes {
			return r.fewerTexts()
		}
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
