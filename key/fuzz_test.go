package key_test

import (
	"cmp"
	"math"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/key"
)

// fuzzed are composites of a string, an integer and a string, by delimiter and
// with literals in every place.
var fuzzed = func() []key.Part {
	s, n, last := key.String("s"), key.Int("n"), key.String("last")
	var parts []key.Part
	for _, d := range []string{"|", "#", "::", "/_/", " ", "~", "||"} {
		parts = append(parts,
			key.Composite("id", s, n, last).Delimiter(d),
			key.Composite("id", s, n.Sortable(), last).Delimiter(d),
			key.Composite("id", key.Literal("A"), s, key.Literal("B"), n, last, key.Literal("")).Delimiter(d),
		)
	}
	return parts
}()

func seeds(f *testing.F, add func(s, last string, n int64)) {
	f.Helper()
	for _, s := range []string{"", "model_1", "a|b", "%", "%7C", "::", ":", "#/_/ ~", "A", "größe·日本", "\xff\x00"} {
		for _, n := range []int64{0, 42, -1, math.MinInt64, math.MaxInt64} {
			add(s, strings.ToUpper(s)+"x", n)
		}
	}
}

// FuzzRoundTrip: Split gives back what Join was given, Decode what Encode was.
func FuzzRoundTrip(f *testing.F) {
	seeds(f, func(s, last string, n int64) { f.Add(s, last, n) })
	f.Fuzz(func(t *testing.T, s, last string, n int64) {
		for _, part := range fuzzed {
			want := []any{s, n, last}
			text, err := part.Join(want...)
			require.NoError(t, err)
			got, err := part.Split(text)
			require.NoError(t, err)
			assert.Equal(t, want, got)

			avs := attributeValues(want)
			av, err := part.Inside(door.Key{}).Encode(avs)
			require.NoError(t, err)
			assert.Equal(t, str(text), av)
			decoded, err := part.Inside(door.Key{}).Decode(av)
			require.NoError(t, err)
			assert.Equal(t, avs, decoded)
		}
	})
}

// FuzzPrefix: a prefix of a part is a prefix of its text, composites start with
// the prefix of their own leading fields and of no others, and lie below its
// ceiling, which is none of them.
func FuzzPrefix(f *testing.F) {
	seeds(f, func(s, last string, n int64) { f.Add(s, last, n, uint(len(s)/2)) })
	f.Fuzz(func(t *testing.T, a, b string, n int64, cut uint) {
		for _, part := range fuzzed {
			leading := attributeValues([]any{a})
			ofA, err := part.Join(a, n, b)
			require.NoError(t, err)
			ofB, err := part.Join(b, n, a)
			require.NoError(t, err)

			stem, err := part.Inside(door.Key{}).Stem(attributeValues([]any{a[:min(cut, uint(len(a)))]}))
			require.NoError(t, err)
			assert.True(t, strings.HasPrefix(ofA, stem))

			for _, values := range [][]types.AttributeValue{nil, leading, attributeValues([]any{a, n})} {
				prefix, err := part.Inside(door.Key{}).Prefix(values)
				require.NoError(t, err)
				assert.True(t, strings.HasPrefix(ofA, prefix))
				if prefix == "" {
					continue
				}
				if len(values) > 0 {
					assert.Equal(t, a == b, strings.HasPrefix(ofB, prefix))
				}
				ceiling := part.Inside(door.Key{}).Ceiling(prefix)
				assert.Greater(t, ceiling, ofA)
				assert.Equal(t, strings.HasPrefix(ofB, prefix), prefix <= ofB && ofB < ceiling)
				_, err = part.Split(ceiling)
				assert.ErrorIs(t, err, key.ErrKey)
			}
		}
	})
}

// FuzzSortable: byte order is the order of the integers, also of texts with
// something behind them.
func FuzzSortable(f *testing.F) {
	for _, m := range []int64{0, 1, -1, 9, 10, -10, math.MinInt64, math.MaxInt64} {
		f.Add(m, m+1)
		f.Add(m, int64(0))
	}
	part := key.Composite("sk", key.Int("n").Sortable(), key.String("s"))
	f.Fuzz(func(t *testing.T, m, n int64) {
		a, err := part.Join(m, "")
		require.NoError(t, err)
		b, err := part.Join(n, "")
		require.NoError(t, err)
		assert.Equal(t, cmp.Compare(m, n), strings.Compare(a, b))
	})
}

// FuzzSplit: Split never panics, and Join gives back what it accepts.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		"", "|", "||", "a|1|b", "a|-1|b", "a|007|b", "a%7Cb|1|", "%|1|b", "%7", "A|a|B|1|b|", "A#a#B#1#b#", "a::1::b", ":::::",
		"a|10000000000000000042|b", "a|29999999999999999999|b", "a|9223372036854775808|b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, part := range fuzzed {
			values, err := part.Split(s)
			avs, decodeErr := part.Inside(door.Key{}).Decode(str(s))
			if err != nil {
				assert.ErrorIs(t, err, key.ErrKey)
				assert.Equal(t, err, decodeErr)
				continue
			}
			require.NoError(t, decodeErr)
			assert.Equal(t, avs, attributeValues(values))
			text, err := part.Join(values...)
			require.NoError(t, err)
			assert.Equal(t, s, text)
		}
	})
}
