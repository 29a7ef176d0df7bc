package source

import (
	"bufio"
	"compress/gzip"
	"io"
)

// A gunzip decompresses multi-member gzip, optionally padded with zeros, as some programs write it.
type gunzip struct {
	from   *bufio.Reader
	member *gzip.Reader
}

func newGunzip(r io.Reader) (*gunzip, error) {
	from := bufio.NewReaderSize(r, 64<<10)
	member, err := gzip.NewReader(from)
	if err != nil {
		return nil, err
	}
	member.Multistream(false)
	return &gunzip{from, member}, nil
}

func (g *gunzip) Read(p []byte) (int, error) {
	for {
		n, err := g.member.Read(p)
		if n > 0 && err == io.EOF {
			err = nil // it is reported again by the next read
		}
		if n > 0 || err != io.EOF {
			return n, err
		}
		if err := g.next(); err != nil {
			return 0, err
		}
	}
}

// next begins the next member; [io.EOF] if only zeros follow.
func (g *gunzip) next() error {
	for padded := false; ; padded = true {
		b, err := g.from.ReadByte()
		if err != nil {
			return err
		}
		if b == 0 {
			continue
		}
		if err := g.from.UnreadByte(); err != nil {
			return err
		}
		if padded {
			return gzip.ErrHeader
		}
		if err := g.member.Reset(g.from); err != nil {
			return err
		}
		g.member.Multistream(false)
		return nil
	}
}
