package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A load is how much time the processor has spent, in ticks, on all cores together.
type load struct {
	all  float64
	busy float64 // with any program, or taken by another machine
	own  float64 // with the contestants
}

// measureLoad reads the load of the machine since it started; ok is false where the
// system does not tell it as Linux does.
func measureLoad(sides []*contestant) (l load, ok bool) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return load{}, false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	// "cpu", then user, nice, system, idle, iowait, irq, softirq and steal; what
	// follows is counted among them.
	for i, ticks := range numbersOf(first, 1, 9) {
		l.all += ticks
		if i != 3 && i != 4 {
			l.busy += ticks
		}
	}
	for _, side := range sides {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", side.command.Process.Pid))
		if err != nil {
			return load{}, false
		}
		// The name of the program, in parentheses, may have spaces. Behind it user and
		// system are the 12th and 13th.
		rest := string(text[strings.LastIndexByte(string(text), ')')+1:])
		for _, ticks := range numbersOf(rest, 11, 13) {
			l.own += ticks
		}
	}
	return l, l.all > 0
}

// numbersOf returns the numbers from word from up to but not including word to.
func numbersOf(line string, from, to int) (numbers []float64) {
	words := strings.Fields(line)
	for _, word := range words[min(from, len(words)):min(to, len(words))] {
		if n, err := strconv.ParseFloat(word, 64); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// foreign is the part of the machine's time since an earlier load that went to
// others than the contestants.
func (l load) foreign(since load) float64 {
	all := l.all - since.all
	if all <= 0 {
		return 0
	}
	return max(0, (l.busy-since.busy-(l.own-since.own))/all)
}
