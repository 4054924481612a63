package iter_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

func TestStatsString(t *testing.T) {
	t.Parallel()
	stats := dyniter.Stats{
		Requests: 7, Evaluated: 534, Returned: 10, Retries: 1, Gone: 2, Skipped: 3,
		Consumed: 12.5, ConsumedTable: 12, ConsumedIndex: 0.5,
		Bytes: 1 << 20, Stop: dyniter.StopRecordLimit,
	}
	assert.Equal(t,
		`requests=7 evaluated=534 returned=10 retries=1 gone=2 skipped=3 consumed=12.5 table=12 index=0.5 bytes=1048576 stop="record limit"`,
		stats.String())
	assert.Equal(t,
		`requests=0 evaluated=0 returned=0 retries=0 gone=0 skipped=0 consumed=0 table=0 index=0 bytes=0 stop="none"`,
		dyniter.Stats{}.String())
}

// Every number is added, whichever fields there are; the reason to end is not.
func TestStatsAdd(t *testing.T) {
	t.Parallel()
	var sum, other dyniter.Stats
	for i := range reflect.TypeFor[dyniter.Stats]().NumField() {
		for _, fill := range []struct {
			stats *dyniter.Stats
			n     int
		}{{&sum, i + 1}, {&other, 100}} {
			field := reflect.ValueOf(fill.stats).Elem().Field(i)
			if field.Type() != reflect.TypeFor[dyniter.Stop]() {
				field.Set(reflect.ValueOf(fill.n).Convert(field.Type()))
			}
		}
	}
	sum.Stop, other.Stop = dyniter.StopCaller, dyniter.StopError
	sum.Add(other)
	for field, value := range reflect.ValueOf(sum).Fields() {
		if field.Type != reflect.TypeFor[dyniter.Stop]() {
			assert.EqualValues(t, 100+field.Index[0]+1, value.Interface(), field.Name)
		}
	}
	assert.Equal(t, dyniter.StopCaller, sum.Stop)
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
