// Package engine opens the arithmetic that networks run on. The rest of the
// program knows it as a compute.Backend alone.
package engine

import (
	"cmp"
	"runtime"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"atelier/engine/cpu"
	"atelier/engine/simd"
	"atelier/engine/xla"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// The devices. CPU is the one that every machine has; the others are XLA's, which
// a program has that was built with the tag xla.
const (
	CPU     = "cpu"
	XLACPU  = xlaDevice + "cpu"
	XLACUDA = xlaDevice + "cuda"

	xlaDevice = "xla:"
)

// Devices are the names of all devices, whether this machine has them or not.
func Devices() []string { return []string{CPU, XLACPU, XLACUDA} }

// Options say where arithmetic is done and how. The zero Options are the device
// cpu with all of its cores.
type Options struct {
	Device  string // one of [Devices]; none is [CPU]
	Threads int    // of the device cpu; 0 is one for each core
}

// Check says what is wrong with the options, if anything is.
func (o Options) Check() error {
	switch {
	case o.Device != "" && !slices.Contains(Devices(), o.Device):
		return badinput.Errorf("no device %q; %s", o.Device, registry.Suggest(o.Device, Devices()))
	case o.Threads < 0:
		return badinput.Errorf("%d threads; want 1 or more, or 0 for one a core", o.Threads)
	case o.Threads > mostThreads():
		return badinput.Errorf("%d threads; want at most %d on this machine, which has %d cores", o.Threads, mostThreads(), runtime.NumCPU())
	case o.Threads > 0 && o.platform() != "":
		return badinput.Errorf("threads are of the device %s; %s chooses its own", CPU, o.Device)
	}
	return nil
}

// mostThreads is so many that more are of no use: some a core, but what other machines
// have may be tried.
func mostThreads() int { return max(256, 4*runtime.NumCPU()) }

// Path names the way that the device's arithmetic takes on this machine.
// Runs record it: the same path of the device cpu gives the same numbers.
func (o Options) Path() string {
	if p := o.platform(); p != "" {
		return o.Device + "/" + runtime.GOARCH
	}
	return CPU + "/" + string(simd.Best())
}

// platform is what XLA calls the device, empty if it is none of XLA's.
func (o Options) platform() string {
	p, _ := strings.CutPrefix(o.Device, xlaDevice)
	if p == o.Device {
		return ""
	}
	return p
}

// Open returns the backend of a device. Options that are wrong, and a device that
// this program or machine lacks, are mistakes that say what would help.
func Open(o Options) (compute.Backend, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if p := o.platform(); p != "" {
		return xla.Open(p)
	}
	if err := simd.CheckPath(); err != nil {
		return nil, badinput.Errorf("%w", err)
	}
	return cpu.New(simd.Best(), o.Count())
}

// Count is how many threads the device cpu takes.
func (o Options) Count() int { return cmp.Or(o.Threads, runtime.GOMAXPROCS(0)) }

// A Cost is what one kind of operation took.
type Cost = cpu.Cost

// Profile begins to measure what operations cost on a backend, and returns what
// tells it: the costs so far, the most expensive first. Only the device cpu can.
func Profile(b compute.Backend) (costs func() []Cost, err error) {
	ours, ok := b.(*cpu.Backend)
	if !ok {
		return nil, badinput.Errorf("only the device %s tells what its operations cost; this is %s", CPU, b.Name())
	}
	ours.Profile()
	return ours.Costs, nil
}
