package synth

import "testing"

// The range of the bend is a registered parameter, which an unregistered one leaves alone.
func TestParameters(t *testing.T) {
	var c channel
	c.reset(false)
	for _, m := range [][2]int32{{101, 0}, {100, 0}, {6, 12}, {38, 0}, {99, 1}, {98, 8}, {6, 64}} {
		c.control(uint8(m[0]), m[1])
	}
	if c.bendRange != 12<<7 {
		t.Errorf("bends range over %d/128 semitones, want 12", c.bendRange)
	}
}
