package library

import "atelier/data"

// signatures finds the signature of an Item by its index in the set.
type signatures struct {
	file   sketchFile
	at     []int64
	size   []uint16
	briefs []data.Brief // empty if the cleaner does not use them
}

func newSignatures(file sketchFile, n int, hasty bool) *signatures {
	s := &signatures{file: file, at: make([]int64, n), size: make([]uint16, n)}
	if hasty {
		s.briefs = make([]data.Brief, n)
	}
	return s
}

func (s *signatures) add(i int32, of sketched) {
	s.at[i], s.size[i] = of.signature, uint16(of.size)
	if len(s.briefs) > 0 {
		s.briefs[i] = of.brief
	}
}

// brief is the beginning of a signature, nil if the cleaner does not use it.
func (s *signatures) brief(i int32) *data.Brief {
	if len(s.briefs) == 0 {
		return nil
	}
	return &s.briefs[i]
}

// read appends a signature to a slice, whose memory it may use.
func (s *signatures) read(to []byte, i int32) ([]byte, error) {
	begin := len(to)
	to = append(to, make([]byte, s.size[i])...)
	n, err := s.file.file.ReadAt(to[begin:], s.at[i])
	if n == int(s.size[i]) {
		err = nil
	}
	return to, err
}
