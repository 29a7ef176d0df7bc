package bench

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/gobackend"

	"atelier/engine"
	"atelier/model/run"
)

// workVariable makes the test program a worker.
const workVariable = "ATELIER_BENCH_WORK"

// panicking is the work that a worker dies of.
const panicking = "panicking"

func TestMain(m *testing.M) {
	name := os.Getenv(workVariable)
	switch name {
	case "":
		os.Exit(m.Run())
	case panicking:
		panic("a work went wrong")
	}
	backend, err := gobackend.New("ops_sequential")
	if err == nil {
		err = Serve(&run.Studio{Backend: backend, Kernels: engine.NewDots(engine.Options{})}, name, os.Stdin, os.Stdout)
	}
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
}

func testMachine(t *testing.T) *Machine {
	backend, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	return &Machine{
		Studio: &run.Studio{Backend: backend}, Threads: 1,
		Worker: func(ctx context.Context, work string, _ int) *exec.Cmd {
			c := exec.CommandContext(ctx, os.Args[0])
			c.Env = append(os.Environ(), workVariable+"="+work)
			return c
		},
		Peak: func() (float64, error) { return 100, nil },
	}
}

func TestEngineSuite(t *testing.T) {
	e := &Engine{Rounds: 1, Seconds: 0.01, Works: []string{"product-64x1024x512", compileWork}, Python: "none"}
	if err := e.Check(); err != nil {
		t.Fatal(err)
	}
	var rows []Row
	if err := e.Run(t.Context(), testMachine(t), func(r Row) { rows = append(rows, r) }); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 {
		t.Fatalf("%d rows, want 2", len(rows))
	}
	product := rows[0]
	if product.Value <= 0 || product.N != productRounds || product.Peer != nil || !product.Holds || product.Bar != "" {
		t.Errorf("product: %+v", product)
	}
	if want := product.Value * 2 * 64 * 1024 * 512 / 100e9; product.Share == nil || math.Abs(*product.Share/want-1) > 1e-9 {
		t.Errorf("share of the peak is not %g", want)
	}
	if rows[1].Name != "dcgan compiled" || rows[1].Value <= 0 {
		t.Errorf("compiled: %+v", rows[1])
	}
}

func TestEngineSuiteRefuses(t *testing.T) {
	for _, e := range []Engine{{Rounds: 0, Seconds: 1}, {Rounds: 1}, {Rounds: 1, Seconds: 1, Works: []string{"dcgam"}}} {
		if e.Check() == nil {
			t.Errorf("%+v was taken", e)
		}
	}
}

// TestEveryWork does a step of each work that the suite times.
func TestEveryWork(t *testing.T) {
	backend, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	for name, w := range works() {
		t.Run(name, func(t *testing.T) {
			step, err := w.open(&run.Studio{Backend: backend, Kernels: engine.NewDots(engine.Options{Threads: 2})})
			if err != nil {
				t.Fatal(err)
			}
			if err := step(); err != nil {
				t.Fatal(err)
			}
		})
	}
	for _, c := range contests() {
		if _, ok := works()[c.name]; !ok {
			t.Errorf("there is no work for the contest %s", c.name)
		}
	}
}

// TestChildDies shows whole what a worker says that panics, and names it on one line.
func TestChildDies(t *testing.T) {
	_, err := start(testMachine(t).Worker(t.Context(), panicking, 1))
	var died *ChildError
	if !errors.As(err, &died) {
		t.Fatalf("error %v, want a ChildError", err)
	}
	if line := err.Error(); !strings.Contains(line, "exit status 2: panic: a work went wrong") || strings.Contains(line, "\n") {
		t.Errorf("error %q", line)
	}
	if !strings.Contains(died.Said, "goroutine 1") || !strings.Contains(died.Said, "TestMain") {
		t.Errorf("it said %q", died.Said)
	}
	python := &ChildError{Command: []string{"python3", "gpt.py"}, How: io.EOF, Said: "Traceback:\n  File x\nImportError: torch\n"}
	if got, want := python.Error(), "python3 gpt.py ended: EOF: ImportError: torch"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestPeerEnvironment keeps variables from the peer that slow it, and leaves the others.
func TestPeerEnvironment(t *testing.T) {
	for name, value := range map[string]string{"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_L2_SIZE": "64", "OPENBLAS_VERBOSE": "0"} {
		t.Setenv(name, value)
	}
	env := (&torch{python: "python3", threads: 2}).command(t.Context(), "product.py").Env
	for _, pair := range env {
		if strings.HasPrefix(pair, "OPENBLAS_CORETYPE=") || strings.HasPrefix(pair, "OPENBLAS_L2_SIZE=") {
			t.Errorf("the peer is told %s", pair)
		}
	}
	for _, want := range []string{"OPENBLAS_VERBOSE=0", "OPENBLAS_NUM_THREADS=2"} {
		if !slices.Contains(env, want) {
			t.Errorf("the peer is not told %s", want)
		}
	}
}

func TestTurns(t *testing.T) {
	m := testMachine(t)
	var sides []*contestant
	for range 2 {
		side, err := start(m.Worker(t.Context(), "product-64x1024x512", 1))
		if err != nil {
			t.Fatal(err)
		}
		defer side.close()
		sides = append(sides, side)
	}
	rates, err := takeTurns(sides, 2, 0.001)
	if err != nil {
		t.Fatal(err)
	}
	if len(rates) != 2 || len(rates[0]) != 2 || len(rates[1]) != 2 || rates[0][0].clock <= 0 || rates[0][0].processor <= 0 {
		t.Errorf("rates %v", rates)
	}
	if mib, ok := sides[0].peakMemory(); ok && (mib < 1 || mib > 1<<12) {
		t.Errorf("%g MiB", mib)
	}
	if _, err := start(m.Worker(t.Context(), "nonsense", 1)); err == nil || !strings.Contains(err.Error(), `no work "nonsense"`) {
		t.Errorf("error %v", err)
	}
}

func TestBeside(t *testing.T) {
	rates := [][]float64{{4, 9, 10}, {2, 3, 10}} // ratios 2, 3, 1
	row := Row{Value: 10}
	row.beside(rates, false)
	if *row.Peer != 3 || *row.Ratio != 2 {
		t.Errorf("medians: %g, %g", *row.Peer, *row.Ratio)
	}
	row.beside(rates, true)
	if *row.Peer != 10 || *row.Ratio != 1 {
		t.Errorf("best: %g, %g", *row.Peer, *row.Ratio)
	}
	if m := median([]float64{4, 1, 3, 2}); m != 2.5 {
		t.Errorf("median %g", m)
	}
}

func TestForeignLoad(t *testing.T) {
	before := load{all: 1000, busy: 300, own: 100}
	after := load{all: 1400, busy: 600, own: 320} // 300 busy, 220 of them own
	if got := after.foreign(before); got != 0.2 {
		t.Errorf("%g, want 0.2", got)
	}
	if got := numbersOf("cpu  1 2 3 4 5 6 7 8 9 10", 1, 9); len(got) != 8 || got[7] != 8 {
		t.Errorf("numbers %v", got)
	}
}

// A step of the DCGAN has the multiplications counted by hand, and
// so has an iteration of the GAN of dense layers.
func TestWorkFlops(t *testing.T) {
	for name, want := range map[string]float64{mlpGAN: 6.46e9, dcganNet: 73.2e9, gptNet: 11.7e9} {
		if got := works()[name].flops; got < want*0.98 || got > want*1.02 {
			t.Errorf("%s: %g, want %g", name, got, want)
		}
	}
}
