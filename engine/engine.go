// Package engine opens the backend that networks run on. The rest of the program sees it only as a
// compute.Backend.
package engine

import (
	"cmp"
	"runtime"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"atelier/engine/cpu"
	"atelier/engine/dots"
	"atelier/engine/match"
	"atelier/engine/simd"
	"atelier/engine/xla"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// The devices. CPU is available on every machine; the others are XLA's and need a program built
// with the tag xla.
const (
	CPU     = "cpu"
	XLACPU  = xlaDevice + "cpu"
	XLACUDA = xlaDevice + "cuda"

	xlaDevice = "xla:"
)

// Devices lists all devices, whether this machine has them or not.
func Devices() []string { return []string{CPU, XLACPU, XLACUDA} }

// Options select the device and its threads. The zero Options are the device cpu with all cores.
type Options struct {
	Device  string // one of [Devices]; empty is [CPU]
	Threads int    // for the device cpu; 0 is one per core
}

// Check returns an error if the options are invalid.
func (o Options) Check() error {
	switch {
	case o.Device != "" && !slices.Contains(Devices(), o.Device):
		return badinput.Errorf("no device %q; %s", o.Device, registry.Suggest(o.Device, Devices()))
	case o.Threads < 0:
		return badinput.Errorf("%d threads; want 1 or more, or 0 for one per core", o.Threads)
	case o.Threads > mostThreads():
		return badinput.Errorf("%d threads; want at most %d on this machine, which has %d cores", o.Threads, mostThreads(), runtime.NumCPU())
	case o.Threads > 0 && o.platform() != "":
		return badinput.Errorf("--threads is for the device %s; %s chooses its own", CPU, o.Device)
	}
	return nil
}

// mostThreads is a generous upper limit: more threads than cores are allowed, to imitate other
// machines.
func mostThreads() int { return max(256, 4*runtime.NumCPU()) }

// Path names the code path of the device on this machine. Runs record it: the same path of the
// device cpu gives the same numbers.
func (o Options) Path() string {
	if p := o.platform(); p != "" {
		return o.Device + "/" + runtime.GOARCH
	}
	return CPU + "/" + string(simd.Best())
}

// platform is XLA's name of the device, empty if it is not one of XLA's.
func (o Options) platform() string {
	p, _ := strings.CutPrefix(o.Device, xlaDevice)
	if p == o.Device {
		return ""
	}
	return p
}

// Open returns the backend of a device. Invalid options, and a device that this program or machine
// lacks, are user errors that say what to do.
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

// NewMatcher returns a matcher of picture patches. It uses the CPU path and threads, whatever the
// device.
func NewMatcher(o Options) *match.Matcher { return match.New(simd.Best(), o.Count()) }

// NewDots returns the arithmetic for language models that run without a graph. It uses the CPU path
// and threads, whatever the device.
func NewDots(o Options) *dots.Dots { return dots.New(simd.Best(), o.Count()) }

// Count is the number of threads of the device cpu.
func (o Options) Count() int { return cmp.Or(o.Threads, runtime.GOMAXPROCS(0)) }

// A Cost is the cost of one kind of operation.
type Cost = cpu.Cost

// Profile starts measuring the cost of operations on a backend, and returns a function that gives
// the costs so far, the most expensive first. Only the device cpu supports it.
func Profile(b compute.Backend) (costs func() []Cost, err error) {
	ours, ok := b.(*cpu.Backend)
	if !ok {
		return nil, badinput.Errorf("only the device %s can be profiled; this is %s", CPU, b.Name())
	}
	ours.Profile()
	return ours.Costs, nil
}
