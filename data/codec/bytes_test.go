package codec

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
)

// Whatever bytes there are come back as they were.
func TestBytesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.Byte(), 2, 50).Draw(t, "text")
		if got := returned(t, &Bytes{Context: len(text) - 1}, text); !bytes.Equal(got, text) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

// returned encodes a text that is one example and decodes it.
func returned(t interface{ Fatal(...any) }, c data.Codec, text []byte) []byte {
	spec, err := c.Spec(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := data.NewBatch(spec, 1)
	if err := c.Encode(data.ExampleOf(data.Item{Bytes: text}), b, 0); err != nil {
		t.Fatal(err)
	}
	it, err := c.Decode(b, 0)
	if err != nil {
		t.Fatal(err)
	}
	return it.Bytes
}
