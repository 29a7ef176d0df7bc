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

// partOf is the part that a name means, empty if it means none, and what follows the
// word in names such as val2017 and test_images. What is not for training is held out.
func partOf(name string) (part data.Split, ending string) {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, two := range []string{"held", "hold"} {
		if rest, ok := strings.CutPrefix(name, two); ok && rest != "" && strings.ContainsAny(rest[:1], "-_ ") && strings.HasPrefix(rest[1:], "out") {
			name = two + rest[1:]
		}
	}
	word := name
	if end := strings.IndexFunc(name, func(r rune) bool { return r < 'a' || r > 'z' }); end >= 0 {
		word, ending = name[:end], name[end:]
	}
	switch word {
	case "train", "training":
		return data.Train, ending
	case "test", "testing", "valid", "val", "validation", "dev", "eval", "holdout", "heldout":
		return data.Test, ending
	}
	return "", ending
}

// partTold is the part that a value of a column tells, empty if that is empty. A value
// that means no part is [unknownPart].
func partTold(value string) data.Split {
	part, _ := partOf(value)
	if part == "" && value != "" {
		return unknownPart(value)
	}
	return part
}

// unknownPart stands for a part of that name, which is none.
func unknownPart(name string) data.Split { return data.Split("unknown " + name) }

// checkPart is a drop if the part that was told is none. What belongs to another part
// than these is neither learned from nor measured against.
func checkPart(told data.Split) *data.Drop {
	if name, unknown := strings.CutPrefix(string(told), "unknown "); unknown {
		return data.Dropf("unknown part", "it belongs to the part %q, and want train, test, or a name for one, such as validation; leave it empty where nothing is to be told", name)
	}
	return nil
}

// divides reports whether parts that were told divide a set. Where some Items are for
// testing, those that nothing is told of are for training.
func divides(told map[data.Split]bool) bool {
	return told[data.Test] && (told[data.Train] || told[""])
}

// checkShare refuses a share that leaves nothing to learn from.
func checkShare(share float64) error {
	if !(share >= 0 && share <= 0.9) {
		return registry.Unfit("test_share", fmt.Sprintf("want 0 to 0.9, got %g", share))
	}
	return nil
}
