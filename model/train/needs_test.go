package train

import (
	"testing"
	"unsafe"
)

// A plan reports the sizes of variables and batches, and creates neither.
func TestPlan(t *testing.T) {
	p := descend()
	p.Pack = 3
	l := loop(t, 5, p)
	for _, size := range []int{6, 3 << 40} {
		n, err := l.Plan(column, size)
		if err != nil {
			t.Fatal(err)
		}
		const number = float64(unsafe.Sizeof(float32(0)))
		if want := number * 4; n.Variables != want { // the weight, two moments and their count
			t.Errorf("the variables take %g bytes, want %g", n.Variables, want)
		}
		if want := number * float64(size); n.Batch < 0.99*want || n.Batch > 1.01*want {
			t.Errorf("a batch of %d takes %g bytes, want %g", size, n.Batch, want)
		}
	}
	for v := range l.Store.IterVariables() {
		if v.HasValue() {
			t.Errorf("%s has a value", v.Path())
		}
	}
	if _, err := l.Plan(column, 7); err == nil || err.Error() != "batch: 7 is not a multiple of the pack size 3; 6 is" {
		t.Errorf("7 examples in packs of 3: %v", err)
	}
}
