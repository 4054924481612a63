package codec_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Times load as the standard library reads them, in whatever form they are
// written, and are refused where it refuses them.
func TestTimesAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	type item struct {
		T time.Time `dynamodbav:"t"`
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	g := rand.New(rand.NewPCG(seed, 0))
	texts := []string{
		"", "Z", "2026-11-22T01:02:03Z", "2026-11-22T01:02:03.5Z", "2026-11-22T01:02:03.123456789Z", "2026-11-22T01:02:03.1234567891Z",
		"2026-11-22T01:02:03.Z", "2026-11-22T01:02:03,5Z", "2026-11-22T01:02:03.5", "2026-11-22T01:02:03z", "2026-11-22t01:02:03Z",
		"2026-11-22T01:02:03+01:00", "2026-11-22T24:00:00Z", "2026-11-22T23:60:00Z", "2026-11-22T23:59:60Z", "2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2000-02-29T00:00:00Z",
		"1900-02-28T00:00:00Z", "1970-01-01T00:00:00Z", "1969-12-28T23:59:59Z", "9999-12-31T23:59:59.999999999Z", "0000-01-01T00:00:00Z",
		"20a6-11-22T01:02:03Z", "2026-11-22T01:02:03.5aZ", "2026-11-22T01:02:0:Z", "2026/11/22T01:02:03Z", "2026-11-22T1:02:03Z",
	}
	for i := range 20_000 {
		at := time.Unix(g.Int64N(253402300800), g.Int64N(1e9)).UTC()
		if i%2 == 0 {
			at = at.Truncate(time.Duration(1+g.IntN(1000)) * time.Millisecond)
		}
		texts = append(texts, at.Format(time.RFC3339Nano))
	}
	c := codecOf[item](t)
	for _, text := range texts {
		var got item
		err := c.DecodeItem(fmt.Appendf(nil, `{"t":{"S":%q}}`, text), reflect.ValueOf(&got).Elem())
		want, wantErr := time.Parse(time.RFC3339, text)
		require.Equal(t, wantErr == nil, err == nil, text)
		assert.Equal(t, want.UTC(), got.T, text)
	}
}
