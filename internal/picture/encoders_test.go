package picture

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"atelier/internal/noise"
)

// What an encoder wrote before changes nothing of what it writes.
func TestWritePNG(t *testing.T) {
	r := noise.Stream(1)
	for range 20 {
		img := image.NewNRGBA(image.Rect(0, 0, 1+r.IntN(40), 1+r.IntN(40)))
		for i := range img.Pix {
			img.Pix[i] = uint8(r.IntN(1 + r.IntN(256)))
		}
		var got, want bytes.Buffer
		if err := WritePNG(&got, img); err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(&want, img); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Fatalf("%v: other bytes", img.Rect)
		}
	}
}
