package energy

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// A Model estimates energy from processor time where no counter can be read.
type Model struct {
	// Name is the processor, as the machine tells it; empty if it does not.
	Name string
	// Low and High are the thermal design power of a core in watts: that of the package in the table,
	// divided by its cores. A machine that does not name its processor exactly has the range of all
	// that it may be.
	Low, High float64
	// Exact reports whether the processor itself is in the table.
	Exact bool
	// Cores is the number of cores that this program sees; of a virtual machine those are fewer than
	// the package has. Threads is how many of them share a physical core, at most: a virtual machine
	// does not tell, and may have hardware threads for cores.
	Cores, Threads int
}

// The shares of the thermal design power that bound the estimate. A core that computes takes at
// least the half of its share; packages may take up to 1.35 times their design power for long (AMD's
// package power tracking for the socket AM4), and one that idles up to 0.3 times, which a program
// that is alone on it causes too.
const (
	leastBusy = 0.5
	mostBusy  = 1.35
	mostIdle  = 0.3
)

// Bounds of the design power per core of processors of an unknown kind: from small ones (Intel N100,
// 6 W for 4 cores) to fast servers with few cores (AMD EPYC 9175F, 320 W for 16).
const (
	leastCore = 1.5
	mostCore  = 20
)

//go:embed tdp.csv
var table []byte

// A listed processor is a line of the table.
type listed struct {
	family, number string
	perCore        float64 // watts
}

// processors is the table of thermal design powers: family, number, watts and cores, from the
// makers' data sheets.
var processors = sync.OnceValue(func() (all []listed) {
	for _, line := range strings.Split(strings.TrimSpace(string(table)), "\n") {
		f := strings.Split(line, ",")
		watts, _ := strconv.ParseFloat(f[2], 64)
		cores, _ := strconv.ParseFloat(f[3], 64)
		all = append(all, listed{f[0], f[1], watts / cores})
	}
	return all
})

// ThisModel is the model of this machine.
func ThisModel() Model {
	name, virtual := processorName()
	m := modelOf(name, runtime.NumCPU())
	smt, err := os.ReadFile("/sys/devices/system/cpu/smt/active")
	if virtual || err == nil && strings.TrimSpace(string(smt)) == "1" {
		m.Threads = 2
	}
	return m
}

// modelOf is the model of a processor by its name.
func modelOf(name string, cores int) Model {
	m := Model{Name: strings.TrimSpace(name), Low: leastCore, High: mostCore, Cores: cores, Threads: 1}
	low, high := math.Inf(1), 0.
	words := " " + strings.NewReplacer("(R)", " ", "(TM)", " ", "-Core", " -Core").Replace(m.Name) + " "
	for _, p := range processors() {
		family := strings.Contains(words, " "+p.family+" ")
		if family && strings.Contains(words, " "+p.number+" ") {
			m.Low, m.High, m.Exact = p.perCore, p.perCore, true
			return m
		}
		if family {
			low, high = min(low, p.perCore), max(high, p.perCore)
		}
	}
	if high > 0 {
		m.Low, m.High = low, high
	}
	return m
}

// estimate is the energy of this many seconds with this much processor time.
func (m Model) estimate(seconds, processor float64) (low, high Joules) {
	busy := min(processor, seconds*float64(m.Cores))
	low = Joules(busy * m.Low / float64(m.Threads) * leastBusy)
	idle := seconds*float64(m.Cores) - busy
	return low, Joules(m.High * (busy*mostBusy + idle*mostIdle))
}

// String says how the estimate comes about.
func (m Model) String() string {
	name := m.Name
	if name == "" {
		name = "a processor that the machine does not name"
	}
	watts := fmt.Sprintf("%.3g to %.3g W a core, as its exact kind is not known", m.Low, m.High)
	if m.Exact {
		watts = fmt.Sprintf("%.3g W a core", m.Low)
	}
	return fmt.Sprintf("an estimate from processor time: %s, thermal design power %s; from %g of that for busy cores to %g for busy and %g for idle ones of the %d that this program sees",
		name, watts, leastBusy, mostBusy, mostIdle, m.Cores)
}

// nameIn is the model name in a file as Linux's /proc/cpuinfo, and whether it is that of a virtual
// machine.
func nameIn(r io.Reader) (name string, virtual bool) {
	lines := bufio.NewScanner(io.LimitReader(r, 1<<20))
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ":")
		switch strings.TrimSpace(key) {
		case "model name":
			name = strings.TrimSpace(value)
		case "flags":
			return name, strings.Contains(value+" ", " hypervisor ")
		}
	}
	return name, false
}
