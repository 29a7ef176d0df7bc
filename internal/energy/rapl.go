package energy

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Powercap is the folder of Linux with the energy counters of the processors (RAPL, "running average
// power limit"; Khan et al. 2018, doi:10.1145/3177754).
const Powercap = "/sys/class/powercap"

// A domain is the counter of one processor package: all its cores, caches and memory controllers.
type domain struct {
	name string // such as package-0
	path string // of its folder
	span uint64 // the counter starts again at 0 after this many microjoules
}

// domains are the counters of packages in a folder as in Linux's sysfs. Domains within a package
// and that of the whole board (psys) are left out, since they would be counted twice. The error says
// why there are none.
func domains(folder string) ([]domain, error) {
	places, err := filepath.Glob(filepath.Join(folder, "*", "name"))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(places, func(a, b string) int { // intel-rapl before intel-rapl-mmio
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	var found []domain
	var unread error
	for _, place := range places {
		name, err := os.ReadFile(place)
		d := domain{name: strings.TrimSpace(string(name)), path: filepath.Dir(place)}
		if err != nil || !strings.HasPrefix(d.name, "package-") {
			continue
		}
		if slices.ContainsFunc(found, func(has domain) bool { return has.name == d.name }) {
			continue // the same package by another interface
		}
		if d.span, err = number(filepath.Join(d.path, "max_energy_range_uj")); err == nil && d.span > 0 {
			_, err = d.read()
		}
		if err != nil {
			unread = err
			continue
		}
		found = append(found, d)
	}
	switch {
	case unread != nil: // a part of the packages is no measurement
		return nil, unread
	case len(found) == 0:
		return nil, fmt.Errorf("this machine shows no energy counters in %s", folder)
	}
	return found, nil
}

// read is the counter in microjoules.
func (d domain) read() (uint64, error) { return number(filepath.Join(d.path, "energy_uj")) }

// number reads a file with a whole number.
func number(path string) (uint64, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrPermission) {
		return 0, fmt.Errorf("only the administrator may read %s", path)
	}
	if err != nil {
		return 0, fmt.Errorf("%s cannot be read", path)
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s holds no number", path)
	}
	return n, nil
}

// passed is the difference of two readings of a counter that starts again at 0 after span.
func passed(before, after, span uint64) uint64 {
	if after >= before {
		return after - before
	}
	return span - min(span, before) + after
}

// mostWatts is more than a package takes for a minute. A counter read so late that it may have
// started again more than once tells nothing.
const mostWatts = 600

// joules is the energy between two readings of all domains, the seconds between them. Not ok if a
// reading is missing, or if a counter may have started again more than once.
func joules(all []domain, before, after []uint64, seconds float64) (j Joules, ok bool) {
	if len(all) == 0 || len(before) != len(all) || len(after) != len(all) {
		return 0, false
	}
	for i, d := range all {
		if seconds*mostWatts > float64(d.span)/1e6 {
			return 0, false
		}
		j += Joules(float64(passed(before[i], after[i], d.span)) / 1e6)
	}
	return j, true
}

// readings reads all domains; nil if one of them cannot be read.
func readings(all []domain) []uint64 {
	out := make([]uint64, len(all))
	for i, d := range all {
		var err error
		if out[i], err = d.read(); err != nil {
			return nil
		}
	}
	return out
}
