package energy

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"atelier/internal/leaks"
)

func TestMain(m *testing.M) { leaks.Main(m) }

// A shelf is a folder with counters, as in sysfs.
type shelf struct {
	t      *testing.T
	folder string
}

func (s shelf) set(domain, file, text string) {
	s.t.Helper()
	place := filepath.Join(s.folder, domain)
	if err := os.MkdirAll(place, 0o777); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(place, file), []byte(text+"\n"), 0o666); err != nil {
		s.t.Fatal(err)
	}
}

func (s shelf) counter(domain, name string, at, span uint64) {
	s.set(domain, "name", name)
	s.set(domain, "max_energy_range_uj", strconv.FormatUint(span, 10))
	s.set(domain, "energy_uj", strconv.FormatUint(at, 10))
}

// A bench is a meter on such a folder, with a clock of its own.
type bench struct {
	shelf
	*Meter
	at   time.Time
	busy float64
}

func onBench(t *testing.T, fill func(shelf)) *bench {
	t.Helper()
	b := &bench{shelf: shelf{t, t.TempDir()}, at: time.Unix(1e9, 0)}
	fill(b.shelf)
	b.Meter = newMeter(machine{b.folder, modelOf("AMD EPYC 7763 64-Core Processor", 4), func() time.Time { return b.at }, func() float64 { return b.busy }})
	return b
}

func (b *bench) pass(seconds, busy float64) {
	b.at = b.at.Add(time.Duration(seconds * float64(time.Second)))
	b.busy += busy
}

const span = 262143328850 // microjoules, of an Intel Xeon

func two(s shelf) {
	s.counter("intel-rapl:0", "package-0", 1_000_000, span)
	s.counter("intel-rapl:1", "package-1", span-2_000_000, span)
	s.counter("intel-rapl:0:0", "core", 500, span)
	s.counter("intel-rapl:0:1", "dram", 700, span)
	s.counter("intel-rapl:2", "psys", 900, span)
	s.counter("intel-rapl-mmio:0", "package-0", 1_000_000, span)
}

// Both packages count, once each, over a wrap; what lies within them or around them does not.
func TestPackagesAndWraps(t *testing.T) {
	b := onBench(t, two)
	b.pass(10, 5)
	b.counter("intel-rapl:0", "package-0", 51_000_000, span)
	b.counter("intel-rapl:1", "package-1", 28_000_000, span) // 2 J to the wrap, 28 J after it
	b.counter("intel-rapl:0:0", "core", 40_000_000, span)
	u := b.Read()
	if u.Low != u.High || math.Abs(float64(u.Low)-80) > 1e-6 || u.Measured != 10 || u.Seconds != 10 || u.Processor != 5 {
		t.Errorf("%+v; want 80 J", u)
	}
	if u.Method() != "measured" || !strings.Contains(u.How[0], "package-0, package-1") {
		t.Error(u.Method(), u.How)
	}
}

// An interval in which a counter cannot be read, or may have started again more than once, is
// estimated, and says so; those before and after it are measured.
func TestGaps(t *testing.T) {
	b := onBench(t, two)
	b.pass(10, 5)
	b.set("intel-rapl:1", "energy_uj", "what is this")
	u := b.Read()
	low, high := b.machine.model.estimate(10, 5)
	if u.Low != low || u.High != high || u.Measured != 0 || !strings.Contains(u.How[0], "could not be read throughout") {
		t.Errorf("%+v; want %g to %g J", u, low, high)
	}
	two(b.shelf)
	b.pass(1, 1)
	first := b.Read() // still without a reading at the beginning
	b.pass(2, 1)
	b.counter("intel-rapl:0", "package-0", 4_000_000, span)
	u = b.Read().Minus(first)
	if u.Measured != 2 || math.Abs(float64(u.High)-3) > 1e-6 {
		t.Errorf("after the gap: %+v", u)
	}
	b.pass(1000, 1) // 600 W for 1000 s are more than the span
	if later := b.Read().Minus(first); later.Measured != 2 {
		t.Errorf("a counter that may have wrapped twice was believed: %+v", later)
	}
	if got := b.Read().Method(); !strings.HasPrefix(got, "measured for 2 of 1013 s") {
		t.Error(got)
	}
}

func TestWithoutCounters(t *testing.T) {
	for name, fill := range map[string]func(shelf){
		"shows no energy counters": func(shelf) {},
		"holds no number":          func(s shelf) { two(s); s.set("intel-rapl:1", "energy_uj", "-3") },
		"cannot be read":           func(s shelf) { s.set("intel-rapl:0", "name", "package-0") },
	} {
		b := onBench(t, fill)
		b.pass(100, 100)
		u := b.Read()
		if u.Measured != 0 || !(u.Low > 0 && u.Low < u.High) || !strings.Contains(u.How[0], name) {
			t.Errorf("%s: %+v", name, u)
		}
		b.Watch()()
	}
}

// An unreadable counter of this machine is no failure.
func TestThisMachine(t *testing.T) {
	m := NewMeter()
	defer m.Watch()()
	x := 0.
	for i := range 5_000_000 {
		x += math.Sqrt(float64(i))
	}
	u := m.Read()
	if !u.Known() || len(u.How) != 1 || x == 0 {
		t.Errorf("%+v", u)
	}
}

// Whatever the counter was at the beginning, the unfolded difference is what was counted.
func TestUnfolding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := rapid.Uint64Range(1, 1<<50).Draw(t, "span")
		before := rapid.Uint64Range(0, span-1).Draw(t, "before")
		counted := rapid.Uint64Range(0, span-1).Draw(t, "counted")
		if got := passed(before, (before+counted)%span, span); got != counted {
			t.Fatalf("%d, want %d", got, counted)
		}
	})
}

func TestModels(t *testing.T) {
	for name, want := range map[string]Model{
		"AMD EPYC 7763 64-Core Processor":                {Low: 280. / 64, High: 280. / 64, Exact: true},
		"Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz":      {Low: 145. / 18, High: 145. / 18, Exact: true},
		"Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz":       {Low: 95. / 6, High: 95. / 6, Exact: true},
		"12th Gen Intel(R) Core(TM) i7-12700K":           {Low: 125. / 12, High: 125. / 12, Exact: true},
		"AMD Ryzen 9 5950X 16-Core Processor":            {Low: 105. / 16, High: 105. / 16, Exact: true},
		"AMD EPYC":                                       {Low: 390. / 160, High: 20},
		"AMD Ryzen 9 3960X 24-Core Processor":            {Low: 28. / 8, High: 17.5},
		"":                                               {Low: leastCore, High: mostCore},
		"Quantum 9000 \x1b[31m" + strings.Repeat("x", 9): {Low: leastCore, High: mostCore},
	} {
		m := modelOf(name, 8)
		if m.Low != want.Low || m.High != want.High || m.Exact != want.Exact {
			t.Errorf("%q: %+v, want %+v", name, m, want)
		}
	}
	for _, p := range processors() {
		if p.number == "" || !(p.perCore >= leastCore && p.perCore <= mostCore) {
			t.Errorf("the table: %+v", p)
		}
	}
	name, virtual := nameIn(strings.NewReader("processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu hypervisor\n"))
	if name != "AMD EPYC" || !virtual {
		t.Error(name, virtual)
	}
}

// An estimate is a range that grows with processor time, whatever the load.
func TestEstimate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := modelOf(rapid.SampledFrom([]string{"AMD EPYC", "", "AMD EPYC 9654"}).Draw(t, "name"), rapid.IntRange(1, 256).Draw(t, "cores"))
		m.Threads = rapid.IntRange(1, 2).Draw(t, "threads")
		seconds := rapid.Float64Range(0.001, 1e6).Draw(t, "seconds")
		load := rapid.Float64Range(0, 1).Draw(t, "load")
		low, high := m.estimate(seconds, load*seconds*float64(m.Cores))
		more, most := m.estimate(seconds, seconds*float64(m.Cores))
		if !(low >= 0 && low < high && low <= more && high <= most) {
			t.Fatalf("%g to %g J, with all cores %g to %g J", low, high, more, most)
		}
	})
}

func TestWords(t *testing.T) {
	for want, u := range map[string]Use{
		"0.21 to 0.95 Wh": {Low: 756, High: 3420},
		"1.2 to 9 J":      {Low: 1.2, High: 9},
		"120 Wh":          {Low: 432000, High: 432000},
		"0 to 0.5 J":      {High: 0.5},
	} {
		if got := u.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	low, high := Use{Low: 3.6e6, High: 7.2e6}.Carbon(400)
	if got := Grams(low, high); got != "400 to 800 g" {
		t.Error(got)
	}
	for text, want := range map[string]Joules{"20Wh": 72000, " 0.5 kWh": 1.8e6, "900J": 900, "2kJ": 2000, "1MJ": 1e6, "3mWh": 10.8} {
		if got, err := Parse(text); err != nil || math.Abs(float64(got-want)) > 1e-6 {
			t.Errorf("%q: %g, %v", text, float64(got), err)
		}
	}
	for _, text := range []string{"", "20", "Wh", "-3Wh", "0J", "NaNWh", "InfJ", "1e300kWh", "20 wh", "20Wh/h"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q is %g", text, float64(got))
		}
	}
	if u := (Use{Low: 1, High: 2, Seconds: 10, How: []string{"a"}}).Plus(Use{Low: 1, High: 1, Seconds: 5, Measured: 5, How: []string{"b", "a"}}); fmt.Sprint(u.How, u.Low, u.High, u.Seconds) != "[a b] 2 J 3 J 15" {
		t.Error(u.How, u.Low, u.High, u.Seconds)
	}
	for _, u := range []Use{{}, {Low: 2, High: 1, Seconds: 1}, {Low: Joules(math.NaN()), Seconds: 1}, {High: Joules(math.Inf(1)), Seconds: 1}} {
		if u.Known() {
			t.Errorf("%+v is known", u)
		}
	}
}
