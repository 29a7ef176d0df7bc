package clean

import (
	"strings"
	"testing"

	"atelier/data"
)

// BenchmarkCleaners cleans two kilobytes of prose with each cleaner of texts.
func BenchmarkCleaners(b *testing.B) {
	s := strings.Repeat(kingly, 4)
	for _, name := range []string{"utf8", "mojibake", "boilerplate", "language", "gopher", "c4", "repetition", "private"} {
		b.Run(name, func(b *testing.B) {
			c, err := data.Cleaners.New(name)
			if err != nil {
				b.Fatal(err)
			}
			if l, ok := c.(*Language); ok {
				l.Keep = "en"
			}
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				c.Clean(&data.Piece{Item: data.Item{MediaType: "text/plain", Bytes: []byte(s)}})
			}
		})
	}
}
