package cpu

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/gomlx/compute/support/backendtest"

	"atelier/engine/simd"
)

func TestConformance(t *testing.T) {
	for _, path := range simd.Paths() {
		t.Run(string(path), func(t *testing.T) {
			b, err := New(path, 2)
			if err != nil {
				t.Fatal(err)
			}
			backendtest.RunAll(t, b, nil)
		})
	}
}

// skips are the tests of gomlx's conformance that the engine skips.
var skips = []struct{ tests, why string }{
	{
		`BinaryOps/Add/DynamicShapesBroadcasting|SpecialOps/(Dynamic(Reshape|BroadcastInDim|Iota|Pad)|Reduce/DynamicShapeReduction|Concatenate/DynamicNonConcatAxis|Slice/DynamicShapeFullAxis)`,
		"shapes that are not known before the graph runs: no model here makes them; where sizes vary, model/graphs keeps a graph for each",
	},
	{
		`FusedOps/Fused(Softmax|Gelu|LayerNorm|Dense|ScaledDotProductAttention|AttentionQKVProjection)`,
		"operations that others have fused: gomlx writes them in single ones instead, which have gradients and which the engine fuses by rules of its own",
	},
	{
		`DotGeneral/DTypes/(Float(16|32|64)_BFloat16|(BFloat16|Float(32|64))_Float16)_\w+`,
		"products that are summed in 16 bits of another type than their operands: less exact than every other way, and gomlx's Go backend, which checks all operations, has none",
	},
}

// A test that is skipped without a reason above fails, and so does a reason that no
// test needs.
func TestConformanceSkips(t *testing.T) {
	out, err := exec.Command(os.Args[0], "-test.run", "^TestConformance$", "-test.v").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	needed := make([]bool, len(skips))
	for _, line := range strings.Split(string(out), "\n") {
		skipped, found := strings.CutPrefix(strings.TrimSpace(line), "--- SKIP: TestConformance/")
		if !found {
			continue
		}
		_, test, _ := strings.Cut(skipped, "/") // after the path
		test, _, _ = strings.Cut(test, " ")
		known := false
		for i, s := range skips {
			if regexp.MustCompile("^(" + s.tests + ")$").MatchString(test) {
				needed[i], known = true, true
			}
		}
		if !known {
			t.Errorf("%s is skipped without a reason", test)
		}
	}
	for i, s := range skips {
		if !needed[i] {
			t.Errorf("nothing is skipped because of %s", s.why)
		}
	}
}
