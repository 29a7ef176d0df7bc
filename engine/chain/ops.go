package chain

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/simd"
	"atelier/engine/tensor"
)

// stepKind is the kind of a step.
type stepKind int

const (
	mapping   stepKind = iota // element by element
	expanding                 // from per row, or per program, to per element
	reducing                  // of rows
	loading                   // of an operand
	storing                   // to a result
	summing                   // to a sum
)

// A step processes a tile.
type step struct {
	kind   stepKind
	n      int // arguments
	args   [3]Value
	result Value
	f1     simd.Unary
	f2     simd.Binary
	f3     simd.Ternary
	row    func([]float32) float32 // reduces a row
	short  bool                    // rows are too short for that
	adds   bool                    // whether to add them up
	at     int                     // the result or the sum
	bools  bool                    // whether booleans are stored
}

// makes reports whether a step has a result.
func (s *step) makes() bool { return s.kind != storing && s.kind != summing }

// A table holds the operations of one path.
type table struct {
	unary   map[compute.OpType]simd.Unary
	binary  map[compute.OpType]simd.Binary
	ternary map[compute.OpType]simd.Ternary
}

func tableOf(k *simd.Kernels) table {
	return table{
		unary: map[compute.OpType]simd.Unary{
			compute.OpTypeNeg: k.Neg, compute.OpTypeAbs: k.Abs, compute.OpTypeSign: k.Sign, compute.OpTypeSqrt: k.Sqrt,
			compute.OpTypeRsqrt: k.Rsqrt, compute.OpTypeFloor: k.Floor, compute.OpTypeCeil: k.Ceil, compute.OpTypeRound: k.Round,
			compute.OpTypeExp: k.Exp, compute.OpTypeExpm1: k.Expm1, compute.OpTypeLog: k.Log, compute.OpTypeLog1p: k.Log1p,
			compute.OpTypeTanh: k.Tanh, compute.OpTypeLogistic: k.Logistic, compute.OpTypeErf: k.Erf,
			compute.OpTypeSin: k.Sin, compute.OpTypeCos: k.Cos,
			compute.OpTypeLogicalNot: k.Not, compute.OpTypeIsFinite: k.IsFinite, compute.OpTypeIsNaN: k.IsNaN,
		},
		binary: map[compute.OpType]simd.Binary{
			compute.OpTypeAdd: k.Add, compute.OpTypeSub: k.Sub, compute.OpTypeMul: k.Mul, compute.OpTypeDiv: k.Div,
			compute.OpTypeRem: k.Rem, compute.OpTypePow: k.Pow, compute.OpTypeMax: k.Max, compute.OpTypeMin: k.Min,
			compute.OpTypeEqual: k.Equal, compute.OpTypeNotEqual: k.NotEqual, compute.OpTypeLessThan: k.Less,
			compute.OpTypeLessOrEqual: k.LessEqual, compute.OpTypeGreaterThan: k.Greater, compute.OpTypeGreaterOrEqual: k.GreaterEqual,
			compute.OpTypeLogicalAnd: k.And, compute.OpTypeLogicalOr: k.Or, compute.OpTypeLogicalXor: k.Xor,
		},
		ternary: map[compute.OpType]simd.Ternary{compute.OpTypeWhere: k.Select},
	}
}

var portable = tableOf(simd.For(simd.Portable))

// Maps reports whether an operation with n operands is supported by [Builder.Map]: on floats, on
// masks, or, for Where, a mask and two of either.
func Maps(op compute.OpType, operands int) bool {
	var ok bool
	switch operands {
	case 1:
		_, ok = portable.unary[op]
	case 2:
		_, ok = portable.binary[op]
	case 3:
		_, ok = portable.ternary[op]
	}
	return ok
}

// choose selects the kernel of an operation.
func (s *step) choose(k *simd.Kernels, op compute.OpType) {
	if !Maps(op, s.n) {
		panic(fmt.Sprintf("chain: %s of %d operands is not done element by element", op, s.n))
	}
	t := tableOf(k)
	s.f1, s.f2, s.f3 = t.unary[op], t.binary[op], t.ternary[op]
}

// Reduces reports whether rows can be reduced by an operation.
func Reduces(op compute.OpType) bool {
	return op == compute.OpTypeReduceSum || op == compute.OpTypeReduceMax || op == compute.OpTypeReduceMin
}

// reductionsOf returns the element-wise reduction, and the function that joins two results.
func reductionsOf(k *simd.Kernels, op compute.OpType) (func([]float32) float32, simd.Binary) {
	switch op {
	case compute.OpTypeReduceSum:
		return k.Sum, k.Add
	case compute.OpTypeReduceMax:
		return k.ReduceMax, k.Max
	case compute.OpTypeReduceMin:
		return k.ReduceMin, k.Min
	}
	panic(fmt.Sprintf("chain: %s is no reduction of rows", op))
}

// Loads reports whether an operand may have a type.
func Loads(t dtypes.DType) bool {
	return t == dtypes.Float32 || t == dtypes.Bool || t == dtypes.Int32 || t == dtypes.Float16 || t == dtypes.BFloat16
}

// loads convert operands of other types to float32.
func loads(k *simd.Kernels) map[dtypes.DType]func(dst []float32, src []byte) {
	return map[dtypes.DType]func(dst []float32, src []byte){
		dtypes.Bool:     func(dst []float32, src []byte) { k.FromBool(dst, tensor.As[bool](src)) },
		dtypes.Int32:    func(dst []float32, src []byte) { k.FromInt32(dst, tensor.As[int32](src)) },
		dtypes.Float16:  func(dst []float32, src []byte) { k.FromFloat16(dst, tensor.As[uint16](src)) },
		dtypes.BFloat16: func(dst []float32, src []byte) { k.FromBfloat16(dst, tensor.As[uint16](src)) },
	}
}
