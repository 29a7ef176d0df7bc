package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"atelier/app"
	"atelier/data"
)

func TestLine(t *testing.T) {
	p := progress{step: 1200, total: 4000, stats: map[string]float64{"G/loss": 0.88, "D/loss": 0.61, "D/real": 0.7}, rate: 41, left: 68 * time.Second}
	for _, c := range []struct {
		p     progress
		width int
		want  string
	}{
		{p, 0, "step 1200/4000 30% · D 0.61 G 0.88 · 41 it/s · 1m08s left"},
		{p, 65, "step 1200/4000 ▕█▌   ▏ 30% · D 0.61 G 0.88 · 41 it/s · 1m08s left"},
		{p, 20, "step 1200/4000 30% ·"},
		{progress{step: 10, total: 20, rate: 1, left: 9 * time.Second, then: "scores"}, 0, "step 10/20 50% · 1.0 it/s · 9s left, then scores"},
		{progress{step: 4000, total: 4000, rate: 0.5}, 0, "step 4000/4000 100% · 0.5 it/s"},
		{progress{total: 10}, 80, "step 0/10 ▕                        ▏ 0%"},
		{progress{}, 0, "step 0/0 0%"},
	} {
		got := c.p.line(c.width)
		if got != c.want {
			t.Errorf("width %d: %q, want %q", c.width, got, c.want)
		}
		if n := utf8.RuneCountInString(got); c.width > 0 && n > c.width {
			t.Errorf("%q has %d characters, more than %d", got, n, c.width)
		}
	}
}

func TestFormatLeft(t *testing.T) {
	for d, want := range map[time.Duration]string{8 * time.Second: "8s", 59999 * time.Millisecond: "1m00s", 125 * time.Minute: "2h05m",
		76 * time.Hour: "3d04h", 5 * 365 * 24 * time.Hour: "5 years", longest: "more than 100 years", 1<<63 - 1: "more than 100 years"} {
		if got := formatLeft(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// clocked runs 1,000 steps of 20 ms and returns what the meter wrote.
func clocked(width int) string {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	m := newMeter(&console{err: &out, terminal: func() int { return width }})
	m.now = func() time.Time { return now }
	for step := range 1000 {
		now = now.Add(20 * time.Millisecond)
		m.show(step+1, 1000, nil)
		if step == 500 {
			m.notice("halfway")
		}
	}
	m.done()
	return out.String()
}

func TestMeterOnTerminal(t *testing.T) {
	out := clocked(60)
	// 20 s at 10 a second, and the last one.
	if n := strings.Count(out, "\r\x1b[K"); n < 195 || n > 205 {
		t.Errorf("drawn %d times", n)
	}
	if n := strings.Count(out, "\n"); n != 2 {
		t.Errorf("%d lines, want the notice and the last", n)
	}
	if !strings.Contains(out, "\r\x1b[Khalfway\n") || !strings.HasSuffix(out, "50 it/s\n") {
		t.Errorf("%q", out[max(0, len(out)-200):])
	}
}

func TestMeterPiped(t *testing.T) {
	out := clocked(0)
	if n := strings.Count(out, "\n"); n < 18 || n > 22 || strings.ContainsAny(out, "\r\x1b") {
		t.Errorf("%d lines:\n%s", n, out)
	}
}

// Samples that come in a burst tell no rate.
func TestMeterOfBursts(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	m := newMeter(&console{err: &out})
	m.now = func() time.Time { return now }
	for step := range 64 {
		now = now.Add(time.Microsecond)
		m.show(step+1, 64, nil)
	}
	if got := out.String(); got != "step 64/64 100%\n" {
		t.Errorf("%q", got)
	}
}

// The line follows a window that changes while the work goes on.
func TestMeterFollowsTheWindow(t *testing.T) {
	var out bytes.Buffer
	now, width := time.Unix(0, 0), 80
	m := newMeter(&console{err: &out, terminal: func() int { return width }})
	m.now = func() time.Time { return now }
	for _, width = range []int{80, 30, 120} {
		for range 2 {
			now = now.Add(time.Second)
			m.show(m.last.step+1, 1000, map[string]float64{"G/loss": 1})
		}
		drawn := out.String()
		line := drawn[strings.LastIndex(drawn, "\x1b[K")+len("\x1b[K"):]
		if n := utf8.RuneCountInString(line); n > width-1 || n < min(width-1, 50) {
			t.Errorf("a line of %d characters for a window of %d: %q", n, width, line)
		}
	}
}

// Work of unknown length leaves no line behind on a terminal.
func TestMeterOfStages(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	m := newMeter(&console{err: &out, terminal: func() int { return 20 }})
	m.now = func() time.Time { return now }
	for n, name := range []string{"reading", "reading", "drawing samples for scores, 1 of 3:"} {
		now = now.Add(time.Second)
		m.stage(name, n, 0)
	}
	m.done()
	if got, want := out.String(), "\r\x1b[Kreading 1\r\x1b[Kdrawing samples for\r\x1b[K"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The time left counts what follows the last step, where that is known.
func TestMeterCountsWhatFollows(t *testing.T) {
	for takes, want := range map[time.Duration]string{0: "· 8s left, then scores\n", time.Minute: "· 1m08s left\n"} {
		var out bytes.Buffer
		now := time.Unix(0, 0)
		m := newMeter(&console{err: &out})
		m.now = func() time.Time { return now }
		for step := 1; step <= 3; step++ {
			now = now.Add(8 * time.Second)
			m.showBefore(step, 4, nil, "scores", takes)
		}
		if !strings.HasSuffix(out.String(), want) {
			t.Errorf("%v: %q, want %q", takes, out.String(), want)
		}
	}
}

// What is written to the terminal, an answer or a question, stands on a line of its own, and no
// progress follows an answer that has begun.
func TestProgressGivesWay(t *testing.T) {
	for name, write := range map[string]func(c *cli, m *meter, env *app.Env){
		"an answer": func(c *cli, m *meter, env *app.Env) {
			read := false
			c.reading(m, env, &read)
			env.Text("I am ")
			env.Working("reading", 3, 0)
			env.Text("here.")
		},
		"a file": func(_ *cli, m *meter, _ *app.Env) {
			to, err := newOutput(t.Context(), stdout, newGuard(false))
			if err != nil {
				t.Fatal(err)
			}
			if err := m.before(to)(data.Item{Name: "none.txt", Bytes: nil}); err != nil {
				t.Fatal(err)
			}
			m.out.Write([]byte("I am here."))
		},
	} {
		var out bytes.Buffer
		now := time.Unix(0, 0)
		c := &cli{console: &console{out: &out, err: &out, terminal: func() int { return 80 }}}
		m := newMeter(c.console)
		m.now = func() time.Time { now = now.Add(time.Second); return now }
		env := &app.Env{Watcher: m.watcher()}
		env.Working("reading", 1, 0)
		env.Working("reading", 2, 0)
		write(c, m, env)
		if got, want := out.String(), "\r\x1b[Kreading 2\r\x1b[KI am here."; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// The pages that a process has read are told while it runs.
func TestPagesAreCounted(t *testing.T) {
	said, told := &bounded{most: 100}, make(chan int, 1)
	err := counting(func(pages int) {
		select {
		case told <- pages:
		default:
		}
	}, said, func() error {
		said.Write([]byte("{}\n{"))
		said.Write([]byte("}\n"))
		for pages := range told {
			if pages == 2 {
				break
			}
		}
		return io.EOF
	})
	if err != io.EOF {
		t.Error(err)
	}
}
