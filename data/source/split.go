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

// splitOf puts a name into the test part with probability share. It depends only on the name, so
// that a growing set keeps its parts disjoint.
func splitOf(name string, share float64) data.Split {
	sum := sha256.Sum256([]byte(name))
	if float64(binary.BigEndian.Uint64(sum[:8])) < share*math.MaxUint64 {
		return data.Test
	}
	return data.Train
}

// A partRule decides which part an Item belongs to.
type partRule struct {
	published bool    // whether the set was published with parts
	share     float64 // share of the Items that is held out otherwise
}

// of is the part of an Item: as published, or else decided by its group, or by its name if it has
// no group.
func (p partRule) of(published data.Split, group, name string) data.Split {
	if p.published {
		return cmp.Or(published, data.Train)
	}
	return splitOf(cmp.Or(group, name), p.share)
}

// partOf is the part that a name stands for, or empty, and the suffix in names such as val2017 and
// test_images. Anything that is not for training is held out.
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

// partOfValue is the part given by the value of a column, or empty. A value that is not a part is
// [unknownPart].
func partOfValue(value string) data.Split {
	part, _ := partOf(value)
	if part == "" && value != "" {
		return unknownPart(value)
	}
	return part
}

// unknownPart marks an unknown part.
func unknownPart(name string) data.Split { return data.Split("unknown " + name) }

// checkPart is a drop if the part is unknown. Such works are used neither for training nor for
// testing.
func checkPart(told data.Split) *data.Drop {
	if name, unknown := strings.CutPrefix(string(told), "unknown "); unknown {
		return data.Dropf("unknown part", "it belongs to the part %q, and want train, test, or a name for one, such as validation; leave it empty if it belongs to none", name)
	}
	return nil
}

// divides reports whether the given parts divide a set. If some Items are for testing, those
// without a part are for training.
func divides(told map[data.Split]bool) bool {
	return told[data.Test] && (told[data.Train] || told[""])
}

// checkShare rejects a share that leaves nothing to train on.
func checkShare(share float64) error {
	if !(share >= 0 && share <= 0.9) {
		return registry.Unfit("test_share", fmt.Sprintf("want 0 to 0.9, got %g", share))
	}
	return nil
}
