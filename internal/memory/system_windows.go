package memory

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var globalMemoryStatus = windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")

// status is MEMORYSTATUSEX.
type status struct {
	length, load            uint32
	total, free             uint64
	totalPage, freePage     uint64
	totalVirtual, available uint64
	extended                uint64
}

// system is the memory of the machine, and the free part of it; 0 if unknown.
func system() (total, free float64) {
	s := status{length: uint32(unsafe.Sizeof(status{}))}
	if ok, _, _ := globalMemoryStatus.Call(uintptr(unsafe.Pointer(&s))); ok == 0 {
		return 0, 0
	}
	return float64(s.total), float64(s.free)
}
