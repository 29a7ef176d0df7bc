package library

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"atelier/data"
)

// splitOf is the part of the set that an Item belongs to: that of its source if the
// source comes with a division, and else what the hash of its group says, or that
// of its own bytes. So it does not depend on what else is in the set, and stays
// when the set grows.
func (j *job) splitOf(in *input, r *record) data.Split {
	if in.divided() {
		return cmp.Or(r.Split, data.Train)
	}
	return splitOf(cmp.Or(r.Group, hex.EncodeToString(r.Now[:])), j.pipeline.TestShare)
}

// splitOf divides groups by their hash: a share of them is the test part.
func splitOf(group string, testShare float64) data.Split {
	sum := sha256.Sum256([]byte("split " + group))
	if binary.BigEndian.Uint32(sum[:]) < uint32(testShare*(1<<32-1)) {
		return data.Test
	}
	return data.Train
}
