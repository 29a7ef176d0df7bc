package synth

import (
	"math"

	"github.com/sinshu/go-meltysynth/meltysynth"
)

// A region is how an instrument plays some of its keys at some velocities: what the font says for
// the instrument and for the preset that has it, together.
type region struct {
	presetKeys, keys, presetVelocities, velocities span
	exclusive                                      int32 // class of which one voice sounds at a time; 0 for none
	attenuation, resonance                         float32
	cutoff                                         float32 // hertz
	pan, reverb, chorus                            float32

	vibratoToPitch, lfoToPitch, envelopeToPitch float32 // semitones
	lfoToCutoff, envelopeToCutoff               float32 // cents
	lfoToVolume                                 float32 // decibels
	vibrato, lfo                                waveAs
	loudness, envelope                          envelopeAs

	sample                          int32 // samples a second
	start, end, loopStart, loopEnd  int32
	looped, untilOff                bool
	root, coarse, fine, tuningScale int32
}

// A span is a range of keys or velocities.
type span struct{ from, to int32 }

func (s span) has(n int32) bool { return s.from <= n && n <= s.to }

// A waveAs says how a low-frequency wave goes.
type waveAs struct{ delay, frequency float32 }

// An envelopeAs says how an envelope goes: in seconds, with the level as the font counts it.
type envelopeAs struct {
	delay, attack, hold, decay, sustain, release float32
	keyToHold, keyToDecay                        int32
}

func (r *region) has(key, velocity int32) bool {
	return r.presetKeys.has(key) && r.keys.has(key) && r.presetVelocities.has(velocity) && r.velocities.has(velocity)
}

// How a sample is looped.
const (
	always   = 1
	untilOff = 3
)

// regionsOf are the regions of a preset, in the order in which their voices start.
func regionsOf(preset *meltysynth.Preset) (all []region) {
	for _, p := range preset.Regions {
		for _, i := range p.Instrument.Regions {
			all = append(all, regionOf(p, i))
		}
	}
	return all
}

func regionOf(p *meltysynth.PresetRegion, i *meltysynth.InstrumentRegion) region {
	r := region{
		presetKeys: span{p.GetKeyRangeStart(), p.GetKeyRangeEnd()}, keys: span{i.GetKeyRangeStart(), i.GetKeyRangeEnd()},
		presetVelocities: span{p.GetVelocityRangeStart(), p.GetVelocityRangeEnd()},
		velocities:       span{i.GetVelocityRangeStart(), i.GetVelocityRangeEnd()},
		exclusive:        i.GetExclusiveClass(),
		attenuation:      tenths(p.GetInitialAttenuation(), i.GetInitialAttenuation()),
		resonance:        tenths(p.GetInitialFilterQ(), i.GetInitialFilterQ()),
		cutoff:           hertz(p.GetInitialFilterCutoffFrequency(), i.GetInitialFilterCutoffFrequency()),
		pan:              max(-50, min(50, tenths(p.GetPan(), i.GetPan()))),
		reverb:           0.01 * tenths(p.GetReverbEffectsSend(), i.GetReverbEffectsSend()),
		chorus:           0.01 * tenths(p.GetChorusEffectsSend(), i.GetChorusEffectsSend()),
		vibratoToPitch:   0.01 * float32(p.GetVibratoLfoToPitch()+i.GetVibratoLfoToPitch()),
		lfoToPitch:       0.01 * float32(p.GetModulationLfoToPitch()+i.GetModulationLfoToPitch()),
		envelopeToPitch:  0.01 * float32(p.GetModulationEnvelopeToPitch()+i.GetModulationEnvelopeToPitch()),
		lfoToCutoff:      float32(p.GetModulationLfoToFilterCutoffFrequency() + i.GetModulationLfoToFilterCutoffFrequency()),
		envelopeToCutoff: float32(p.GetModulationEnvelopeToFilterCutoffFrequency() + i.GetModulationEnvelopeToFilterCutoffFrequency()),
		lfoToVolume:      tenths(p.GetModulationLfoToVolume(), i.GetModulationLfoToVolume()),
		vibrato:          waveAs{seconds(p.GetDelayVibratoLfo(), i.GetDelayVibratoLfo()), hertz(p.GetFrequencyVibratoLfo(), i.GetFrequencyVibratoLfo())},
		lfo:              waveAs{seconds(p.GetDelayModulationLfo(), i.GetDelayModulationLfo()), hertz(p.GetFrequencyModulationLfo(), i.GetFrequencyModulationLfo())},
		loudness: envelopeAs{
			seconds(p.GetDelayVolumeEnvelope(), i.GetDelayVolumeEnvelope()), seconds(p.GetAttackVolumeEnvelope(), i.GetAttackVolumeEnvelope()),
			seconds(p.GetHoldVolumeEnvelope(), i.GetHoldVolumeEnvelope()), seconds(p.GetDecayVolumeEnvelope(), i.GetDecayVolumeEnvelope()),
			tenths(p.GetSustainVolumeEnvelope(), i.GetSustainVolumeEnvelope()), seconds(p.GetReleaseVolumeEnvelope(), i.GetReleaseVolumeEnvelope()),
			p.GetKeyNumberToVolumeEnvelopeHold() + i.GetKeyNumberToVolumeEnvelopeHold(), p.GetKeyNumberToVolumeEnvelopeDecay() + i.GetKeyNumberToVolumeEnvelopeDecay(),
		},
		envelope: envelopeAs{
			seconds(p.GetDelayModulationEnvelope(), i.GetDelayModulationEnvelope()), seconds(p.GetAttackModulationEnvelope(), i.GetAttackModulationEnvelope()),
			seconds(p.GetHoldModulationEnvelope(), i.GetHoldModulationEnvelope()), seconds(p.GetDecayModulationEnvelope(), i.GetDecayModulationEnvelope()),
			tenths(p.GetSustainModulationEnvelope(), i.GetSustainModulationEnvelope()), seconds(p.GetReleaseModulationEnvelope(), i.GetReleaseModulationEnvelope()),
			p.GetKeyNumberToModulationEnvelopeHold() + i.GetKeyNumberToModulationEnvelopeHold(), p.GetKeyNumberToModulationEnvelopeDecay() + i.GetKeyNumberToModulationEnvelopeDecay(),
		},
		sample: i.Sample.SampleRate, start: i.GetSampleStart(), end: i.GetSampleEnd(),
		loopStart: i.GetSampleStartLoop(), loopEnd: i.GetSampleEndLoop(),
		looped: i.GetSampleModes() != 0, untilOff: i.GetSampleModes() == untilOff,
		root: i.GetRootKey(), coarse: p.GetCoarseTune() + i.GetCoarseTune(),
		fine: p.GetFineTune() + i.GetFineTune(), tuningScale: p.GetScaleTuning() + i.GetScaleTuning(),
	}
	return r
}

// The library hands out the numbers of a font as factors, while those of preset and instrument are to
// be added: the whole numbers are found again first.

// tenths is the sum of two numbers that are kept in tenths.
func tenths(a, b float32) float32 {
	return 0.1 * float32(math.Round(10*float64(a))+math.Round(10*float64(b)))
}

const (
	octave = 1200  // cents
	lowest = 8.176 // hertz of the lowest key
)

// seconds is a length: of the preset a factor, of the instrument in seconds.
func seconds(a, b float32) float32 { return power(cents(float64(a)) + cents(float64(b))) }

// hertz is a frequency: of the preset a factor, of the instrument the frequency itself.
func hertz(a, b float32) float32 {
	return float32(lowest * math.Pow(2, float64(1)/octave*float64(float32(cents(float64(a))+cents(float64(b)/lowest)))))
}

// cents is the logarithm of a factor.
func cents(factor float64) float64 { return math.Round(octave * math.Log2(factor)) }

// power is the factor of a number of cents.
func power(cents float64) float32 { return float32(math.Pow(2, float64(1)/octave*cents)) }

// linear converts decibels to a factor.
func linear(decibels float32) float32 { return float32(math.Pow(10, 0.05*float64(decibels))) }
