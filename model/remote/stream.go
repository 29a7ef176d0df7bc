package remote

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"atelier/internal/badinput"
)

// A stream reads an answer.
type stream struct {
	host  string
	heard func() // that the server is alive
	show  func(string)
	hide  func(string) string // takes the key out of what the server said
	text  strings.Builder
	cut   bool // as long as was asked for
	ended bool // the server said so
	other bool // it sent lines that are no part of an answer
}

// A chunk is an event of an answer, or a whole answer.
type chunk struct {
	Choices []struct {
		Delta   struct{ Content string } `json:"delta"`
		Message struct{ Content string } `json:"message"`
		Why     string                   `json:"finish_reason"`
	} `json:"choices"`
	Error json.RawMessage `json:"error"`
}

// whole reads an answer that is not sent as events.
func (s *stream) whole(r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, mostAnswer+1))
	switch {
	case err != nil:
		return s.broken()
	case len(text) > mostAnswer:
		return s.long()
	}
	if err := s.take(text); err != nil {
		return err
	}
	s.other = s.text.Len() == 0 && !s.ended
	return s.check()
}

// isField reports whether a line is a comment, blank, or another field of an event.
func isField(line []byte) bool {
	line = bytes.TrimSpace(line)
	name, _, _ := bytes.Cut(line, []byte(":"))
	return len(line) == 0 || slices.Contains([]string{"", "event", "id", "retry"}, string(name))
}

// events reads server-sent events, each of which is a line of data, up to data: [DONE].
func (s *stream) events(r io.Reader) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	var line []byte
	for {
		part, err := lines.ReadSlice('\n')
		if line = append(line, part...); len(line) > mostLine {
			return fmt.Errorf("the model remote: %s sends a line of more than %d MiB", s.host, mostLine>>20)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		data, is := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data:"))
		data = bytes.TrimSpace(data)
		if err == nil || is && json.Valid(data) { // a last line that is cut says nothing
			s.heard()
			switch {
			case !is:
				s.other = s.other || !isField(line)
			case string(data) == "[DONE]":
				s.ended = true
				return s.check()
			default:
				if err := s.take(data); err != nil {
					return err
				}
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) && !s.ended {
				return s.broken()
			}
			return s.check()
		}
		line = line[:0]
	}
}

// take takes an event.
func (s *stream) take(data []byte) error {
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("the model remote: %s sends what is no answer: %s", s.host, printable(s.hide(string(data))))
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		return &problem{host: s.host, text: printable(s.hide(messageOf(c.Error)))}
	}
	if len(c.Choices) == 0 {
		return nil // of usage, for one
	}
	first := c.Choices[0]
	if piece := first.Delta.Content + first.Message.Content; piece != "" {
		if s.text.Len()+len(piece) > mostAnswer {
			return s.long()
		}
		piece = strings.ToValidUTF8(piece, "\uFFFD")
		s.text.WriteString(piece)
		if s.show != nil {
			s.show(piece)
		}
	}
	s.ended = s.ended || first.Why != ""
	s.cut = s.cut || first.Why == "length"
	return nil
}

// check refuses an answer that is not complete.
func (s *stream) check() error {
	switch {
	case !s.ended:
		return s.broken()
	case s.text.Len() == 0 && s.cut:
		return badinput.Errorf("the model remote: all tokens went into what the model does not show, such as its thoughts: ask for a greater --length")
	case s.text.Len() == 0:
		return fmt.Errorf("the model remote: the answer of %s is empty", s.host)
	}
	return nil
}

// broken is the error of an answer that is cut; before anything was said, it is asked for again.
func (s *stream) broken() error {
	if s.text.Len() == 0 && s.other {
		return badinput.Errorf("the model remote: %s sends what is no answer of a model: is the address in %s that of an OpenAI-compatible server? %s", s.host, AddressVariable, endsInV1)
	}
	if s.text.Len() == 0 {
		return &passing{fmt.Errorf("the model remote: %s breaks off before it says anything", s.host)}
	}
	return fmt.Errorf("the model remote: %s breaks off in the middle of its answer", s.host)
}

func (s *stream) long() error {
	return fmt.Errorf("the model remote: the answer of %s has more than %d MiB", s.host, mostAnswer>>20)
}

// passing is an error that may not come again.
type passing struct{ error }

func (*passing) Is(target error) bool { return target == errAgain }

// unreachable says why there is no answer. An error of net/http may hold the whole request.
func (c *Client) unreachable(err error) error {
	var at *url.Error
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return badinput.Errorf("the model remote: there is no host %s: check %s", c.base.Hostname(), AddressVariable)
	case errors.Is(err, syscall.ECONNREFUSED):
		return badinput.Errorf("the model remote: no server listens at %s: start it, or check %s", c.base.Host, AddressVariable)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("the model remote: %s does not answer in time", c.base.Host)
	case errors.As(err, &at):
		err = at.Err
	}
	return &passing{fmt.Errorf("the model remote: %s cannot be asked: %s", c.base.Host, printable(c.without(err.Error())))}
}
