package synth

import (
	"math"
	"testing"
)

// The curves of section 9.5 of the standard, at both ends and on the way.
func TestCurves(t *testing.T) {
	v := &voice{channel: &channel{}}
	for name, c := range map[string]struct {
		by   source
		want [3]float64 // at 0, 64 and 127
	}{
		"straight":          {byVelocity, [3]float64{0, 64. / 127, 1}},
		"falling":           {falling | byVelocity, [3]float64{1, 63. / 127, 0}},
		"both ways":         {bipolar | byVelocity, [3]float64{-1, 0, 63. / 64}},
		"falling both ways": {falling | bipolar | byVelocity, [3]float64{1, 0, -63. / 64}},
		"concave":           {concave<<curveShift | byVelocity, [3]float64{0, 40. / 96 * math.Log10(127./63), 1}},
		"falling, concave":  {falling | concave<<curveShift | byVelocity, [3]float64{1, 40. / 96 * math.Log10(127./64), 0}},
		"convex":            {convex<<curveShift | byVelocity, [3]float64{0, 1 - 40./96*math.Log10(127./64), 1}},
		"switched":          {switched<<curveShift | byVelocity, [3]float64{0, 1, 1}},
		"switched off":      {falling | switched<<curveShift | byVelocity, [3]float64{1, 0, 0}},
		"switched between":  {bipolar | switched<<curveShift | byVelocity, [3]float64{-1, 1, 1}},
	} {
		for i, velocity := range []int32{0, 64, 127} {
			if v.velocity = velocity; math.Abs(c.by.of(v)-c.want[i]) > 1e-12 {
				t.Errorf("%s at %d: %v, want %v", name, velocity, c.by.of(v), c.want[i])
			}
		}
	}
}

var (
	velocityDefault = builtIn[0].move
	byBreath        = move{by: falling | fromController | 2, to: attenuation}
)

// What an instrument says takes the place of what is built in, and what a preset says is added.
func TestTogether(t *testing.T) {
	for name, c := range map[string]struct {
		instrument, preset []modulator
		want               map[move]float64
	}{
		"nothing said":      {nil, nil, map[move]float64{}},
		"the default again": {[]modulator{{velocityDefault, 960}}, nil, map[move]float64{}},
		"superseded":        {[]modulator{{velocityDefault, 0}}, nil, map[move]float64{velocityDefault: -960}},
		"added":             {nil, []modulator{{velocityDefault, 800}}, map[move]float64{velocityDefault: 800}},
		"both":              {[]modulator{{velocityDefault, 0}, {byBreath, 5}}, []modulator{{velocityDefault, 800}, {byBreath, 7}}, map[move]float64{velocityDefault: -160, byBreath: 12}},
	} {
		got := together(c.instrument, c.preset)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		for _, m := range got {
			if c.want[m.move] != m.amount {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	}
}

// Modulators of a zone supersede those of the first, general zone; what has no meaning is left out.
func TestReadModulators(t *testing.T) {
	entry := func(by, to, amount, scaledBy, transform uint16) []byte {
		var b []byte
		for _, n := range []uint16{by, to, amount, scaledBy, transform} {
			b = append(b, byte(n), byte(n>>8))
		}
		return b
	}
	var table []byte
	for _, e := range [][]byte{
		entry(byVelocity, cutoff, 100, 0, 0),
		entry(byVelocity, cutoff, 200, 0, 0), // again
		entry(byVelocity, linked|1, 5, 0, 0), // moves a modulator
		entry(sourceIndex, cutoff, 5, 0, 0),  // moved by one
		entry(fromController|32, cutoff, 5, 0, 0),
		entry(noSource, cutoff, 5, 0, 0),
		entry(byKey, keyRange, 5, 0, 0),
		entry(byKey, pan, 0xFFFF, byPressure, absoluteOutcome),
	} {
		table = append(table, e...)
	}
	got := readModulators(table)
	want := []modulator{{move{by: byVelocity, to: cutoff}, 200}, {move{byKey, byPressure, pan, true}, -1}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v, want %v", got, want)
	}
	if all := superseded(got, []modulator{{want[0].move, 7}}); len(all) != 2 || all[0].amount != 7 {
		t.Errorf("%v", all)
	}
}

// toneFont is a font of one instrument, whose sample is a square wave of full scale, looped.
func toneFont(modulators ...modulator) *Font {
	const length = 100
	s := &sample{length: length, loopEnd: length, rate: 44100, root: 60, wave: make([]int16, length+silentEnd)}
	for i := range s.wave {
		if s.wave[i] = 16000; i%20 >= 10 {
			s.wave[i] = -16000
		}
	}
	inner := zone{numbers: []number{{sampleModes, 1}, {sampleID, 0}}, modulators: modulators}
	return &Font{samples: []*sample{s}, instruments: [][]zone{{inner}}, presets: []preset{{zones: []zone{{numbers: []number{{instrument, 0}}}}}}}
}

// decibels is how loud a channel of a synthesizer is.
func decibels(s *Synth) float64 {
	left, right, sum := make([]float32, 8192), make([]float32, 8192), 0.0
	s.Render(left, right)
	for i, x := range left {
		sum += float64(x)*float64(x) + float64(right[i])*float64(right[i])
	}
	return 10 * math.Log10(sum/float64(len(left)))
}

// Loudness, cutoff and pitch move with velocity, key, controllers, pressure and bends, at the beginning
// of a note and while it sounds.
func TestModulatedNotes(t *testing.T) {
	const sent = 0xFF // no message
	quiet := modulator{move{by: falling | fromController | 2, to: attenuation}, 200}
	for name, c := range map[string]struct {
		modulators   []modulator
		a, b         [3]uint8 // messages before the note, and while it sounds
		velocity     uint8
		first, later float64 // decibels against the same note of a font without modulators
	}{
		"none":                    {nil, [3]uint8{sent}, [3]uint8{sent}, 100, 0, 0},
		"velocity has no meaning": {[]modulator{{velocityDefault, 0}}, [3]uint8{sent}, [3]uint8{sent}, 32, 40 * math.Log10(127./32), 40 * math.Log10(127./32)},
		"breath":                  {[]modulator{quiet}, [3]uint8{sent}, [3]uint8{controller, 2, 127}, 100, -20, 0},
		"breath before":           {[]modulator{quiet}, [3]uint8{controller, 2, 127}, [3]uint8{sent}, 100, 0, 0},
		"pressure":                {[]modulator{{move{by: byPressure, to: attenuation}, 120}}, [3]uint8{pressed, 127}, [3]uint8{pressed, 0}, 100, -12, 0},
		"pressure on the key":     {[]modulator{{move{by: byKeyPressure, to: attenuation}, 120}}, [3]uint8{sent}, [3]uint8{keyPressed, 60, 127}, 100, 0, -12},
		"on another":              {[]modulator{{move{by: byKeyPressure, to: attenuation}, 120}}, [3]uint8{sent}, [3]uint8{keyPressed, 61, 127}, 100, 0, 0},
		"bend":                    {[]modulator{{move{by: falling | bipolar | byBend, to: attenuation}, 120}}, [3]uint8{pitchBend, 0, 0}, [3]uint8{pitchBend, 0, 64}, 100, -12, 0},
		"key":                     {[]modulator{{move{by: byKey, to: attenuation}, 127}}, [3]uint8{sent}, [3]uint8{sent}, 100, -6, -6},
		"scaled by nothing":       {[]modulator{{move{by: byKey, scaledBy: fromController | 3, to: attenuation}, 127}}, [3]uint8{sent}, [3]uint8{sent}, 100, 0, 0},
		"silent until it is not":  {[]modulator{{move{by: falling | fromController | 2, to: attenuation}, 1440}}, [3]uint8{sent}, [3]uint8{controller, 2, 127}, 100, -144, 0},
	} {
		of := func(f *Font, follow bool) (first, later float64) {
			s := New(f, 44100, 8)
			s.Send(0, controller, 91, 0)
			for i, m := range [][3]uint8{c.a, {noteOn, 60, c.velocity}, c.b} {
				if m[0] != sent && (i == 1 || follow) {
					s.Send(0, m[0], m[1], m[2])
				}
				if i == 1 {
					first = decibels(s)
				}
			}
			decibels(s)
			return first, decibels(s)
		}
		first, later := of(toneFont(c.modulators...), true)
		was, still := of(toneFont(), false)
		if math.Max(first, -140)-math.Max(was+c.first, -140) > 1 || math.Abs(later-still-c.later) > 0.5 {
			t.Errorf("%s: %.1f and later %.1f dB, want %.1f and %.1f", name, first-was, later-still, c.first, c.later)
		}
	}
}

// A cutoff by velocity makes soft notes dull, and a tuning by key moves the pitch.
func TestModulatedFilterAndPitch(t *testing.T) {
	crossings := func(velocity uint8, modulators ...modulator) (n int) {
		s := New(toneFont(modulators...), 44100, 8)
		s.Send(0, noteOn, 60, velocity)
		left, right := make([]float32, 44100), make([]float32, 44100)
		s.Render(left, right)
		for i := range left[1:] {
			if left[i] < 0 != (left[i+1] < 0) {
				n++
			}
		}
		return n
	}
	plain := crossings(100)
	if up := crossings(100, modulator{move{by: byVelocity, to: coarseTune}, 12 * 127. / 100}); math.Abs(float64(up)/float64(plain)-2) > 0.01 {
		t.Errorf("an octave up the tone crosses zero %d times, and %d times without", up, plain)
	}
	dull := modulator{move{by: falling | byVelocity, to: cutoff}, -9600}
	loudness := func(velocity uint8, modulators ...modulator) float64 {
		s := New(toneFont(modulators...), 44100, 8)
		s.Send(0, noteOn, 60, velocity)
		return decibels(s)
	}
	if loud, soft := loudness(127)-loudness(127, dull), loudness(20)-loudness(20, dull); math.Abs(loud) > 0.01 || soft < 10 {
		t.Errorf("a filter that closes for soft notes takes %.2f dB of loud and %.2f of soft ones", loud, soft)
	}
}
