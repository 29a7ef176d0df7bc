package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A progress is the progress of a piece of work.
type progress struct {
	step, total int
	stats       map[string]float64 // by name, such as "D/loss"; losses are shown
	rate        float64            // steps a second; 0 if not known yet
	left        time.Duration
	then        string // what follows that left does not count, such as "scores"
}

const (
	widestBar    = 24
	narrowestBar = 4
)

const (
	day     = 24 * 3600                  // seconds
	longest = 100 * 365 * 24 * time.Hour // longest remaining time that is shown
)

// line formats the progress as one line of at most width characters, with a bar if there is
// room for it and width is not 0.
func (p progress) line(width int) string {
	share := 0.0
	if p.total > 0 {
		share = min(float64(p.step)/float64(p.total), 1)
	}
	head := fmt.Sprintf("step %d/%d", p.step, p.total)
	tail := fmt.Sprintf("%d%%", int(100*share))
	if losses := p.losses(); losses != "" {
		tail += " · " + losses
	}
	if p.rate > 0 {
		tail += " · " + formatRate(p.rate)
		if p.step < p.total {
			tail += " · " + formatLeft(p.left) + " left"
			if p.then != "" {
				tail += ", then " + p.then
			}
		}
	}
	room := width - utf8.RuneCountInString(head+tail) - len(" || ")
	if room >= narrowestBar {
		return head + " ▕" + bar(share, min(room, widestBar)) + "▏ " + tail
	}
	text := []rune(head + " " + tail)
	if width > 0 && len(text) > width {
		text = text[:width]
	}
	return string(text)
}

// losses writes the losses in the order of their names: D 0.61 G 0.88.
func (p progress) losses() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(p.stats)) {
		if phase, ok := strings.CutSuffix(name, "/loss"); ok {
			parts = append(parts, fmt.Sprintf("%s %.2f", phase, p.stats[name]))
		}
	}
	return strings.Join(parts, " ")
}

// bar fills a share of width cells, to an eighth of a cell.
func bar(share float64, width int) string {
	eighths := int(math.Round(share * float64(width) * 8))
	b := strings.Repeat("█", eighths/8)
	if part := eighths % 8; part > 0 {
		b += string([]rune(" ▏▎▍▌▋▊▉")[part])
	}
	return b + strings.Repeat(" ", width-utf8.RuneCountInString(b))
}

func formatRate(rate float64) string {
	switch {
	case rate >= 9.95:
		return fmt.Sprintf("%.0f it/s", rate)
	case rate >= 0.995:
		return fmt.Sprintf("%.1f it/s", rate)
	}
	return fmt.Sprintf("%.2g it/s", rate)
}

// formatLeft writes a duration in its two largest units: 8s, 1m08s, 2h05m, 3d04h. Beyond
// a few years it is left out.
func formatLeft(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < day:
		return fmt.Sprintf("%dh%02dm", s/3600, s%3600/60)
	case s < 1000*day:
		return fmt.Sprintf("%dd%02dh", s/day, s%day/3600)
	case d < longest:
		return fmt.Sprintf("%d years", s/(365*day))
	}
	return fmt.Sprintf("more than %d years", int(longest.Hours())/24/365)
}
