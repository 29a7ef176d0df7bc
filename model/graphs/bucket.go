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
