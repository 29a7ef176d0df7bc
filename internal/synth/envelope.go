package synth

import "math"

// The stages of an envelope.
const (
	delayed = iota
	attack
	hold
	decay
	released
)

const (
	steep    = -9.226 // natural logarithm of how much is left after the decay or the release
	shortOff = 0.01   // seconds of the shortest release, so that nothing clicks
)

// logInaudible is where a decay ends.
var logInaudible = float64(float32(math.Log(1e-3)))

// An envelope is a level that follows a key: up, down to where it stays, and away. That of loudness
// decays by a share a second, that of modulation by an amount.
type envelope struct {
	rise, fall, away           float64 // slopes
	attackAt, holdAt, decayAt  float64 // seconds
	decayEnd, releasedAt, ends float64
	sustain, from              float32 // from: the level when the key was released
	samples                    int32
	stage                      int
	value, importance          float32
}

// startLoudness begins an envelope of loudness at a key.
func (e *envelope) startLoudness(r *envelopeAs, key int32) {
	e.start(r, r.attack, key, linear(-r.sustain))
	e.fall, e.away = steep/float64(r.decay*keyed(r.keyToDecay, key)), steep/float64(max(r.release, shortOff))
}

// startModulation begins an envelope of modulation at a key: soft notes have a longer attack.
func (e *envelope) startModulation(r *envelopeAs, key, velocity int32) {
	e.start(r, r.attack*(float32(145-velocity)/144), key, 1-r.sustain/100)
	fall := float64(r.decay * keyed(r.keyToDecay, key))
	e.fall, e.away, e.decayEnd, e.ends = 1/fall, 1/float64(r.release), e.decayAt+fall, float64(r.release)
}

// keyed is by how much a stage is longer at a key.
func keyed(cents float32, key int32) float32 { return power(float64(cents * float32(60-key))) }

func (e *envelope) start(r *envelopeAs, attack float32, key int32, sustain float32) {
	*e = envelope{rise: 1 / float64(attack), attackAt: float64(r.delay), sustain: max(0, min(1, sustain))}
	e.holdAt = e.attackAt + float64(attack)
	e.decayAt = e.holdAt + float64(r.hold*keyed(r.keyToHold, key))
}

// release begins the last stage.
func (e *envelope) release(rate int32) {
	e.stage, e.releasedAt, e.from = released, float64(e.samples)/float64(rate), e.value
	e.ends += e.releasedAt
}

// pass lets samples pass, and is the time after them.
func (e *envelope) pass(samples, rate int32) float64 {
	e.samples += samples
	now := float64(e.samples) / float64(rate)
	for e.stage <= hold && now >= [...]float64{e.attackAt, e.holdAt, e.decayAt}[e.stage] {
		e.stage++
	}
	switch e.stage {
	case delayed:
		e.value = 0
	case attack:
		e.value = float32(e.rise * (now - e.attackAt))
	case hold:
		e.value = 1
	}
	return now
}

// loudness passes samples of an envelope of loudness, and says whether it is still heard.
func (e *envelope) loudness(samples, rate int32) bool {
	now := e.pass(samples, rate)
	switch e.stage {
	case decay:
		e.value = float32(max(fallen(e.fall*(now-e.decayAt)), float64(e.sustain)))
	case released:
		e.value = float32(float64(e.from) * fallen(e.away*(now-e.releasedAt)))
	}
	e.importance = float32(released-e.stage) + e.value
	return e.stage < decay || e.value > inaudible
}

// modulation passes a block of an envelope of modulation.
func (e *envelope) modulation(rate int32) {
	now := e.pass(block, rate)
	switch e.stage {
	case decay:
		e.value = float32(max(e.fall*(e.decayEnd-now), float64(e.sustain)))
	case released:
		e.value = float32(max(float64(e.from)*e.away*(e.ends-now), 0))
	}
}

// fallen is what is left of a level after a fall, none once nothing is heard.
func fallen(logarithm float64) float64 {
	if logarithm < logInaudible {
		return 0
	}
	return math.Exp(logarithm)
}

// A wave is a low-frequency triangle.
type wave struct {
	delay, period float64 // seconds; without a period it rests
	samples       int32
}

func (w *wave) start(as waveAs) {
	*w = wave{}
	if as.frequency > 1e-3 {
		*w = wave{delay: float64(as.delay), period: 1 / float64(as.frequency)}
	}
}

// value is the value of the wave, from -1 to 1.
func (w *wave) value(rate int32) float32 {
	now := float64(w.samples)/float64(rate) - w.delay
	if w.period == 0 || float64(w.samples)/float64(rate) < w.delay {
		return 0
	}
	switch phase := math.Mod(now, w.period) / w.period; {
	case phase < 0.25:
		return float32(4 * phase)
	case phase < 0.75:
		return float32(4 * (0.5 - phase))
	default:
		return float32(4 * (phase - 1))
	}
}
