package arch

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
)

// Without training, a bright square that moves evenly moves on, in the direction and with the speed
// of before, between pixels too.
func TestWarpMovesOn(t *testing.T) {
	const side, given, ahead = 32, 3, 2
	f := data.Field{Name: data.Target, Kind: data.Frames, Shape: []int{given, side, side, 1}, Low: -1, High: 1}
	network, err := registry.Make[VelocityArch]("unet", "width=4", "limit=4", "features=4")
	if err != nil {
		t.Fatal(err)
	}
	warp, err := NewWarp(given, ahead, 2, 2, network, f)
	if err != nil {
		t.Fatal(err)
	}
	at := func(k int) (x, y float64) { return 8 + 1.5*float64(k), 20 - float64(k) }
	clip := make([]float32, given*side*side)
	for k := range given {
		x, y := at(k)
		for i := range side * side {
			cover := func(v, from float64) float64 { return max(0, min(v+1, from+8)-max(v, from)) }
			clip[k*side*side+i] = float32(-1 + 2*min(1, cover(float64(i%side), x))*min(1, cover(float64(i/side), y)))
		}
	}
	store := model.NewStore()
	exec, err := model.NewExec(backend(), store, func(_ *model.Scope, x *graph.Node) *graph.Node {
		return Joined(warp.Next(store.Scope("warp"), Split(x, 0, given)))
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Call(tensors.FromFlatDataAndDimensions(clip, 1, given, side, side, 1))
	if err != nil {
		t.Fatal(err)
	}
	values, err := tensors.CopyFlatData[float32](out[0])
	if err != nil || len(values) != ahead*side*side {
		t.Fatal(len(values), err)
	}
	for k := range ahead {
		var sum, cx, cy float64
		for i, v := range values[k*side*side : (k+1)*side*side] {
			w := float64(v) + 1
			sum, cx, cy = sum+w, cx+w*float64(i%side), cy+w*float64(i/side)
		}
		x, y := at(given + k)
		if math.Abs(cx/sum-x-3.5) > 0.5 || math.Abs(cy/sum-y-3.5) > 0.5 {
			t.Errorf("frame %d ahead: centre at %.2f,%.2f, want %.2f,%.2f", k+1, cx/sum, cy/sum, x+3.5, y+3.5)
		}
		if sum < 0.7*2*64 || sum > 1.3*2*64 {
			t.Errorf("frame %d ahead: brightness %g, want %d", k+1, sum, 2*64)
		}
	}
}
