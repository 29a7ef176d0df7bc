package source

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"atelier/data"
	"atelier/internal/registry"
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

// A parting says which part an Item belongs to.
type parting struct {
	published bool    // whether the set comes divided
	share     float64 // of the Items that are held out, if it does not
}

// of is the part of an Item: the one that the set says, or else the one that the
// group decides, or the name of an Item without one.
func (p parting) of(published data.Split, group, name string) data.Split {
	if p.published {
		return cmp.Or(published, data.Train)
	}
	return splitOf(cmp.Or(group, name), p.share)
}

// partNamed is the part that a word means, empty if it means none. What is not
// for training is held out.
func partNamed(word string) data.Split {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "train", "training":
		return data.Train
	case "test", "testing", "valid", "val", "validation", "dev", "eval":
		return data.Test
	}
	return ""
}

// checkShare refuses a share that leaves nothing to learn from.
func checkShare(share float64) error {
	if !(share >= 0 && share <= 0.9) {
		return registry.Unfit("test_share", fmt.Sprintf("want 0 to 0.9, got %g", share))
	}
	return nil
}
