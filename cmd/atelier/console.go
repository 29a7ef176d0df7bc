package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"golang.org/x/term"

	"atelier/internal/badinput"
)

// A console prints results and progress.
type console struct {
	out, err io.Writer
	in       io.Reader  // where a person can be asked, nil where none is
	terminal func() int // the width of the terminal that progress is shown on; nil if it is none
	aligned  bool       // whether out is a terminal
	coloured bool
}

// usualWidth is the width assumed if a terminal does not report one.
const usualWidth = 80

func newConsole(out, err *os.File) *console {
	c := &console{out: &sink{File: out}, err: err, aligned: term.IsTerminal(int(out.Fd()))}
	c.coloured = c.aligned && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if fd := int(err.Fd()); term.IsTerminal(fd) {
		c.terminal = func() int {
			width, _, err := term.GetSize(fd)
			if err != nil || width <= 0 {
				return usualWidth
			}
			return width
		}
	}
	if c.aligned && c.terminal != nil && term.IsTerminal(int(os.Stdin.Fd())) {
		c.in = os.Stdin
	}
	return c
}

// width is the current width of the terminal, 0 if there is none.
func (c *console) width() int {
	if c.terminal == nil {
		return 0
	}
	return c.terminal()
}

// A sink is standard output. It keeps the first error, since print calls ignore errors.
type sink struct {
	*os.File
	err error
}

// Write implements [io.Writer].
func (s *sink) Write(b []byte) (int, error) {
	n, err := s.File.Write(b)
	if s.err == nil {
		s.err = err
	}
	return n, err
}

// lost returns an error if output was lost.
func (c *console) lost() error {
	if s, ok := c.out.(*sink); ok && s.err != nil {
		return fmt.Errorf("the output is incomplete: %w", s.err)
	}
	return nil
}

// say prints a line of results. The lines are those of the format: an end of a line in an
// argument, such as the name of a file, is escaped.
func (c *console) say(format string, args ...any) {
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			args[i] = unbroken(arg)
		case fmt.Stringer:
			args[i] = unbroken(arg.String())
		}
	}
	c.text(fmt.Sprintf(format, args...))
}

// text prints lines of results.
func (c *console) text(lines string) { fmt.Fprintln(c.out, visible(lines)) }

// unbroken escapes the ends of lines in a text.
func unbroken(text string) string { return strings.ReplaceAll(text, "\n", `\n`) }

// warn tells on a line what is wrong with something that is shown all the same.
func (c *console) warn(of, line string) {
	fmt.Fprintf(c.err, "atelier: %s: %s\n", visible(unbroken(of)), oneLine(errors.New(line)))
}

// ask asks for confirmation on a terminal before something is removed irreversibly, or before
// much is downloaded; without a terminal it fails with the message otherwise.
func (c *console) ask(question, otherwise string) (bool, error) {
	if c.in == nil {
		return false, badinput.Errorf("%s", otherwise)
	}
	fmt.Fprint(c.err, visible(question+" [y/N] "))
	answer, err := bufio.NewReader(c.in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true, nil
	}
	if err != nil {
		fmt.Fprintln(c.err)
	}
	c.say("nothing was done")
	return false, nil
}

// visible escapes control characters and those that change the text direction: names come
// from untrusted sources, and a terminal would obey them. Tabs and newlines stay.
func visible(text string) string {
	hostile := func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' || r >= '\u2028' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	}
	if strings.IndexFunc(text, hostile) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if hostile(r) {
			quoted := strconv.QuoteToASCII(string(r))
			b.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// json prints a value as indented JSON.
func (c *console) json(v any) error {
	e := json.NewEncoder(c.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// breaks are the characters that would end a cell of a table.
var breaks = strings.NewReplacer("\n", " ", "\t", " ")

// table prints rows under a header: in columns on a terminal, else with tabs
// between the cells, for other programs to read.
func (c *console) table(header []string, rows [][]string) {
	var lines bytes.Buffer
	for _, row := range append([][]string{header}, rows...) {
		for i, cell := range row {
			if i > 0 {
				lines.WriteByte('\t')
			}
			lines.WriteString(visible(breaks.Replace(cell)))
		}
		lines.WriteByte('\n')
	}
	if !c.aligned {
		c.out.Write(lines.Bytes())
		return
	}
	var columns bytes.Buffer
	w := tabwriter.NewWriter(&columns, 0, 8, 2, ' ', 0)
	w.Write(lines.Bytes())
	w.Flush()
	head, rest, _ := strings.Cut(columns.String(), "\n")
	fmt.Fprintf(c.out, "%s\n%s", c.bold(head), rest)
}

func (c *console) bold(s string) string {
	if !c.coloured {
		return s
	}
	return "\x1b[1m" + s + "\x1b[0m"
}
