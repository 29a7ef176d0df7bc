package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"atelier/internal/pattern"
)

// A contestant is a process that runs rounds of one work. It is idle between rounds.
type contestant struct {
	command  *exec.Cmd
	ask      io.WriteCloser
	answers  *bufio.Reader
	complain bytes.Buffer
}

// start starts a process and waits until it is ready.
func start(command *exec.Cmd) (*contestant, error) {
	c := &contestant{command: command}
	var err error
	if c.ask, err = command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.answers = bufio.NewReader(out)
	command.Stderr = &c.complain
	if err := command.Start(); err != nil {
		return nil, err
	}
	if line, err := c.answer(); err != nil {
		return nil, err
	} else if line != "ready" {
		c.close()
		return nil, fmt.Errorf("%s says %q, want that it is ready", c.command.Path, line)
	}
	return c, nil
}

// round requests a round of the given seconds and returns the rate in units of work.
func (c *contestant) round(seconds float64) (r rate, err error) {
	if _, err := fmt.Fprintln(c.ask, seconds); err != nil {
		return r, c.failed(err)
	}
	line, err := c.answer()
	if err == nil {
		_, err = fmt.Sscan(line, &r.clock, &r.processor)
	}
	return r, err
}

// answer reads a line.
func (c *contestant) answer() (string, error) {
	line, err := c.answers.ReadString('\n')
	if err != nil {
		return "", c.failed(err)
	}
	return strings.TrimSpace(line), nil
}

// failed ends a process that did not answer, and says how it ended.
func (c *contestant) failed(err error) error {
	if ended := c.end(); ended != nil {
		err = ended
	}
	return &ChildError{Command: c.command.Args, How: err, Said: c.complain.String()}
}

// close ends the process; the exit status after its answers is irrelevant.
func (c *contestant) close() { _ = c.end() }

// end ends the process by closing its input.
func (c *contestant) end() error {
	c.ask.Close()
	return c.command.Wait()
}

// highWater matches the peak memory of a process.
var highWater = pattern.New(`(?m)^VmHWM:\s*(\d+) kB$`)

// peakMemory is the peak memory of the process, in MiB, available only on Linux. The rusage of an
// ended child is unsuitable: a process starts with its parent's memory.
func (c *contestant) peakMemory() (mib float64, ok bool) { return peakMemory(c.command.Process.Pid) }

// peakMemory is the peak memory of a process so far; false if unknown.
func peakMemory(pid int) (mib float64, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, false
	}
	found := highWater().FindSubmatch(text)
	if found == nil {
		return 0, false
	}
	kib, err := strconv.ParseFloat(string(found[1]), 64)
	return kib / 1024, err == nil
}
