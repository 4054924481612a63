package iter_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

func TestStatsString(t *testing.T) {
	t.Parallel()
	stats := dyniter.Stats{
		Requests: 7, Evaluated: 534, Returned: 10, Retries: 1,
		Consumed: 12.5, ConsumedTable: 12, ConsumedIndex: 0.5,
		Bytes: 1 << 20, Stop: dyniter.StopRecordLimit,
	}
	assert.Equal(t,
		`requests=7 evaluated=534 returned=10 retries=1 consumed=12.5 table=12 index=0.5 bytes=1048576 stop="record limit"`,
		stats.String())
	assert.Equal(t,
		`requests=0 evaluated=0 returned=0 retries=0 consumed=0 table=0 index=0 bytes=0 stop="none"`,
		dyniter.Stats{}.String())
}

func TestStopString(t *testing.T) {
	t.Parallel()
	texts := map[dyniter.Stop]string{
		dyniter.StopNone:        "none",
		dyniter.StopExhausted:   "exhausted",
		dyniter.StopRecordLimit: "record limit",
		dyniter.StopScanLimit:   "scan limit",
		dyniter.StopCaller:      "caller",
		dyniter.StopContext:     "context",
		dyniter.StopError:       "error",
		dyniter.StopError + 1:   "Stop(7)",
	}
	for stop, text := range texts {
		assert.Equal(t, text, stop.String())
	}
}
