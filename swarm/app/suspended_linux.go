package app

import (
	"syscall"
	"time"
	"unsafe"
)

// suspended returns for how long the machine has been suspended since it started.
func suspended() (time.Duration, bool) {
	const monotonic, boottime = 1, 7 // the one stands still in a suspension, the other goes on
	before, ok := clockGettime(monotonic)
	total, also := clockGettime(boottime)
	return total - before, ok && also
}

func clockGettime(id uintptr) (time.Duration, bool) {
	var t syscall.Timespec
	_, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, id, uintptr(unsafe.Pointer(&t)), 0)
	return time.Duration(t.Nano()), err == 0
}
