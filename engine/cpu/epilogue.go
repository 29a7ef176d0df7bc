package cpu

import (
	"slices"

	"atelier/engine/ir"
	"atelier/engine/tensor"
)

// An epilogue processes n values of a result, from at on, as soon as they are finished and still in
// the cache. Several threads call it at once.
type epilogue func(at, n int)

// fuse makes a chain the epilogue of the product or convolution whose result only it reads: a bias,
// an activation, a residual connection.
func fuse(steps []draft, outputs []ir.Value) []draft {
	readers := map[ir.Value]int{}
	for _, s := range steps {
		for _, v := range s.reads {
			readers[home(v)]++
		}
	}
	for _, o := range outputs {
		readers[home(o)]++
	}
	makers := map[ir.Value]int{}
	gone := map[int]bool{}
	for i := range steps {
		for _, v := range steps[i].makes {
			makers[v] = i
		}
		for k, v := range steps[i].reads {
			from, ok := makers[home(v)]
			if !ok || readers[home(v)] != 1 || steps[from].finish == nil || !ends(&steps[i], k) {
				continue
			}
			steps[i] = fused(steps[from], steps[i], k)
			gone[from] = true
			break
		}
	}
	var out []draft
	for i, s := range steps {
		if !gone[i] {
			out = append(out, s)
		}
	}
	return out
}

// ends reports whether a step is a chain that can process operand k as it is produced.
func ends(s *draft, k int) bool {
	return s.program != nil && s.program.Stretches() && s.program.Dense(k)
}

// fused is a step with the chain as its epilogue, which reads the step's result as operand k. If
// possible, the step writes to the memory of a result of the chain.
func fused(s, c draft, k int) draft {
	target := -1
	for j := range c.makes {
		if target < 0 && c.program.InPlace(k, j) {
			target = j
		}
	}
	out := draft{
		name: s.name + "+" + c.name, flops: s.flops,
		reads: slices.Concat(s.reads, c.reads[:k], c.reads[k+1:]), makes: c.makes,
	}
	if target < 0 {
		out.makes = append(slices.Clone(c.makes), s.makes[0])
	}
	first := len(s.reads) // operand of the chain
	out.inPlace = func(operand, result int) bool {
		operand -= first
		if operand >= k {
			operand++
		}
		return operand >= 0 && result < len(c.makes) && result != target && c.program.InPlace(operand, result)
	}
	out.run = func(results, in []tensor.Tensor) error {
		to := results[len(results)-1]
		if target >= 0 {
			to = results[target]
		}
		operands := slices.Insert(slices.Clone(in[first:]), k, to)
		run := c.program.Begin(results[:len(c.makes)], operands)
		defer run.End()
		return s.finish(to, in[:first], run.Do)
	}
	return out
}
