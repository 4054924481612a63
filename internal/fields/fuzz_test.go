package fields

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzTag: whatever stands in the tags, what is taken has each option once and is
// one that was given; the rest is an error, and no type makes the check panic.
func FuzzTag(f *testing.F) {
	for _, tag := range []string{
		"", "name", "-", ",", "name,", "name,omitempty", ",string", "a,stringset", "a,stringset,omitempty", "a,omitempty,omitempty", "a,unknown",
		"a b,unixtime", "a,,", ",nullempty,nullemptyelem", "a, omitempty", "a,numberset,binaryset", "größe,omitemptyelem", "\xff",
	} {
		for _, own := range []string{"", "text", "sdktime", "text,sdktime", "text,text", ",", "other"} {
			f.Add(tag, own)
		}
	}
	types := []reflect.Type{
		reflect.TypeFor[string](), reflect.TypeFor[*int](), reflect.TypeFor[float64](), reflect.TypeFor[[]string](), reflect.TypeFor[[]byte](),
		reflect.TypeFor[[][]byte](), reflect.TypeFor[[3]int](), reflect.TypeFor[time.Time](), reflect.TypeFor[*time.Time](), reflect.TypeFor[any](),
		reflect.TypeFor[map[string]time.Time](), reflect.TypeFor[struct{ A int }](), reflect.TypeFor[[]any](), reflect.TypeFor[[]*[]time.Time](),
	}
	f.Fuzz(func(t *testing.T, text, own string) {
		name, tag, err := parseTag(text)
		first, rest, _ := strings.Cut(text, ",")
		require.Equal(t, first, name)
		if err != nil {
			return
		}
		require.Equal(t, count(rest), options(tag), "%q", text)
		before := options(tag)
		if err := parseOwn(own, &tag); err != nil {
			return
		}
		require.Equal(t, before+count(own), options(tag), "%q", own)
		for _, typ := range types {
			if tag.check(typ) == nil {
				assert.LessOrEqual(t, options(Tag{StringSet: tag.StringSet, NumberSet: tag.NumberSet, BinarySet: tag.BinarySet}), 1)
			}
		}
	})
}

// count is how many options a text has.
func count(text string) int {
	n := 0
	for o := range strings.SplitSeq(text, ",") {
		if o != "" {
			n++
		}
	}
	return n
}

// options is how many options are set.
func options(tag Tag) int {
	n := 0
	for _, f := range reflect.ValueOf(tag).Fields() {
		if f.Bool() {
			n++
		}
	}
	return n
}
