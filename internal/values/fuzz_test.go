package values_test

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/values"
)

// number is the form of numbers that DynamoDB takes, of few digits here.
var number = regexp.MustCompile(`^[+-]?([0-9]{1,50}\.?[0-9]{0,50}|\.[0-9]{1,50})([eE][+-]?[0-9]{1,3})?$`)

// FuzzNumbers: two texts are the same number, and the same key, if they are for
// math/big.
func FuzzNumbers(f *testing.F) {
	for _, n := range []string{"0", "-0", "1", "1.0", "01", "+1", "1e0", "10e-1", "0.1e1", "1E2", "100", "1.50", "1.5", ".5", "0.5", "5e-1", "1e125", "-1e-130", "00.00e5"} {
		for _, m := range []string{"0", "1", "100", "0.5", "-1"} {
			f.Add(n, m)
		}
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if !number.MatchString(a) || !number.MatchString(b) {
			return
		}
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		same := x.Cmp(y) == 0
		av, bv := &types.AttributeValueMemberN{Value: a}, &types.AttributeValueMemberN{Value: b}
		assert.Equal(t, same, values.Equal(av, bv), "%s, %s", a, b)
		assert.Equal(t, same, string(values.AppendID(nil, av)) == string(values.AppendID(nil, bv)), "%s, %s", a, b)
	})
}

// FuzzIDs: keys of a table have one id if they are one key: parts are told apart
// whatever is in them.
func FuzzIDs(f *testing.F) {
	for _, s := range []string{"", "a", "ab", "|", "\x00", "a\x00", "1", "\xff", "S1"} {
		f.Add(s, "b", "a", s)
		f.Add(s, s, s, s)
	}
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		id := func(hash, sort types.AttributeValue) string {
			return string(values.AppendID(values.AppendID(nil, hash), sort))
		}
		s := func(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }
		bin := func(text string) types.AttributeValue { return &types.AttributeValueMemberB{Value: []byte(text)} }
		require.Equal(t, a == c && b == d, id(s(a), s(b)) == id(s(c), s(d)))
		require.Equal(t, a == c && b == d, id(bin(a), s(b)) == id(bin(c), s(d)))
		require.False(t, strings.HasPrefix(id(s(a), s(b)), id(s(c), s(d))) && (a != c || b != d), "an id begins with no other")
	})
}
