package tensor

import (
	"syscall"
	"unsafe"
)

// hugePage is the size of a huge page on amd64, and on arm64 with pages of 4 KiB.
const hugePage = 2 << 20

// adviseCollapse is MADV_COLLAPSE, available from Linux 6.1 on: it merges existing small pages into
// huge ones.
const adviseCollapse = 25

// inHugePages requests huge pages for memory, including whatever shares its first and last page:
// all of it is Go's heap, which is mapped in larger pieces. Rows that lie pages apart then cost no
// page table walk each. It is only advice: a system without support ignores it.
func inHugePages(b []byte) {
	first := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	end := (first + uintptr(len(b)) + hugePage - 1) &^ (hugePage - 1)
	first &^= hugePage - 1
	for _, advice := range []uintptr{syscall.MADV_HUGEPAGE, adviseCollapse} {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, first, end-first, advice)
	}
}
