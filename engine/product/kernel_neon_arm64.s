#include "textflag.h"

// Tiles of 8 rows and 8 columns stand in V16 to V31, two registers a row. At each
// depth V0 and V1 hold 8 elements of A, V2 and V3 hold 8 of B. V4 is ones.

// SUM is FMLA c.4S, b.4S, a.S[e], which the assembler has no name for: it adds the
// product of b and of element e of a to c. The bits of e are bits 21 and 11.
#define SUM(c, b, a, e) WORD $(0x4f801000 | ((e & 1) << 21) | ((e >> 1) << 11) | (a << 16) | (b << 5) | c)

#define ROW(left, right, a, e) \
	SUM(left, 2, a, e); \
	SUM(right, 3, a, e)

#define ZERO(left, right) \
	VEOR left.B16, left.B16, left.B16; \
	VEOR right.B16, right.B16, right.B16

// ADD_ROW adds a row of C; R5 points to the row's offset.
#define ADD_ROW(left, right) \
	MOVD.P 8(R5), R10; \
	ADD    R10<<2, R4, R10; \
	VLD1   (R10), [V0.S4, V1.S4]; \
	VFMLA  V0.S4, V4.S4, left.S4; \
	VFMLA  V1.S4, V4.S4, right.S4; \
	SUBS   $1, R9, R9; \
	BEQ    store

// STORE_ROW writes a row of C; R8 points to the row's offset.
#define STORE_ROW(left, right) \
	MOVD.P 8(R8), R10; \
	ADD    R10<<2, R4, R10; \
	VST1   [left.S4, right.S4], (R10); \
	SUBS   $1, R9, R9; \
	BEQ    stored

// func tile8x8NEON(rows, panels, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool)
TEXT ·tile8x8NEON(SB), NOSPLIT, $0-65
	MOVD  rows+0(FP), R11
	MOVD  panels+8(FP), R1
	MOVD  a+24(FP), R0
	MOVD  bStride+40(FP), R6
	LSL   $2, R6, R6
	MOVD  c+48(FP), R4
	MOVD  offsets+56(FP), R8
	MOVBU first+64(FP), R7
	FMOVS $1.0, F4
	VDUP  V4.S[0], V4.S4

panel:
	MOVD depth+16(FP), R3
	MOVD b+32(FP), R2
	ZERO(V16, V17)
	ZERO(V18, V19)
	ZERO(V20, V21)
	ZERO(V22, V23)
	ZERO(V24, V25)
	ZERO(V26, V27)
	ZERO(V28, V29)
	ZERO(V30, V31)

step:
	VLD1.P 32(R0), [V0.S4, V1.S4]
	VLD1   (R2), [V2.S4, V3.S4]
	ADD    R6, R2, R2
	ROW(16, 17, 0, 0)
	ROW(18, 19, 0, 1)
	ROW(20, 21, 0, 2)
	ROW(22, 23, 0, 3)
	ROW(24, 25, 1, 0)
	ROW(26, 27, 1, 1)
	ROW(28, 29, 1, 2)
	ROW(30, 31, 1, 3)
	SUBS   $1, R3, R3
	BNE    step
	CBNZ   R7, store
	MOVD   R8, R5
	MOVD   R11, R9
	ADD_ROW(V16, V17)
	ADD_ROW(V18, V19)
	ADD_ROW(V20, V21)
	ADD_ROW(V22, V23)
	ADD_ROW(V24, V25)
	ADD_ROW(V26, V27)
	ADD_ROW(V28, V29)
	ADD_ROW(V30, V31)

store:
	MOVD R11, R9
	STORE_ROW(V16, V17)
	STORE_ROW(V18, V19)
	STORE_ROW(V20, V21)
	STORE_ROW(V22, V23)
	STORE_ROW(V24, V25)
	STORE_ROW(V26, V27)
	STORE_ROW(V28, V29)
	STORE_ROW(V30, V31)

stored:
	SUBS $1, R1, R1
	BNE  panel
	RET
