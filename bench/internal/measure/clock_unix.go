//go:build unix

package measure

import (
	"syscall"
	"time"
)

// CPU is the processor time that this process has taken, which a busy machine
// stretches less than the time on the wall.
func CPU() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return Wall()
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
