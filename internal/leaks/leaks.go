// Package leaks finds goroutines that outlive the tests that started them.
package leaks

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Find returns an error with the stacks of the goroutines that are there beside
// the caller's and those of the runtime and of package testing. It waits for up
// to the given time for them to end.
func Find(wait time.Duration) error {
	const step = 10 * time.Millisecond
	for deadline := time.Now().Add(wait); ; time.Sleep(step) {
		left := foreign(stacks())
		if len(left) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("found unexpected goroutines:\n%s", strings.Join(left, "\n\n"))
		}
	}
}

// stacks returns those of all goroutines but the caller's.
func stacks() []string {
	for size := 1 << 16; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size {
			return strings.Split(string(bytes.TrimSpace(buf[:n])), "\n\n")[1:] // the caller's is the first
		}
	}
}

// own are functions whose goroutines go on by right: the tests' main goroutine
// and those that wait for a test to end, and those of signals and tracing.
var own = []string{
	"testing.(*T).Run(", "testing.(*M).", "testing.runTests(", "testing.tRunner.func", "testing.runFuzzing(", "testing.(*F).Fuzz",
	"os/signal.signal_recv(", "os/signal.loop(", "runtime.ensureSigM(", "runtime/trace.Start.", "runtime.ReadTrace(",
}

// foreign returns the stacks that none of the functions of own is in.
func foreign(all []string) []string {
	return slices.DeleteFunc(all, func(stack string) bool {
		for line := range strings.Lines(stack) {
			if slices.ContainsFunc(own, func(f string) bool { return strings.HasPrefix(line, f) }) {
				return true
			}
		}
		return false
	})
}
