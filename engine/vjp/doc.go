// Package vjp repairs gradients of gomlx v0.28.8 that are wrong or missing, at
// first and second order, on any backend. To import it is enough for the
// operations of one node that gomlx has no gradient for: Rsqrt, Expm1 and Clamp.
// Convolutions and pooling are functions here, because a node does not tell its
// geometry: [Conv], [ConvTransposed], [MaxPool].
//
// These need no repair, whatever the order: batch normalisation written in
// primitive operations, DynamicSlice and DynamicUpdateSlice (gomlx's gradients
// are right; its Go backend lacks the operations), ClipScalar.
package vjp
