package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What the initialization of a package may allocate: each run of the program pays for it.
// Of ours less is asked, but for this one, which has its tests' beside its own. All together
// stay below what makes the garbage collector run.
const (
	mostStart       = 400_000 // bytes
	mostOwnStart    = 70_000
	mostStartAllocs = 4_000
	mostOwnAllocs   = 600
	mostAllStart    = 3_600_000
)

// TestStart has each package of the program ready at once: what takes time and memory is
// made when it is first needed. The milliseconds depend on the machine, and are shown.
func TestStart(t *testing.T) {
	cmd := exec.Command("atelier", "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		t.Fatal(err, trace.String())
	}
	line := regexp.MustCompile(`^init (\S+) @\S+ ms, (\S+) ms clock, (\d+) bytes, (\d+) allocs$`)
	n, all := 0, 0
	for s := bufio.NewScanner(&trace); s.Scan(); {
		m := line.FindStringSubmatch(s.Text())
		if m == nil {
			continue
		}
		n++
		size, _ := strconv.Atoi(m[3])
		allocs, _ := strconv.Atoi(m[4])
		most, mostAllocs := mostStart, mostStartAllocs
		if strings.HasPrefix(m[1], "atelier/") && m[1] != "atelier/cmd/atelier" {
			most, mostAllocs = mostOwnStart, mostOwnAllocs
		}
		all += size
		if size > most || allocs > mostAllocs {
			t.Errorf("%s allocates %d bytes in %d pieces to start, more than %d in %d: make it when it is first needed", m[1], size, allocs, most, mostAllocs)
		}
		if size > most/4 {
			t.Logf("%s: %s ms, %d bytes, %d allocations", m[1], m[2], size, allocs)
		}
	}
	if t.Logf("%d bytes in all", all); all > mostAllStart {
		t.Errorf("all packages allocate %d bytes to start, more than %d", all, mostAllStart)
	}
	if n < 50 {
		t.Errorf("%d packages were traced:\n%s", n, trace.String())
	}
}
