package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A load is the processor time used so far, in ticks, over all cores.
type load struct {
	all  float64
	busy float64 // by any program, or stolen by another virtual machine
	own  float64 // by the contestants
}

// measureLoad reads the load since boot; ok is false if the system does not provide it as Linux
// does.
func measureLoad(sides []*contestant) (l load, ok bool) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return load{}, false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	// "cpu", then user, nice, system, idle, iowait, irq, softirq and steal; later fields are
	// included in these.
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
		// The program name, in parentheses, may contain spaces. After it, user and system are the
		// 12th and 13th fields.
		rest := string(text[strings.LastIndexByte(string(text), ')')+1:])
		for _, ticks := range numbersOf(rest, 11, 13) {
			l.own += ticks
		}
	}
	return l, l.all > 0
}

// numbersOf returns the numbers of fields from up to but not including to.
func numbersOf(line string, from, to int) (numbers []float64) {
	words := strings.Fields(line)
	for _, word := range words[min(from, len(words)):min(to, len(words))] {
		if n, err := strconv.ParseFloat(word, 64); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// foreign is the share of the machine's time since an earlier load that other processes used.
func (l load) foreign(since load) float64 {
	all := l.all - since.all
	if all <= 0 {
		return 0
	}
	return max(0, (l.busy-since.busy-(l.own-since.own))/all)
}
