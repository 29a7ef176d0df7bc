#include "textflag.h"

// Instructions that the assembler has no name for. The bits of an element e are bits 21 and 11.

// SDOT adds to each lane of c the products of its four bytes of w with element e of x.
#define SDOT(c, w, x, e) WORD $(0x4f80e000 | ((e & 1) << 21) | ((e >> 1) << 11) | (x << 16) | (w << 5) | c)

// SCVTF makes float32 of whole numbers.
#define SCVTF(c) WORD $(0x4e21d800 | (c << 5) | c)

// FMUL, FADD and FSUB are c = a op b.
#define FMUL(c, a, b) WORD $(0x6e20dc00 | (b << 16) | (a << 5) | c)
#define FADD(c, a, b) WORD $(0x4e20d400 | (b << 16) | (a << 5) | c)
#define FSUB(c, a, b) WORD $(0x4ea0d400 | (b << 16) | (a << 5) | c)

// FADDP adds neighbouring lanes of a and then of b.
#define FADDP(c, a, b) WORD $(0x6e20d400 | (b << 16) | (a << 5) | c)

// DOTS adds the products of 16 columns of 8 outputs with a vector: V4 to V7 hold 8 of the
// columns at a time. left and right are the sums.
#define DOTS(left, right, x, e) \
	SDOT(left, 4, x, e); \
	SDOT(right, 5, x, e); \
	SDOT(left, 6, x, (e + 1)); \
	SDOT(right, 7, x, (e + 1))

// OFFSET begins the sums of a group with its offset.
#define OFFSET(groups, left, right) \
	ADD   $8, groups, R14; \
	VLD1R (R14), [left.S4]; \
	VMOV  left.B16, right.B16

// SCALED multiplies the sums of a group by both scales, V4 and V5 for the weights, and takes
// the minima, V6 and V7, times the sum of the vector away if R13 is not 0. It moves on to the
// next group.
#define SCALED(groups, left, right, result, result2) \
	SCVTF(left); \
	SCVTF(right); \
	VLD1R (groups), [V3.S4]; \
	FMUL(2, 3, 4); \
	FMUL(left, left, 2); \
	FMUL(2, 3, 5); \
	FMUL(right, right, 2); \
	ADD   $4, groups, R14; \
	VLD1R (R14), [V3.S4]; \
	FMUL(2, 3, 6); \
	FMUL(3, 3, 7); \
	VAND  V1.B16, V2.B16, V2.B16; \
	VAND  V1.B16, V3.B16, V3.B16; \
	FSUB(left, left, 2); \
	FSUB(right, right, 3); \
	FADD(result, result, left); \
	FADD(result2, result2, right); \
	ADD   $12, groups, groups

// func tile4NEON(count, steps int, weights *uint8, scales *float32, quants *int8, quantStride int, groups *float32, groupStride int, dst *float32, stride int, minima int)
TEXT ·tile4NEON(SB), NOSPLIT, $0-88
	MOVD count+0(FP), R0
	MOVD steps+8(FP), R11
	MOVD weights+16(FP), R1
	MOVD scales+24(FP), R2
	MOVD quants+32(FP), R3
	MOVD quantStride+40(FP), R14
	ADD  R14, R3, R4
	ADD  R14, R4, R5
	ADD  R14, R5, R6
	MOVD groups+48(FP), R7
	MOVD groupStride+56(FP), R14
	ADD  R14, R7, R8
	ADD  R14, R8, R9
	ADD  R14, R9, R10
	MOVD minima+80(FP), R13
	MOVD dst+64(FP), R15
	MOVD stride+72(FP), R19
	VLD1 (R15), [V24.S4, V25.S4]
	ADD  R19, R15, R15
	VLD1 (R15), [V26.S4, V27.S4]
	ADD  R19, R15, R15
	VLD1 (R15), [V28.S4, V29.S4]
	ADD  R19, R15, R15
	VLD1 (R15), [V30.S4, V31.S4]

group4:
	OFFSET(R7, V16, V17)
	OFFSET(R8, V18, V19)
	OFFSET(R9, V20, V21)
	OFFSET(R10, V22, V23)
	MOVD R11, R12

step4:
	VLD1.P 16(R3), [V0.B16]
	VLD1.P 16(R4), [V1.B16]
	VLD1.P 16(R5), [V2.B16]
	VLD1.P 16(R6), [V3.B16]
	VLD1.P 64(R1), [V4.B16, V5.B16, V6.B16, V7.B16]
	DOTS(16, 17, 0, 0)
	DOTS(18, 19, 1, 0)
	DOTS(20, 21, 2, 0)
	DOTS(22, 23, 3, 0)
	VLD1.P 64(R1), [V4.B16, V5.B16, V6.B16, V7.B16]
	DOTS(16, 17, 0, 2)
	DOTS(18, 19, 1, 2)
	DOTS(20, 21, 2, 2)
	DOTS(22, 23, 3, 2)
	SUBS   $1, R12, R12
	BNE    step4
	VDUP   R13, V1.S4
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	SCALED(R7, 16, 17, 24, 25)
	SCALED(R8, 18, 19, 26, 27)
	SCALED(R9, 20, 21, 28, 29)
	SCALED(R10, 22, 23, 30, 31)
	SUBS   $1, R0, R0
	BNE    group4
	MOVD   dst+64(FP), R15
	VST1   [V24.S4, V25.S4], (R15)
	ADD    R19, R15, R15
	VST1   [V26.S4, V27.S4], (R15)
	ADD    R19, R15, R15
	VST1   [V28.S4, V29.S4], (R15)
	ADD    R19, R15, R15
	VST1   [V30.S4, V31.S4], (R15)
	RET

// func tile1NEON(count, steps int, weights *uint8, scales *float32, quants *int8, quantStride int, groups *float32, groupStride int, dst *float32, stride int, minima int)
TEXT ·tile1NEON(SB), NOSPLIT, $0-88
	MOVD count+0(FP), R0
	MOVD steps+8(FP), R11
	MOVD weights+16(FP), R1
	MOVD scales+24(FP), R2
	MOVD quants+32(FP), R3
	MOVD groups+48(FP), R7
	MOVD minima+80(FP), R13
	VDUP R13, V1.S4
	MOVD dst+64(FP), R15
	VLD1 (R15), [V24.S4, V25.S4]

group1:
	OFFSET(R7, V16, V17)
	MOVD R11, R12

step1:
	VLD1.P 16(R3), [V0.B16]
	VLD1.P 64(R1), [V4.B16, V5.B16, V6.B16, V7.B16]
	DOTS(16, 17, 0, 0)
	VLD1.P 64(R1), [V4.B16, V5.B16, V6.B16, V7.B16]
	DOTS(16, 17, 0, 2)
	SUBS   $1, R12, R12
	BNE    step1
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	SCALED(R7, 16, 17, 24, 25)
	SUBS   $1, R0, R0
	BNE    group1
	VST1   [V24.S4, V25.S4], (R15)
	RET

#define ZERO(c) VEOR c.B16, c.B16, c.B16

// TOTAL adds the lanes of four sums to four results at R15.
#define TOTAL(a, b, c, d) \
	FADDP(a, a, b); \
	FADDP(c, c, d); \
	FADDP(a, a, c); \
	VLD1 (R15), [V1.S4]; \
	FADD(1, 1, a); \
	VST1 [V1.S4], (R15)

// func dense1NEON(n int, w *float32, wStride int, x, dst *float32)
// One vector, eight outputs; n is a multiple of 4 above 0.
TEXT ·dense1NEON(SB), NOSPLIT, $0-40
	MOVD n+0(FP), R0
	MOVD w+8(FP), R1
	MOVD wStride+16(FP), R14
	LSL  $2, R14, R14
	ADD  R14, R1, R2
	ADD  R14, R2, R3
	ADD  R14, R3, R4
	ADD  R14, R4, R5
	ADD  R14, R5, R6
	ADD  R14, R6, R7
	ADD  R14, R7, R8
	MOVD x+24(FP), R9
	MOVD dst+32(FP), R15
	ZERO(V16)
	ZERO(V17)
	ZERO(V18)
	ZERO(V19)
	ZERO(V20)
	ZERO(V21)
	ZERO(V22)
	ZERO(V23)

turn1:
	VLD1.P 16(R9), [V0.S4]
	VLD1.P 16(R1), [V1.S4]
	VLD1.P 16(R2), [V2.S4]
	VLD1.P 16(R3), [V3.S4]
	VLD1.P 16(R4), [V4.S4]
	VLD1.P 16(R5), [V5.S4]
	VLD1.P 16(R6), [V6.S4]
	VLD1.P 16(R7), [V7.S4]
	VLD1.P 16(R8), [V8.S4]
	VFMLA  V0.S4, V1.S4, V16.S4
	VFMLA  V0.S4, V2.S4, V17.S4
	VFMLA  V0.S4, V3.S4, V18.S4
	VFMLA  V0.S4, V4.S4, V19.S4
	VFMLA  V0.S4, V5.S4, V20.S4
	VFMLA  V0.S4, V6.S4, V21.S4
	VFMLA  V0.S4, V7.S4, V22.S4
	VFMLA  V0.S4, V8.S4, V23.S4
	SUBS   $4, R0, R0
	BNE    turn1
	TOTAL(16, 17, 18, 19)
	ADD    $16, R15, R15
	TOTAL(20, 21, 22, 23)
	RET

#define ACROSS(x, a, b, c, d) \
	VFMLA x.S4, V4.S4, a.S4; \
	VFMLA x.S4, V5.S4, b.S4; \
	VFMLA x.S4, V6.S4, c.S4; \
	VFMLA x.S4, V7.S4, d.S4

// func dense4NEON(n int, w *float32, wStride int, x *float32, xStride int, dst *float32, stride int)
// Four vectors, four outputs; n is a multiple of 4 above 0.
TEXT ·dense4NEON(SB), NOSPLIT, $0-56
	MOVD n+0(FP), R0
	MOVD w+8(FP), R1
	MOVD wStride+16(FP), R14
	LSL  $2, R14, R14
	ADD  R14, R1, R2
	ADD  R14, R2, R3
	ADD  R14, R3, R4
	MOVD x+24(FP), R5
	MOVD xStride+32(FP), R14
	LSL  $2, R14, R14
	ADD  R14, R5, R6
	ADD  R14, R6, R7
	ADD  R14, R7, R8
	MOVD dst+40(FP), R15
	MOVD stride+48(FP), R19
	LSL  $2, R19, R19
	ZERO(V16)
	ZERO(V17)
	ZERO(V18)
	ZERO(V19)
	ZERO(V20)
	ZERO(V21)
	ZERO(V22)
	ZERO(V23)
	ZERO(V24)
	ZERO(V25)
	ZERO(V26)
	ZERO(V27)
	ZERO(V28)
	ZERO(V29)
	ZERO(V30)
	ZERO(V31)

turn4:
	VLD1.P 16(R5), [V0.S4]
	VLD1.P 16(R6), [V1.S4]
	VLD1.P 16(R7), [V2.S4]
	VLD1.P 16(R8), [V3.S4]
	VLD1.P 16(R1), [V4.S4]
	VLD1.P 16(R2), [V5.S4]
	VLD1.P 16(R3), [V6.S4]
	VLD1.P 16(R4), [V7.S4]
	ACROSS(V0, V16, V17, V18, V19)
	ACROSS(V1, V20, V21, V22, V23)
	ACROSS(V2, V24, V25, V26, V27)
	ACROSS(V3, V28, V29, V30, V31)
	SUBS   $4, R0, R0
	BNE    turn4
	TOTAL(16, 17, 18, 19)
	ADD    R19, R15, R15
	TOTAL(20, 21, 22, 23)
	ADD    R19, R15, R15
	TOTAL(24, 25, 26, 27)
	ADD    R19, R15, R15
	TOTAL(28, 29, 30, 31)
	RET

// FCVTL and FCVTL2 make float32 of the lower and the upper four float16; SHLL and SHLL2 shift
// words of 16 bits to the upper halves of words of 32.
#define FCVTL(c, a) WORD $(0x0e217800 | (a << 5) | c)
#define FCVTL2(c, a) WORD $(0x4e217800 | (a << 5) | c)
#define SHLL(c, a) WORD $(0x2e613800 | (a << 5) | c)
#define SHLL2(c, a) WORD $(0x6e613800 | (a << 5) | c)

// func widenHalfNEON(n int, dst *float32, src *uint8)
TEXT ·widenHalfNEON(SB), NOSPLIT, $0-24
	MOVD n+0(FP), R0
	MOVD dst+8(FP), R1
	MOVD src+16(FP), R2

half:
	VLD1.P 16(R2), [V0.B16]
	FCVTL(1, 0)
	FCVTL2(2, 0)
	VST1.P [V1.S4, V2.S4], 32(R1)
	SUBS   $8, R0, R0
	BNE    half
	RET

// func widenBfloatNEON(n int, dst *float32, src *uint8)
TEXT ·widenBfloatNEON(SB), NOSPLIT, $0-24
	MOVD n+0(FP), R0
	MOVD dst+8(FP), R1
	MOVD src+16(FP), R2

bfloat:
	VLD1.P 16(R2), [V0.B16]
	SHLL(1, 0)
	SHLL2(2, 0)
	VST1.P [V1.S4, V2.S4], 32(R1)
	SUBS   $8, R0, R0
	BNE    bfloat
	RET

// func mix16NEON(rows int, dst, weights, x *float32, stride int)
TEXT ·mix16NEON(SB), NOSPLIT, $0-40
	MOVD rows+0(FP), R0
	MOVD dst+8(FP), R1
	MOVD weights+16(FP), R2
	MOVD x+24(FP), R3
	MOVD stride+32(FP), R4
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16

mix16row:
	VLD1R.P 4(R2), [V4.S4]
	VLD1 (R3), [V5.S4, V6.S4, V7.S4, V8.S4]
	ADD R4, R3
	VFMLA V4.S4, V5.S4, V0.S4
	VFMLA V4.S4, V6.S4, V1.S4
	VFMLA V4.S4, V7.S4, V2.S4
	VFMLA V4.S4, V8.S4, V3.S4
	SUBS $1, R0
	BNE mix16row
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R1)
	RET

// func mix4NEON(rows int, dst, weights, x *float32, stride int)
TEXT ·mix4NEON(SB), NOSPLIT, $0-40
	MOVD rows+0(FP), R0
	MOVD dst+8(FP), R1
	MOVD weights+16(FP), R2
	MOVD x+24(FP), R3
	MOVD stride+32(FP), R4
	VEOR V0.B16, V0.B16, V0.B16

mix4row:
	VLD1R.P 4(R2), [V4.S4]
	VLD1 (R3), [V5.S4]
	ADD R4, R3
	VFMLA V4.S4, V5.S4, V0.S4
	SUBS $1, R0
	BNE mix4row
	VST1 [V0.S4], (R1)
	RET
