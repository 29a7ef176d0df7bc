package library

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"atelier/data"
)

// splitOf is the part of an Item: that of its source if the source has parts, or else drawn by the
// hash of its group, or of its own bytes. So it does not depend on the rest of the set, and is
// stable when the set grows.
func (j *job) splitOf(in *input, r *record) data.Split {
	if in.divided() {
		return cmp.Or(r.Split, data.Train)
	}
	return splitOf(cmp.Or(r.Group, hex.EncodeToString(r.Now[:])), j.pipeline.TestShare)
}

// splitOf splits groups by their hash: a share of them is the test part.
func splitOf(group string, testShare float64) data.Split {
	sum := sha256.Sum256([]byte("split " + group))
	if binary.BigEndian.Uint32(sum[:]) < uint32(testShare*(1<<32-1)) {
		return data.Test
	}
	return data.Train
}
