package run

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute/shapes"

	"atelier/data"
	"atelier/internal/memory"
	"atelier/model/train"
)

// Memory of training besides [train.Needs].
const (
	programBytes  = 160 << 20 // the program, its graphs and the scratch memory of its kernels
	variableTimes = 2         // variables, and the copy that a checkpoint is written from
	batchTimes    = 3         // a batch as numbers, as tensors and as garbage
)

// margin is the share of the memory that a suggested batch may take: examples that are not
// read yet need some too.
const margin = 0.9

// needed is the total memory of training with batches of that size, in bytes.
func (t *trainer) needed(n train.Needs, size int) float64 {
	return programBytes + t.held() + variableTimes*n.Variables + n.Step + batchTimes*n.Batch + data.LoaderBytes(t.spec, size)
}

// held is the memory of the examples, once loaded.
func (t *trainer) held() float64 {
	if t.data.train == nil {
		return 0
	}
	return t.data.train.Held() + t.data.test.Held()
}

// fits refuses training that exceeds the memory of the machine, and says what would fit.
func (t *trainer) fits() error {
	batch, most := t.config.Batch, memory.Most()
	need := t.needed(t.needs, batch)
	if need <= most.Bytes {
		return nil
	}
	least := t.needs
	for size := largestPower(batch); size >= leastBatch; size /= 2 {
		smaller := size * t.loop.Pack()
		if smaller >= batch {
			continue
		}
		var err error
		if least, err = t.loop.Plan(t.spec, smaller); err != nil {
			return err
		}
		if t.needed(least, smaller) <= margin*most.Bytes {
			return most.Check(fmt.Sprintf("batch=%d", batch), need, fmt.Sprintf("batch up to %d fits", smaller))
		}
	}
	return most.Check(fmt.Sprintf("training with batch=%d", batch), need, t.tooLarge(least, most.Bytes))
}

// tooLarge says what would fit when no batch is small enough.
func (t *trainer) tooLarge(least train.Needs, most float64) string {
	if held := t.held(); held > most/2 {
		return fmt.Sprintf("the examples take %s of it; smaller ones, or fewer, would fit", memory.Size(held))
	}
	if variableTimes*least.Variables < least.Step {
		return fmt.Sprintf("the smallest batch takes %s; smaller examples, or networks that are narrower or of fewer layers, would fit", memory.Size(least.Step))
	}
	path, largest := "", shapes.Shape{}
	for v := range t.store.IterVariables() {
		if s := v.Shape(); !v.Trainable {
			continue // moments and averages are as large as their weights
		} else if path == "" || s.ByteSize() > largest.ByteSize() || s.ByteSize() == largest.ByteSize() && v.Path() < path {
			path, largest = v.Path(), s
		}
	}
	return fmt.Sprintf("weights, moments and averages take %s, whatever the batch, the largest being %s with %s; narrower networks would fit",
		memory.Size(least.Variables), strings.TrimPrefix(path, "/"), strings.Trim(strings.ReplaceAll(fmt.Sprint(largest.Dimensions), " ", "×"), "[]"))
}

// largestPower is the largest power of two that is at most n, which is at least 1.
func largestPower(n int) int {
	p := 1
	for p <= n/2 {
		p *= 2
	}
	return p
}
