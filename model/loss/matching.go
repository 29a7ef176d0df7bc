package loss

import "github.com/gomlx/gomlx/core/graph"

// Matching is the squared distance between the mean features [batch, width] of real
// and of generated samples (Salimans et al. 2016, arXiv:1606.03498, section 3.1). No
// gradient flows to the real ones.
func Matching(real, fake *graph.Node) *graph.Node {
	miss := graph.Sub(graph.ReduceMean(graph.StopGradient(real), 0), graph.ReduceMean(fake, 0)) // [width]
	return graph.ReduceAllSum(graph.Square(miss))
}
