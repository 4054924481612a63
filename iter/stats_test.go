package iter_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

// Every number is added, whichever fields there are; the reason to end is the last.
func TestMeterAdd(t *testing.T) {
	t.Parallel()
	var first, other dyniter.Stats
	for i := range reflect.TypeFor[dyniter.Stats]().NumField() {
		for _, fill := range []struct {
			stats *dyniter.Stats
			n     int
		}{{&first, i + 1}, {&other, 100}} {
			field := reflect.ValueOf(fill.stats).Elem().Field(i)
			if field.Type() != reflect.TypeFor[dyniter.Stop]() {
				field.Set(reflect.ValueOf(fill.n).Convert(field.Type()))
			}
		}
	}
	first.Stop = dyniter.StopCaller
	var meter dyniter.Meter
	meter.Add(first)
	meter.Add(other)
	sum := meter.Stats()
	for field, value := range reflect.ValueOf(sum).Fields() {
		if field.Type != reflect.TypeFor[dyniter.Stop]() {
			assert.EqualValues(t, 100+field.Index[0]+1, value.Interface(), field.Name)
		}
	}
	assert.Equal(t, dyniter.StopCaller, sum.Stop)
	meter.Add(dyniter.Stats{Stop: dyniter.StopError})
	assert.Equal(t, dyniter.StopError, meter.Stats().Stop)

	var nobodys *dyniter.Meter
	nobodys.Add(first)
	assert.Zero(t, nobodys.Stats())
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
