package vectors

import (
	"fmt"
	"math"
	"testing"
)

// onArc has works at angles, in quarters of a turn.
func onArc(angles ...float64) *Index {
	x := &Index{Width: 2}
	for i, a := range angles {
		sin, cos := math.Sincos(a * math.Pi / 2)
		x.Add(Work{Name: fmt.Sprint(i), Sum: fmt.Sprint(i), Label: fmt.Sprint(a)}, []float32{float32(cos), float32(sin)})
	}
	return x
}

func every(Work) bool { return true }

// TestCalibrate learns what a nearness is worth from pairs of works: near ones agree, far ones do not.
func TestCalibrate(t *testing.T) {
	var angles []float64
	for i := range 20 {
		at := float64(i) / 20
		angles = append(angles, at, at+0.0005) // pairs: near for the first half, 0.02 apart for the others
		if i >= 10 {
			angles[len(angles)-1] = at + 0.02
		}
	}
	x := onArc(angles...)
	c := Calibrate(x, every, func(a, b Work) float64 {
		var s, u float64
		fmt.Sscan(a.Label, &s)
		fmt.Sscan(b.Label, &u)
		if math.Abs(s-u) < 0.001 {
			return 0.9
		}
		return 0.2
	})
	if c == nil {
		t.Fatal("nothing is learned from 40 works")
	}
	far := math.Cos(0.02 * math.Pi / 2)
	for _, want := range []struct{ near, agree, within float64 }{
		{1, 1, 0}, {0, 0, 0}, {-0.5, 0, 0}, {far, 0.2, 0.01}, {far / 2, 0.1, 0.01}, {math.Cos(0.0005 * math.Pi / 2), 0.9, 0.05},
	} {
		if got := c.Of(want.near); math.Abs(got-want.agree) > want.within {
			t.Errorf("a nearness of %v is worth %v, want %v", want.near, got, want.agree)
		}
	}
	if math.Abs(c.Usual-far) > 1e-5 {
		t.Errorf("usual is %v, want %v", c.Usual, far)
	}
	last := 0.
	for i := range 101 {
		got := c.Of(float64(i) / 100)
		if got < last || got > 1 {
			t.Fatalf("%d: %v after %v", i, got, last)
		}
		last = got
	}
}

// TestCalibrateJoins what would fall: here far works agree, and near ones do not.
func TestCalibrateJoins(t *testing.T) {
	var angles []float64
	for i := range 40 {
		angles = append(angles, float64(i*i)/2000)
	}
	c := Calibrate(onArc(angles...), every, func(a, _ Work) float64 {
		var s float64
		fmt.Sscan(a.Label, &s)
		return s
	})
	last := 0.
	for i := range 1001 {
		got := c.Of(0.99 + float64(i)/100000)
		if got < last-1e-12 {
			t.Fatalf("it falls at %d: %v after %v", i, got, last)
		}
		last = got
	}
}

// TestCalibrateFew tells nothing of few works, of those that do not count, and of copies of one.
func TestCalibrateFew(t *testing.T) {
	agree := func(Work, Work) float64 { return 1 }
	x := onArc(make([]float64, 30)...)
	if Calibrate(onArc(make([]float64, 19)...), every, agree) != nil || Calibrate(x, func(Work) bool { return false }, agree) != nil {
		t.Error("few works tell something")
	}
	for i := range x.Works {
		x.Works[i].Sum = "the same"
	}
	if Calibrate(x, every, agree) != nil {
		t.Error("copies of a work tell something")
	}
}
