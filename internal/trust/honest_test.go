package trust_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/key"
)

// TestHonestAnswers: the largest answers that DynamoDB gives are taken, by each way:
// numbers are written out there, and a list of them is the longest text that an item
// can be; 32 levels are the deepest.
func TestHonestAnswers(t *testing.T) {
	t.Parallel()
	const written = 126
	number := `{"N":"1` + strings.Repeat("0", written-1) + `"},`
	numbers := strings.Repeat(number, 400<<10/3)
	long := `{"team":{"S":"t"},"at":{"N":"1"},"data":{"M":{"l":{"L":[` + strings.TrimSuffix(numbers, ",") + `]}}}}`
	nested := `{"team":{"S":"t"},"at":{"N":"1"},"data":` + strings.Repeat(`{"M":{"a":`, 31) + `{"S":"x"}` + strings.Repeat(`}}`, 31) + `}`
	last := strings.TrimSuffix(strings.Repeat(number, 200<<10/3), ",")
	rest := `{"team":{"S":"t"},"at":{"N":"2"},"data":{"M":{"l":{"L":[` + last + `]}}}}`
	for _, way := range ways {
		l := &liar{answer: func(op string, _ int) *http.Response {
			if op == "GetItem" {
				return answer(200, `{"Item":`+long+`}`)
			}
			return answer(200, fmt.Sprintf(`{"Count":3,"ScannedCount":3,"Items":[%s,%s,%s]}`, long, nested, rest))
		}}
		r := notes(t, way, l)
		got, err := r.Get(t.Context(), noteKey)
		require.NoError(t, err, way)
		assert.Len(t, got.Data["l"], 400<<10/3, way)
		all, err := r.Query(key.Of("t")).Collect(t.Context())
		require.NoError(t, err, way)
		assert.Len(t, all, 3, way)
	}
}
