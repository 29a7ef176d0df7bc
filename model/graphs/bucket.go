package graphs

import "math/bits"

// Bucket is the size that n is padded to: the least power of two that is not
// below it, 1 for n < 2. Sizes up to n need 1 + log2(n) graphs, rounded up, and
// less than half of the work is padding.
func Bucket(n int) int {
	if n < 2 {
		return 1
	}
	return 1 << bits.Len(uint(n-1))
}

// Batch is the size that a batch of n samples is padded to: 3, 6, 12, 24, 48 and so
// on. They are multiples of 3 because gomlx's Go backend sums the rows left over
// from blocks of 3 in another order; so a sample's numbers do not depend on the size.
func Batch(n int) int { return 3 * Bucket((n+2)/3) }
