package main

import (
	"fmt"
	"maps"
	"time"

	"atelier/data"
)

const (
	redrawEvery = 100 * time.Millisecond
	lineEvery   = 5 * time.Second
	lineShare   = 20          // or after 1/20 of the work, if that takes a fifth of the time
	rateAfter   = time.Second // less tells no rate: samples come in bursts
)

// A meter shows the progress of work on the console: one line drawn over and
// over on a terminal, a plain line now and then elsewhere.
type meter struct {
	*console
	now func() time.Time

	began     time.Time // when the first step was seen done
	first     int       // that step
	last      progress
	shown     time.Time // when a line was last shown
	shownStep int
	open      bool // whether the cursor stands behind a drawn line
	passing   bool // whether that line is of work that leaves none behind
}

func newMeter(c *console) *meter { return &meter{console: c, now: time.Now} }

// show shows a completed step. A statistic that is not measured in every
// step stays on the line.
func (m *meter) show(step, total int, stats map[string]float64) {
	m.showBefore(step, total, stats, "", 0)
}

// showBefore is show of steps that something follows, which takes so long, 0 if nothing
// tells.
func (m *meter) showBefore(step, total int, stats map[string]float64, then string, takes time.Duration) {
	now := m.now()
	if m.began.IsZero() || step <= m.last.step || total != m.last.total { // another piece of work
		m.began, m.first, m.shown, m.shownStep = now, step, now, step
		m.last.stats = map[string]float64{}
	}
	maps.Copy(m.last.stats, stats)
	p := progress{step: step, total: total, stats: m.last.stats, then: then}
	if took := now.Sub(m.began); took >= rateAfter && step > m.first {
		p.rate = float64(step-m.first) / took.Seconds()
		p.left = time.Duration(min(float64(total-step)/p.rate*float64(time.Second), float64(longest))) + takes
		if takes > 0 {
			p.then = ""
		}
	}
	m.last = p
	if !m.due(now, step, total) {
		return
	}
	m.shown, m.shownStep, m.passing = now, step, false
	m.draw(p.line)
}

// draw shows a line made for the width of the terminal, 0 if there is none.
func (m *meter) draw(line func(width int) string) {
	width := m.width()
	if width == 0 {
		fmt.Fprintln(m.err, line(0))
		return
	}
	fmt.Fprint(m.err, "\r\x1b[K"+line(width-1))
	m.open = true
}

func (m *meter) due(now time.Time, step, total int) bool {
	since := now.Sub(m.shown)
	switch {
	case step == total:
		return true
	case m.width() > 0:
		return since >= redrawEvery
	}
	return since >= lineEvery || since >= lineEvery/5 && (step-m.shownStep)*lineShare >= total
}

// notice prints a line for people without mixing it with the progress.
func (m *meter) notice(line string) {
	m.clear()
	fmt.Fprintln(m.err, visible(unbroken(line)))
}

func (m *meter) clear() {
	if m.open {
		fmt.Fprint(m.err, "\r\x1b[K")
		m.open = false
	}
}

// done keeps the last line of progress.
func (m *meter) done() {
	if m.passing {
		m.clear()
	}
	if m.open {
		fmt.Fprintln(m.err)
		m.open = false
	}
}

// before writes to an output, after the line of progress where both are on a terminal.
func (m *meter) before(to *output) func(data.Item) error {
	return func(it data.Item) error {
		if to.file != nil && to.file.IsStdout() {
			m.done()
		}
		return to.write(it)
	}
}

// stage shows progress of other work; total is 0 if unknown.
func (m *meter) stage(name string, done, total int) {
	now := m.now()
	if m.began.IsZero() {
		m.began, m.shown = now, now
	}
	if since := now.Sub(m.shown); m.width() > 0 && since < redrawEvery || m.width() == 0 && since < lineEvery {
		return
	}
	m.shown, m.passing = now, true
	m.draw(func(width int) string {
		line := fmt.Sprintf("%s %d", name, done)
		if total > 0 {
			line = fmt.Sprintf("%s %d/%d", name, done, total)
		}
		if text := []rune(line); width > 0 && len(text) > width {
			return string(text[:width])
		}
		return line
	})
}
