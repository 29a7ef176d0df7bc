package synth

import (
	"math"
	"slices"
)

// A modulator moves a number of a region by what a note or a controller says, as section 8 of the
// SoundFont standard 2.04 has it. Those with the same move are the same modulator.
type modulator struct {
	move
	amount float64
}

type move struct {
	by, scaledBy source
	to           uint16 // kind of the number
	absolute     bool
}

// A source is where a modulator finds its value, and the curve that it goes through.
type source uint16

// The parts of a source.
const (
	sourceIndex    = 0x7F
	fromController = 0x80
	falling        = 0x100 // from the largest value to the smallest
	bipolar        = 0x200 // from -1 to 1
	curveShift     = 10
)

// The curves.
const (
	straight = iota
	concave
	convex
	switched
)

// The sources that are not controllers.
const (
	noSource        = 0
	byVelocity      = 2
	byKey           = 3
	byKeyPressure   = 10
	byPressure      = 13
	byBend          = 14
	byBendRange     = 16
	modulatorSize   = 10     // bytes in a font
	linked          = 0x8000 // flag of a modulator that moves another
	absoluteOutcome = 2
)

// builtIn are the default modulators (section 8.4) as the synthesizer plays them in any case, without
// looking at these: a region has what its font says more or less. Two differ from the standard: its
// 1000 for panning is twice the range, and 200 for reverberation and chorus is hardly heard. Its
// cutoff by velocity is left out, as in FluidSynth and MuseScore, since fonts are made for those.
var builtIn = []modulator{
	{move{by: falling | concave<<curveShift | byVelocity, to: attenuation}, 960},
	{move{by: falling | concave<<curveShift | fromController | 7, to: attenuation}, 960},
	{move{by: falling | concave<<curveShift | fromController | 11, to: attenuation}, 960},
	{move{by: fromController | 1, to: vibratoToPitch}, vibratoDepth},
	{move{by: byPressure, to: vibratoToPitch}, vibratoDepth},
	{move{by: bipolar | fromController | 10, to: pan}, 500},
	{move{by: fromController | 91, to: reverbSend}, 1000},
	{move{by: fromController | 93, to: chorusSend}, 1000},
	{move{by: bipolar | byBend, scaledBy: byBendRange, to: fineTune}, 12700},
}

// readModulators reads those of a zone. Those that a synthesizer is to pass over are left out.
func readModulators(b []byte) (all []modulator) {
	for ; len(b) >= modulatorSize; b = b[modulatorSize:] {
		m := modulator{move{source(word(b)), source(word(b[6:])), uint16(word(b[2:])), word(b[8:]) == absoluteOutcome}, float64(int16(word(b[4:])))}
		if m.by.known() && m.by != noSource && m.scaledBy.known() && m.to < kinds && !unmoved(m.to) {
			all = superseded(all, []modulator{m})
		}
	}
	return all
}

// known reports whether a source has a value.
func (s source) known() bool {
	index := s & sourceIndex
	if s>>curveShift > switched {
		return false
	}
	if s&fromController != 0 {
		switch {
		case index == 0, index == 6, index == 32, index == 38, index >= 98 && index <= 101, index >= 120:
			return false // they say what others mean
		}
		return true
	}
	return slices.Contains([]source{noSource, byVelocity, byKey, byKeyPressure, byPressure, byBend, byBendRange}, index)
}

// superseded are modulators, where later ones take the place of the same before.
func superseded(before, later []modulator) []modulator {
	all := slices.Clone(before)
	for _, m := range later {
		if i := slices.IndexFunc(all, m.same); i >= 0 {
			all[i] = m
		} else {
			all = append(all, m)
		}
	}
	return all
}

func (m modulator) same(other modulator) bool { return m.move == other.move }

// together are the modulators of a region: what its instrument says supersedes what is built in, and
// what the preset says is added. Of what is built in, the difference is left.
func together(instrument, preset []modulator) (all []modulator) {
	all = superseded(builtIn, instrument)
	add := func(m modulator) {
		if i := slices.IndexFunc(all, m.same); i >= 0 {
			all[i].amount += m.amount
		} else {
			all = append(all, m)
		}
	}
	for _, m := range preset {
		add(m)
	}
	for _, m := range builtIn {
		m.amount = -m.amount
		add(m)
	}
	return slices.DeleteFunc(all, func(m modulator) bool { return m.amount == 0 })
}

// lasting reports whether the value of a source may change while a note sounds.
func (s source) lasting() bool {
	return s&fromController != 0 || s&sourceIndex != byVelocity && s&sourceIndex != byKey && s&sourceIndex != noSource
}

// of is by how much a modulator moves its number for a voice.
func (m *modulator) of(v *voice) float64 {
	moved := m.amount * m.by.of(v)
	if m.scaledBy != noSource {
		moved *= m.scaledBy.of(v)
	}
	if m.absolute && moved < 0 {
		return -moved
	}
	return moved
}

// of is the value of a source for a voice, after its curve. At 127 a source has all of its value, and
// at 64 it is in the middle, if it has one.
func (s source) of(v *voice) float64 {
	x := s.raw(v)
	if s&bipolar == 0 {
		x /= 127
	} else {
		x = min(1, x/64-1)
	}
	x = min(x, 1)
	if s&falling != 0 {
		if x = -x; s&bipolar == 0 {
			x++
		}
	}
	switch curve := s >> curveShift; {
	case curve == switched:
		if s&bipolar == 0 {
			x -= 0.5
		}
		switch {
		case x >= 0:
			return 1
		case s&bipolar == 0:
			return 0
		}
		return -1
	case curve == straight:
		return x
	case x < 0:
		return -curved(curve, -x)
	default:
		return curved(curve, x)
	}
}

// curved is a value from 0 to 1 on a curve: the concave one goes with the decibels of what is
// missing to 1, of 96, and the convex one is its mirror.
func curved(curve source, x float64) float64 {
	if curve == convex {
		return 1 - curved(concave, 1-x)
	}
	return min(1, -40.0/96*math.Log10(1-x))
}

// raw is the value of a source before its curve, from 0 to 127.
func (s source) raw(v *voice) float64 {
	index, c := s&sourceIndex, v.channel
	if s&fromController != 0 {
		return float64(c.controllers[index])
	}
	switch index {
	case byVelocity:
		return float64(v.velocity)
	case byKey:
		return float64(v.key)
	case byKeyPressure:
		return float64(c.keyPressure[v.key])
	case byPressure:
		return float64(c.pressure)
	case byBend:
		return 64 * (float64(c.bend) + 1)
	default:
		return float64(c.bendRange) / 128
	}
}
