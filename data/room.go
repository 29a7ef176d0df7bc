package data

import (
	"context"
	"fmt"
	"math"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/memory"
)

// A Counted source knows approximately how many Items a part has before reading it.
type Counted interface {
	Source
	// Count is that number.
	Count(ctx context.Context, split Split) (int, error)
}

const (
	// maxBytes is the memory limit of one part of a set.
	maxBytes = 4 << 30
	// memoryShare is its limit as a share of the memory.
	memoryShare = 0.8
	// countedFrom is the number of bytes of a part encoded before its Items are counted, to
	// see whether the rest will fit: smaller sets need no second reading.
	countedFrom = 128 << 20
	// largeExample is how many bytes one must have for its set to be counted at once.
	largeExample = 256 << 10
)

// room is the limit of the examples of a part in bytes, and its reason.
type room struct {
	bytes int
	why   string
}

// memoryRoom is the room for examples that stay in memory.
func memoryRoom() room {
	if most := memory.Most(); memoryShare*most.Bytes < maxBytes {
		return room{int(memoryShare * most.Bytes), most.String()}
	}
	return room{maxBytes, fmt.Sprintf("a part of a set may have %s of memory", memory.Size(maxBytes))}
}

// diskRoom is the room for examples in a file of a folder.
func diskRoom(dir string) room {
	free, known := durable.Free(dir)
	if !known {
		return room{math.MaxInt, ""}
	}
	return room{int(min(free, math.MaxInt64/2)), fmt.Sprintf("the disk of %s has %s free", dir, memory.Size(free))}
}

// check refuses n examples of a spec, or more if they are not all, that exceed the room.
func (r room) check(n int, all bool, spec Spec) error {
	each := exampleBytes(spec)
	if float64(n)*float64(each) <= float64(r.bytes) {
		return nil
	}
	if !all {
		return badinput.Errorf("more than %d examples of %s would take more than %s; %s: use smaller examples or fewer of them", r.bytes/each, spec, memory.Size(float64(r.bytes)), r.why)
	}
	would := fmt.Sprintf("%d of them would fit", r.bytes/each)
	if numbers := r.bytes / n / 4; spec.Target().Kind == Pixels && numbers > 0 {
		channels := spec.Target().Shape[2]
		side := int(math.Sqrt(float64(numbers-len(spec.Fields)+1) / float64(channels)))
		would += fmt.Sprintf(", or all as pictures of %d×%d", side, side)
	}
	return badinput.Errorf("%d examples of %s would take about %s; %s: %s", n, spec, memory.Size(float64(n)*float64(each)), r.why, would)
}

// fewerTexts says that the tokens of texts exceed the room.
func (r room) fewerTexts() error {
	return badinput.Errorf("texts of more than %d tokens take more than there is room for; %s: use fewer of them", r.bytes/4, r.why)
}

// count is the number of Items of a part of a source, if that is cheap to find.
func count(ctx context.Context, src Source, split Split) (n int, known bool) {
	if c, ok := src.(Counted); ok {
		n, err := c.Count(ctx, split)
		return n, err == nil
	}
	if _, ok := src.(Local); !ok {
		return 0, false
	}
	for _, err := range src.Items(ctx, split) {
		if err == nil {
			n++
		}
	}
	return n, ctx.Err() == nil
}
