package source

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"atelier/data"
)

// splitOf puts a name into the test part with the probability share. It depends
// on the name alone, so that a set that grows keeps its parts apart.
func splitOf(name string, share float64) data.Split {
	sum := sha256.Sum256([]byte(name))
	if float64(binary.BigEndian.Uint64(sum[:8])) < share*math.MaxUint64 {
		return data.Test
	}
	return data.Train
}
