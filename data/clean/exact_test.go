package clean

import (
	"testing"

	"atelier/data"
)

func TestExact(t *testing.T) {
	c := &Exact{}
	sketch := func(text string) data.Sketch {
		s, ok, err := c.Sketch(&data.Piece{Item: data.Item{Bytes: []byte(text)}})
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		return s
	}
	a, same, other := sketch("abc"), sketch("abc"), sketch("abd")
	// The hash of "abc" is from FIPS 180-4.
	if a.Bands[0] != 0xba7816bf8f01cfea || a.Bands[0] != same.Bands[0] || !c.Alike(a.Signature, same.Signature) {
		t.Errorf("%x and %x", a, same)
	}
	if c.Alike(a.Signature, other.Signature) {
		t.Error("treats other bytes as the same")
	}
}
