package leaks_test

import (
	"os"
	"os/signal"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/leaks"
)

// TestFind: a goroutine that stays is told with its stack, one that ends in time
// is not, and neither are those that are there by right. Other tests of the
// binary would be taken for leaks: this one runs alone.
func TestFind(t *testing.T) {
	seen := make(chan os.Signal, 1)
	signal.Notify(seen, os.Interrupt)
	t.Cleanup(func() { signal.Stop(seen) })
	require.NoError(t, leaks.Find(0))

	end := make(chan struct{})
	go stay(end)
	err := leaks.Find(20 * time.Millisecond)
	require.ErrorContains(t, err, "leaks_test.stay(")
	assert.NotContains(t, err.Error(), "TestFind(0x", "not the caller's")

	time.AfterFunc(50*time.Millisecond, func() { close(end) })
	require.NoError(t, leaks.Find(10*time.Second))
}

func stay(end <-chan struct{}) { <-end }
