package synth

// A channel holds what its controllers say. Those of two bytes are numbers of 14 bits.
type channel struct {
	bank, program                       int32
	drums, pedal                        bool
	modulation, volume, pan, expression int32
	reverb, chorus                      int32
	parameter                           int32 // the registered one that is set next
	bendRange, coarse, fine             int32
	bend                                float32 // -1 to 1
	pressure                            int32
	keyPressure, controllers            [128]uint8 // as modulators see them
	changes                             int        // how often modulators have to look again
}

const (
	unset       = -1
	centre      = 64 << 7
	full        = 127 << 7
	usualVolume = 100 << 7
	usualReverb = 40
	wide        = 16383 // the largest number of 14 bits
)

// reset makes a channel as it is at first.
func (c *channel) reset(drums bool) {
	*c = channel{drums: drums, volume: usualVolume, pan: centre, expression: full, reverb: usualReverb, parameter: unset, bendRange: 2 << 7, fine: 8192}
	if drums {
		c.bank = drumBank
	}
	c.controllers[7], c.controllers[10], c.controllers[11], c.controllers[91] = usualVolume>>7, centre>>7, full>>7, usualReverb
}

// high and low set seven of the fourteen bits of a number.
func high(n *int32, value int32) { *n = *n&0x7F | value<<7 }
func low(n *int32, value int32)  { *n = *n&^0x7F | value }

// control sets a controller.
func (c *channel) control(number uint8, value int32) {
	c.controllers[number&0x7F] = uint8(value)
	c.changes++
	switch number {
	case 0:
		if c.bank = value; c.drums {
			c.bank += drumBank
		}
	case 1:
		high(&c.modulation, value)
	case 33:
		low(&c.modulation, value)
	case 6, 38:
		c.enter(number == 6, value)
	case 7:
		high(&c.volume, value)
	case 39:
		low(&c.volume, value)
	case 10:
		high(&c.pan, value)
	case 42:
		low(&c.pan, value)
	case 11:
		high(&c.expression, value)
	case 43:
		low(&c.expression, value)
	case 64:
		c.pedal = value >= 64
	case 91:
		c.reverb = value
	case 93:
		c.chorus = value
	case 98, 99:
		c.parameter = unset // an unregistered one, which is not known
	case 101:
		high(&c.parameter, value)
	case 100:
		low(&c.parameter, value)
	case 121:
		c.modulation, c.expression, c.pedal, c.parameter, c.bend = 0, full, false, unset, 0
		c.controllers[1], c.controllers[2], c.controllers[11], c.controllers[64] = 0, 0, full>>7, 0
		c.pressure, c.keyPressure = 0, [128]uint8{}
	}
}

// enter sets the registered parameter: the range of the bend, or the tuning.
func (c *channel) enter(coarse bool, value int32) {
	set := low
	if coarse {
		set = high
	}
	switch c.parameter {
	case 0:
		set(&c.bendRange, value)
	case 1:
		set(&c.fine, value)
	case 2:
		if coarse {
			c.coarse = value - 64
		}
	}
}

// pitch is by how many semitones the channel is out of tune, by its settings and its bend.
func (c *channel) pitch() float32 {
	return float32(c.coarse) + float32(1)/8192*float32(c.fine-8192) +
		(float32(c.bendRange>>7)+0.01*float32(c.bendRange&0x7F))*c.bend
}

const vibratoDepth = 50 // cents

// vibrato is how far modulation and pressure bend the pitch, in cents.
func (c *channel) vibrato() float32 {
	return float32(vibratoDepth)/wide*float32(c.modulation) + float32(vibratoDepth)/127*float32(c.pressure)
}

// gain is the volume as a factor: the square of what the controllers say, as General MIDI has it.
func (c *channel) gain() float32 {
	g := float32(1) / wide * float32(c.volume) * (float32(1) / wide * float32(c.expression))
	return g * g
}

// place is where the channel stands, from -50 at the left to 50.
func (c *channel) place() float32 { return float32(100)/wide*float32(c.pan) - 50 }
