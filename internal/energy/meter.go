package energy

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// A Meter tells how much energy was taken since it was made. It may be used concurrently.
type Meter struct {
	machine machine
	domains []domain
	reason  string // why there are none

	mu     sync.Mutex
	before reading
	sum    Use
}

// A reading is the state of all counters at a time.
type reading struct {
	at        time.Time
	processor float64
	domains   []uint64 // nil if they cannot be read
}

// A machine is where the readings come from.
type machine struct {
	powercap  string
	model     Model
	now       func() time.Time
	processor func() float64
}

// NewMeter starts a meter on this machine.
func NewMeter() *Meter {
	return newMeter(machine{Powercap, ThisModel(), time.Now, processorSeconds})
}

func newMeter(of machine) *Meter {
	m := &Meter{machine: of}
	var err error
	if m.domains, err = domains(of.powercap); err != nil {
		m.reason = err.Error()
	}
	m.before = m.read()
	return m
}

func (m *Meter) read() reading {
	return reading{m.machine.now(), m.machine.processor(), readings(m.domains)}
}

// Read is the energy taken since the meter was made.
func (m *Meter) Read() Use {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.read()
	m.sum = m.sum.Plus(m.between(m.before, now))
	m.before = now
	return m.sum
}

// between is the energy between two readings: that of the counters or, where they do not tell, an
// estimate.
func (m *Meter) between(before, after reading) Use {
	seconds, busy := after.at.Sub(before.at).Seconds(), max(0, after.processor-before.processor)
	if !(seconds > 0) { // the clock was set
		return Use{}
	}
	u := Use{Seconds: seconds, Processor: busy}
	j, ok := joules(m.domains, before.domains, after.domains, seconds)
	if ok {
		u.Low, u.High, u.Measured = j, j, seconds
		u.How = []string{fmt.Sprintf("the energy counters (RAPL) of %s, with all else that the processors did; memory, disks, accelerators, fans and losses of the power supply are not in it", m.names())}
		return u
	}
	u.Low, u.High = m.machine.model.estimate(seconds, busy)
	why := m.reason
	if why == "" {
		why = "the energy counters could not be read throughout"
	}
	u.How = []string{m.machine.model.String() + "; " + why}
	return u
}

func (m *Meter) names() string {
	var names []string
	for _, d := range m.domains {
		names = append(names, d.name)
	}
	return strings.Join(names, ", ")
}

// Watch reads the counters often enough that none starts again unseen, until stop is called.
func (m *Meter) Watch() (stop func()) {
	if len(m.domains) == 0 {
		return func() {}
	}
	span := m.domains[0].span
	for _, d := range m.domains {
		span = min(span, d.span)
	}
	every := max(time.Second, time.Duration(float64(span)/1e6/mostWatts/2*float64(time.Second)))
	ticker, done := time.NewTicker(every), make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		for {
			select {
			case <-ticker.C:
				m.Read()
			case <-done:
				return
			}
		}
	})
	return sync.OnceFunc(func() {
		ticker.Stop()
		close(done)
		ended.Wait()
	})
}
