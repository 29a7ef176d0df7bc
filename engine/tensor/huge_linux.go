package tensor

import (
	"syscall"
	"unsafe"
)

// hugePage is the size of a huge page on amd64, and on arm64 with pages of 4 KiB.
const hugePage = 2 << 20

// adviseCollapse is MADV_COLLAPSE, which Linux knows from 6.1 on: it makes huge pages of
// memory that is in small ones already.
const adviseCollapse = 25

// inHugePages asks for huge pages for memory, and for what shares the first and the
// last one with it: all of it is Go's heap, which is mapped in larger pieces. Rows that
// lie pages apart then cost no walk through page tables each. It is advice: a system
// that knows nothing of it goes on as before.
func inHugePages(b []byte) {
	first := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	end := (first + uintptr(len(b)) + hugePage - 1) &^ (hugePage - 1)
	first &^= hugePage - 1
	for _, advice := range []uintptr{syscall.MADV_HUGEPAGE, adviseCollapse} {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, first, end-first, advice)
	}
}
